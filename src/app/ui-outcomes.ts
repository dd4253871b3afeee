// Outcomes of a run for the local page: found without holding more than a page of them.

import type { PlannedBatch } from '../core/batch.ts'
import type { BatchState } from '../core/run.ts'
import type { RunContext } from '../run/ports.ts'
import type { OutcomePage, OutcomeQuery, UiRow } from '../ui/ui.ts'
import { batchLines, lineMatcher, needleOf } from './row-lines.ts'

/** Somebody waits: what is found by then is shown, and where to look on. Milliseconds. */
const PATIENCE_MS = 600

export async function findOutcomes(
  context: RunContext,
  states: readonly BatchState[],
  query: OutcomeQuery,
  now: () => number,
): Promise<OutcomePage> {
  const { batches, rows: total } = context.header
  const match = lineMatcher(query)
  const needle = needleOf(query.text)
  const rows: UiRow[] = []
  const deadline = now() + PATIENCE_MS
  for (const batch of batches) {
    const state = states[batch.index]
    if (state === undefined || batch.toOrdinal <= query.from || !mayHold(batch, state, query)) continue
    for await (const lines of batchLines(context, batch, state, needle)) {
      for (const line of lines) {
        const row = match(line)
        if (row === undefined) continue
        rows.push(row)
        if (rows.length === query.limit) return { rows, next: nextAfter(row.ordinal, total), total }
      }
      const last = lines.at(-1)
      if (last !== undefined && now() > deadline) {
        return { rows, next: nextAfter(Math.max(ordinalOf(last), query.from - 1), total), total }
      }
    }
    if (now() > deadline) return { rows, next: nextAfter(batch.toOrdinal - 1, total), total }
  }
  return { rows, next: null, total }
}

/** The tally knows how many rows of a status a batch has; most batches have none that failed. */
function mayHold(batch: PlannedBatch, { tally }: BatchState, { status }: OutcomeQuery): boolean {
  if (status === undefined) return true
  return tally.statuses[status] > 0 || (status === 'rejected' && batch.rejected > 0)
}

function ordinalOf(line: Buffer): number {
  return Number(line.toString('latin1', 2, line.indexOf(TAB, 2)))
}

function nextAfter(ordinal: number, total: number): number | null {
  return ordinal + 1 < total ? ordinal + 1 : null
}

const TAB = 9
