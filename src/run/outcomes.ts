/**
 * The outcomes of a batch, as sinks receive them, in dataset order. They are stored nowhere: a row's outcome follows from
 * its last line and its last landed result, so it can be made again at any time, for a sink, an export or a look.
 */
import type { PlannedBatch } from '../core/batch.ts'
import type { Json } from '../core/json.ts'
import { runFiles } from '../core/names.ts'
import type { RejectedLine, RequestLine, ReusedLine } from '../core/request-line.ts'
import { type Outcome, outcomeUsage, type Result } from '../core/result.ts'
import type { BatchState, Trip } from '../core/run.ts'
import { lineBlocks } from '../disk/lines.ts'
import { CARRIED_NOTHING, type Carried, parseRowFields } from './carried.ts'
import type { RunContext } from './ports.ts'
import { customIdOfLine, PlanDamagedError, readRequests } from './request-file.ts'
import { type Final, failed } from './settle.ts'
import { carriedOf, settleLine, settleResult } from './settle-attempt.ts'
import { Trail, type TrailStep } from './trail.ts'

/** A row whose outcome is final so far. */
export interface SettledRow {
  readonly ordinal: number
  readonly outcome: Outcome
  /** The row's planned line; absent for a row that was rejected or reused at planning. */
  readonly planned?: RequestLine
  /** The line of its latest trip, with its attempt; absent for a row that was never sent. */
  readonly last?: { readonly line: RequestLine; readonly attempt: number; readonly carried: Carried }
}

/** Rows of the batch's range, rejected ones included. Rows that still wait for an answer are left out. */
export async function* batchOutcomes(
  context: RunContext,
  batch: PlannedBatch,
  state: BatchState,
): AsyncGenerator<SettledRow> {
  const unsent = inOrder(rejectedRows(context, batch), reusedRows(context, batch))
  yield* inOrder(unsent, sentRows(context, batch, state))
}

async function* inOrder(a: AsyncGenerator<SettledRow>, b: AsyncGenerator<SettledRow>): AsyncGenerator<SettledRow> {
  let waiting = await a.next()
  for await (const row of b) {
    for (; !waiting.done && waiting.value.ordinal < row.ordinal; waiting = await a.next()) yield waiting.value
    yield row
  }
  for (; !waiting.done; waiting = await a.next()) yield waiting.value
}

const MAX_LINE_BYTES = 256_000_000

/** The rows of a batch's range that were never sent, because their checks failed. */
export async function* rejectedRows(context: RunContext, batch: PlannedBatch): AsyncGenerator<SettledRow> {
  if (batch.rejected === 0) return
  const { artifacts, header } = context
  const name = runFiles.rejected(batch.index)
  const tooLong = (): Error => new PlanDamagedError(header.run, name)
  for await (const lines of lineBlocks(artifacts.read(header.run, name), MAX_LINE_BYTES, tooLong)) {
    for (const text of lines) {
      const line = JSON.parse(text.toString('utf8')) as RejectedLine
      const final = failed('rejected', 'rejected', line.reason)
      const sent = { customId: null, batchId: null, final, carried: CARRIED_NOTHING }
      yield { ordinal: line.ordinal, outcome: outcomeOf(context, line.key, line.row, sent) }
    }
  }
}

/** The rows of a batch's range whose answer is an earlier run's: nothing was spent on them here. */
export async function* reusedRows(context: RunContext, batch: PlannedBatch): AsyncGenerator<SettledRow> {
  if (batch.reused === undefined) return
  const { artifacts, header, provider } = context
  const name = runFiles.reused(batch.index)
  const tooLong = (): Error => new PlanDamagedError(header.run, name)
  for await (const lines of lineBlocks(artifacts.read(header.run, name), MAX_REUSED_BYTES, tooLong)) {
    for (const text of lines) {
      const reused = JSON.parse(text.toString('utf8')) as ReusedLine
      const { customId, result } = provider.decode(reused.line)
      const { final } = settleResult(context, CARRIED_NOTHING, result).settled
      const sent = { customId, batchId: reused.batch, final, carried: CARRIED_NOTHING }
      yield { ordinal: reused.ordinal, outcome: outcomeOf(context, reused.key, reused.row, sent) }
    }
  }
}

/** An answer and its row. */
export const MAX_REUSED_BYTES = 768_000_000

