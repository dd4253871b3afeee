// One run as one HTML file.

import { join, resolve } from 'node:path'
import type { BatchState, RunHeader } from '../core/run.ts'
import { createAtomicFile } from '../disk/atomic-file.ts'
import { LineWriter } from '../disk/line-writer.ts'
import type { ModelSpec } from '../provider/provider.ts'
import { RunFacts } from '../report/facts.ts'
import { reportPage } from '../report/report.ts'
import type { ReceiptLine, RunView } from '../report/run-view.ts'
import { batchOutcomes } from '../run/outcomes.ts'
import type { RunContext } from '../run/ports.ts'
import type { SettledRow } from '../run/settled-row.ts'
import { contextOf } from './bind.ts'
import { runViewWithStates } from './run-view.ts'
import type { Workspace } from './workspace.ts'

/**
 * Writes the report and answers its absolute path. `out` is relative to where the person stands; without it the report
 * is `out/report-RUN.html` below the root. Outcomes are read twice: all of them for the facts, then those that are shown.
 */
export async function writeReport(
  workspace: Workspace,
  header: RunHeader,
  options: { out?: string; version: string },
): Promise<string> {
  const { surroundings, root } = workspace
  const path =
    options.out === undefined ? join(root, 'out', `report-${header.run}.html`) : resolve(surroundings.cwd, options.out)
  const context = contextOf(workspace, header)
  const { run, states } = await runViewWithStates(workspace, header)
  const facts = new RunFacts()
  for await (const { outcome } of settledRows(context, states, surroundings.signal)) facts.add(outcome)
  const file = await createAtomicFile(path)
  const writer = new LineWriter(file)
  try {
    const page = reportPage({
      run,
      facts,
      receipt: receiptOf(run, context.model),
      outcomes: outcomesOf(settledRows(context, states, surroundings.signal)),
      now: surroundings.clock.now(),
      version: options.version,
    })
    for await (const piece of page) await writer.add(piece)
    await writer.commit()
  } catch (error) {
    await writer.abort()
    throw error
  }
  return path
}

async function* settledRows(
  context: RunContext,
  states: readonly BatchState[],
  signal: AbortSignal,
): AsyncGenerator<SettledRow> {
  for (const batch of context.header.batches) {
    const state = states[batch.index]
    if (state === undefined) continue
    signal.throwIfAborted()
    yield* batchOutcomes(context, batch, state)
  }
}

async function* outcomesOf(rows: AsyncIterable<SettledRow>) {
  for await (const { outcome } of rows) yield outcome
}

/** The share of a cost that rounding explains. */
const ROUNDING = 1e-4

/**
 * The tokens of a run with their prices. Where the price depends on a prompt's length only the tokens are told, and what
 * the lines do not explain (writes that are kept for an hour, searches) has a line of its own.
 */
export function receiptOf(run: Pick<RunView, 'usage' | 'cost_usd'>, model: ModelSpec | undefined): ReceiptLine[] {
  const { usage } = run
  const [price, ...others] = model?.prices ?? []
  const isPlain = price !== undefined && others.length === 0 && run.cost_usd !== null
  const line = (what: string, tokens: number, listPrice: number | undefined): ReceiptLine => {
    const usdPerMillion = isPlain && listPrice !== undefined ? listPrice * (model?.batchFactor ?? 1) : null
    return { what, tokens, usdPerMillion, usd: usdPerMillion === null ? null : (tokens * usdPerMillion) / 1e6 }
  }
  const lines = [
    line('Input', usage.input_tokens, price?.input),
    line('Output', usage.output_tokens, price?.output),
    line('Written to the cache', usage.cache_creation_input_tokens, price?.cacheWrite5m),
    line('Read from the cache', usage.cache_read_input_tokens, price?.cacheRead),
  ].filter(({ tokens }, at) => at < 2 || (tokens ?? 0) > 0)
  if (!isPlain) return lines
  const rest = (run.cost_usd ?? 0) - lines.reduce((sum, { usd }) => sum + (usd ?? 0), 0)
  // What rounding the cost of every row leaves is no cost.
  if (Math.abs(rest) <= (run.cost_usd ?? 0) * ROUNDING) return lines
  const what = 'Other: one-hour cache writes, web searches, answers at another price'
  return [...lines, { what, tokens: null, usdPerMillion: null, usd: rest }]
}
