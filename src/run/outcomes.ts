/**
 * The outcomes of a batch, as sinks receive them, in dataset order. They are stored nowhere: a row's outcome follows from
 * its last line and its last landed result, so it can be made again at any time, for a sink, an export or a look.
 */
import type { PlannedBatch } from '../core/batch.ts'
import { runFiles } from '../core/names.ts'
import type { StoredLine } from '../core/request-line.ts'
import type { Outcome, Result } from '../core/result.ts'
import type { BatchState, Trip } from '../core/run.ts'
import { CARRIED_NOTHING, type Carried, parseRowFields } from './carried.ts'
import { PlainWriter } from './plain-outcome.ts'
import { PlainSentRow } from './plain-row.ts'
import type { RunContext } from './ports.ts'
import { customIdOfLine, PlanDamagedError, readRequests, requestBlocks } from './request-file.ts'
import { failed } from './settle.ts'
import { carriedOf, settleLine, settleResult } from './settle-attempt.ts'
import { outcomeOf, type SettledRow, settledRow } from './settled-row.ts'
import { Trail, type TrailStep } from './trail.ts'
import { rejectedRows, reusedBlocks, reusedRows } from './unsent-rows.ts'

/** Few enough that what is made for a row is forgotten before the garbage collector takes it for something that lasts. */
const BLOCK_ROWS = 256

/** Rows of the batch's range, rejected ones included. Rows that still wait for an answer are left out. */
export async function* batchOutcomes(
  context: RunContext,
  batch: PlannedBatch,
  state: BatchState,
): AsyncGenerator<SettledRow> {
  for await (const rows of outcomeBlocks(context, batch, state)) yield* rows
}

/**
 * The same, many rows at a time: for a million of them it counts how often one waits. Use them before asking for more. With
 * `failed` rows that succeeded may be left out.
 */
export async function* outcomeBlocks(
  context: RunContext,
  batch: PlannedBatch,
  state: BatchState,
  which: 'all' | 'failed' = 'all',
): AsyncGenerator<readonly SettledRow[]> {
  if (batch.requests === 0 && batch.rejected === 0) {
    yield* reusedBlocks(context, batch)
    return
  }
  const unsent = inOrder(rejectedRows(context, batch), reusedRows(context, batch))
  let waiting = await unsent.next()
  for await (const sent of sentRows(context, batch, state, which === 'failed')) {
    const last = sent.at(-1)
    if (waiting.done || last === undefined || waiting.value.ordinal > last.ordinal) {
      yield sent
      continue
    }
    const rows: SettledRow[] = []
    for (const row of sent) {
      for (; !waiting.done && waiting.value.ordinal < row.ordinal; waiting = await unsent.next())
        rows.push(waiting.value)
      rows.push(row)
    }
    yield rows
  }
  for (; !waiting.done; waiting = await unsent.next()) yield [waiting.value]
}

async function* inOrder(a: AsyncGenerator<SettledRow>, b: AsyncGenerator<SettledRow>): AsyncGenerator<SettledRow> {
  let waiting = await a.next()
  for await (const row of b) {
    for (; !waiting.done && waiting.value.ordinal < row.ordinal; waiting = await a.next()) yield waiting.value
    yield row
  }
  for (; !waiting.done; waiting = await a.next()) yield waiting.value
}

async function* sentRows(
  context: RunContext,
  batch: PlannedBatch,
  state: BatchState,
  skipsPlain: boolean,
): AsyncGenerator<readonly SettledRow[]> {
  if (batch.requests === 0) return
  const { artifacts, header } = context
  const writer = new PlainWriter(context)
  const trails: Trail[] = []
  const pending = await pendingOrdinals(context, batch, state)
  try {
    for (const trip of state.trips) {
      trails.push(await Trail.open(context, batch.index, trip, state.trips.length, skipsPlain))
    }
    let seen = 0
    for await (const lines of requestBlocks(artifacts, header.run, batch.index, 1)) {
      let rows: SettledRow[] = []
      for (const planned of lines) {
        seen += 1
        if (rows.length > 0 && (rows.length === BLOCK_ROWS || trails.some((trail) => trail.isAhead(planned)))) {
          // Rows lie in the memory of the results that they were read from, so they go before more is read into it.
          yield rows
          rows = []
        }
        const finding = latest(writer, planned, trails)
        const row = finding instanceof Promise ? await finding : finding
        if (pending.has(planned.ordinal) || (skipsPlain && row instanceof PlainSentRow)) continue
        if (row !== undefined) rows.push(row)
        else if (state.phase === 'done') rows.push(neverSent(context, planned))
      }
      yield rows
    }
    // A file that lost its end must not look like one with fewer rows.
    if (seen !== batch.requests) throw new PlanDamagedError(header.run, runFiles.requests(batch.index, 1))
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

/** The row as its latest trip left it; undefined: it made none. A promise only where something has to be read first. */
function latest(
  writer: PlainWriter,
  planned: StoredLine,
  trails: readonly Trail[],
): SettledRow | undefined | Promise<SettledRow | undefined> {
  let found: SettledRow | undefined
  for (const [at, trail] of trails.entries()) {
    const step = trail.at(planned)
    if (step instanceof Promise) return latestOf(writer, planned, trails.slice(at), step, found)
    if (step !== undefined) found = rowAfter(writer, planned, trail.trip, step)
  }
  return found
}

/** @param reading what the first of the trails is about to say */
async function latestOf(
  writer: PlainWriter,
  planned: StoredLine,
  trails: readonly Trail[],
  reading: Promise<TrailStep>,
  before: SettledRow | undefined,
): Promise<SettledRow | undefined> {
  let found = before
  for (const [at, trail] of trails.entries()) {
    const step = await (at === 0 ? reading : trail.at(planned))
    if (step !== undefined) found = rowAfter(writer, planned, trail.trip, step)
  }
  return found
}

/** The row as one trip left it. */
export function rowAfter(
  writer: PlainWriter,
  planned: StoredLine,
  trip: Pick<Trip, 'attempt' | 'id'>,
  step: TrailStep,
): SettledRow {
  const { context } = writer
  const { line, withdrawn, plain } = step
  const { attempt, id } = trip
  const before = carriedOf(trip, line)
  if (plain !== undefined) return new PlainSentRow(writer, planned, trip, line, before, plain)
  const { ordinal, key } = planned
  const fields = parseRowFields(planned.about)
  if (withdrawn !== undefined) {
    const final = failed('rejected', 'document_changed', withdrawn)
    // What the rounds before this one used stays counted.
    const outcome = outcomeOf(context, key, fields, { customId: null, batchId: null, final, carried: before })
    return { ordinal, status: 'rejected', outcome, planned, last: { line, attempt, carried: before } }
  }
  const { settled: result, carried } = settleLine(context, before, step.raw)
  const customId = customIdOfLine(context.header, planned)
  const outcome = outcomeOf(context, key, fields, { customId, batchId: id, final: result.final, carried })
  return { ordinal, status: outcome.status, outcome, planned, last: { line, attempt, carried } }
}

/** A row of a batch that is done, which was in none of its trips. */
export function neverSent(context: RunContext, planned: StoredLine): SettledRow {
  const final = failed('canceled', 'canceled', 'The run was cancelled before this request was sent.')
  const sent = { customId: null, batchId: null, final, carried: CARRIED_NOTHING }
  const outcome = outcomeOf(context, planned.key, parseRowFields(planned.about), sent)
  return { ...settledRow(planned.ordinal, outcome), planned }
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