async function* sentRows(context: RunContext, batch: PlannedBatch, state: BatchState): AsyncGenerator<SettledRow> {
  if (batch.requests === 0) return
  const { artifacts, header } = context
  const trails: Trail[] = []
  const pending = await pendingOrdinals(context, batch, state)
  try {
    for (const trip of state.trips) trails.push(await Trail.open(context, batch.index, trip))
    for await (const planned of readRequests(artifacts, header.run, batch.index, 1)) {
      const row = await latest(context, planned, trails)
      if (pending.has(planned.ordinal)) continue
      if (row !== undefined) yield row
      else if (state.phase === 'done') yield neverSent(context, planned)
    }
  } finally {
    for (const trail of trails) await trail.close()
  }
}

/** Rows of an attempt that is planned or out: they have an outcome only when it is in. */
async function pendingOrdinals(
  context: RunContext,
  batch: PlannedBatch,
  state: BatchState,
): Promise<ReadonlySet<number>> {
  const pending = new Set<number>()
  const isOpen = state.phase !== 'done' && state.attempt > 1
  if (!isOpen) return pending
  for await (const line of readRequests(context.artifacts, context.header.run, batch.index, state.attempt)) {
    pending.add(line.ordinal)
  }
  return pending
}

/** The row as its latest trip left it; undefined: it made none. */
async function latest(
  context: RunContext,
  planned: RequestLine,
  trails: readonly Trail[],
): Promise<SettledRow | undefined> {
  let found: SettledRow | undefined
  for (const trail of trails) {
    const step = await trail.at(planned.ordinal)
    if (step !== undefined) found = rowAfter(context, planned, trail.trip, step)
  }
  return found
}

/** The row as one trip left it. */
export function rowAfter(
  context: RunContext,
  planned: RequestLine,
  { attempt, id }: Pick<Trip, 'attempt' | 'id'>,
  step: TrailStep,
): SettledRow {
  const { ordinal, key } = planned
  const fields = parseRowFields(planned.about)
  if (step.withdrawn !== undefined) {
    const final = failed('rejected', 'document_changed', step.withdrawn)
    // What the rounds before this one used stays counted.
    const carried = carriedOf({ attempt }, step.line)
    const outcome = outcomeOf(context, key, fields, { customId: null, batchId: null, final, carried })
    return { ordinal, outcome, planned, last: { line: step.line, attempt, carried } }
  }
  const { settled, carried } = settleLine(context, { attempt }, step.line, step.raw)
  const customId = customIdOfLine(context.header, planned)
  const outcome = outcomeOf(context, key, fields, { customId, batchId: id, final: settled.final, carried })
  return { ordinal, outcome, planned, last: { line: step.line, attempt, carried } }
}

/** A row of a batch that is done, which was in none of its trips. */
export function neverSent(context: RunContext, planned: RequestLine): SettledRow {
  const final = failed('canceled', 'canceled', 'The run was cancelled before this request was sent.')
  const sent = { customId: null, batchId: null, final, carried: CARRIED_NOTHING }
  const outcome = outcomeOf(context, planned.key, parseRowFields(planned.about), sent)
  return { ordinal: planned.ordinal, outcome, planned }
}

/** The outcome of a row that was asked once and is asked no more. */
export function outcomeOfResult(
  context: RunContext,
  row: { readonly key: string; readonly row: Outcome['row']; readonly customId: string },
  carried: Carried,
  result: Result,
): Outcome {
  const { settled, carried: after } = settleResult(context, carried, result)
  return outcomeOf(context, row.key, row.row, {
    customId: row.customId,
    batchId: null,
    final: settled.final,
    carried: after,
  })
}

interface Sent {
  readonly customId: string | null
  readonly batchId: string | null
  readonly final: Final
  readonly carried: Carried
}

function outcomeOf(context: RunContext, key: string, row: Outcome['row'], sent: Sent): Outcome {
  const { final, carried } = sent
  return {
    key,
    custom_id: sent.customId,
    status: final.status,
    output: final.output,
    text: final.text,
    stop_reason: final.stopReason,
    model: final.model ?? context.header.job.model,
    usage: outcomeUsage(carried.usage),
    cost_usd: carried.costUsd,
    attempts: carried.attempts,
    rounds: carried.rounds,
    batch_id: sent.batchId,
    error: final.error,
    ...(final.citations.length > 0 ? { citations: final.citations } : {}),
    ...(final.toolCalls.length > 0 ? { tool_calls: final.toolCalls as unknown as readonly Json[] } : {}),
    row,
  }
}
