/**
 * The outcomes of a batch, as sinks receive them, in dataset order. They are stored nowhere: a row's outcome follows from
 * its last line and its last landed result, so it can be made again at any time, for a sink, an export or a look.
 */
import { isUtf8 } from 'node:buffer'
import type { PlannedBatch } from '../core/batch.ts'
import type { Json } from '../core/json.ts'
import { runFiles } from '../core/names.ts'
import type { OutcomeText } from '../core/outcome-text.ts'
import type { RejectedLine, RequestLine, StoredLine } from '../core/request-line.ts'
import { type Outcome, outcomeUsage, type Result, type Status } from '../core/result.ts'
import { parseReusedLine, type StoredReused } from '../core/reused-line.ts'
import type { BatchState, Trip } from '../core/run.ts'
import { lineBlocks } from '../disk/lines.ts'
import type { AnswerScanner } from '../provider/provider.ts'
import { CARRIED_NOTHING, type Carried, parseRowFields } from './carried.ts'
import { isFinalText } from './check-output.ts'
import { PlainReusedRow, PlainSentRow } from './plain-row.ts'
import type { RunContext } from './ports.ts'
import { customIdOfLine, PlanDamagedError, readRequests, requestBlocks } from './request-file.ts'
import { parseResultLine } from './result-line.ts'
import { type Final, failed } from './settle.ts'
import { carriedOf, settleLine, settleResult } from './settle-attempt.ts'
import { Trail, type TrailStep } from './trail.ts'

/** A row whose outcome is final so far. */
export interface SettledRow {
  readonly ordinal: number
  readonly status: Status
  /** May be made when it is asked for. */
  readonly outcome: Outcome
  /** Absent: to be had from the outcome only. */
  readonly text?: OutcomeText
  /** The row's planned line; absent for a row that was rejected or reused at planning. */
  readonly planned?: StoredLine
  /** The line of its latest trip, with its attempt; absent for a row that was never sent. */
  readonly last?: { readonly line: RequestLine; readonly attempt: number; readonly carried: Carried }
}

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

const MAX_LINE_BYTES = 256_000_000

/** The rows of a batch's range that were never sent, because their checks failed. */
export async function* rejectedRows(context: RunContext, batch: PlannedBatch): AsyncGenerator<SettledRow> {
  if (batch.rejected === 0) return
  const { artifacts, header } = context
  const name = runFiles.rejected(batch.index)
  const tooLong = (): Error => new PlanDamagedError(header.run, name)
  let seen = 0
  for await (const lines of lineBlocks(artifacts.read(header.run, name), MAX_LINE_BYTES, tooLong)) {
    seen += lines.length
    for (const text of lines) {
      const line = JSON.parse(text.toString('utf8')) as RejectedLine
      const final = failed('rejected', 'rejected', line.reason)
      const sent = { customId: null, batchId: null, final, carried: CARRIED_NOTHING }
      yield settled(line.ordinal, outcomeOf(context, line.key, line.row, sent))
    }
  }
  if (seen !== batch.rejected) throw new PlanDamagedError(header.run, name)
}

/** The rows of a batch's range whose answer is an earlier run's: nothing was spent on them here. */
export async function* reusedRows(context: RunContext, batch: PlannedBatch): AsyncGenerator<SettledRow> {
  if (batch.reused === undefined) return
  const { artifacts, header, provider } = context
  const name = runFiles.reused(batch.index)
  const tooLong = (): Error => new PlanDamagedError(header.run, name)
  const scanner = provider.scanner?.()
  let seen = 0
  for await (const lines of lineBlocks(artifacts.read(header.run, name), MAX_REUSED_BYTES, tooLong)) {
    seen += lines.length
    for (const line of lines) yield reusedRow(context, parseReusedLine(line, tooLong), scanner)
  }
  if (seen !== batch.reused) throw new PlanDamagedError(header.run, name)
}

function reusedRow(context: RunContext, reused: StoredReused, scanner: AnswerScanner | undefined): SettledRow {
  const { ordinal, key, row, line, batch: batchId } = reused
  const answer = isUtf8(line) ? scanner?.scan(line, 0, line.length) : undefined
  if (answer !== undefined && isFinalText(context, line, answer.textStart, answer.textEnd)) {
    const { textStart, textEnd } = answer
    return new PlainReusedRow(context, ordinal, {
      key,
      customId: line.toString('utf8', answer.idStart, answer.idEnd),
      batchId,
      stopReason: line.toString('utf8', answer.stopStart, answer.stopEnd),
      model: line.toString('utf8', answer.modelStart, answer.modelEnd),
      carried: CARRIED_NOTHING,
      bytes: line,
      textStart,
      textEnd,
      row,
    })
  }
  const { customId, result } = context.provider.decode(parseResultLine(line))
  const { final } = settleResult(context, CARRIED_NOTHING, result).settled
  const sent = { customId, batchId, final, carried: CARRIED_NOTHING }
  return settled(ordinal, outcomeOf(context, key, parseRowFields(row.toString('utf8')), sent))
}

/** An answer and its row. */
export const MAX_REUSED_BYTES = 768_000_000

async function* sentRows(
  context: RunContext,
  batch: PlannedBatch,
  state: BatchState,
  skipsPlain: boolean,
): AsyncGenerator<readonly SettledRow[]> {
  if (batch.requests === 0) return
  const { artifacts, header } = context
  const trails: Trail[] = []
  const pending = await pendingOrdinals(context, batch, state)
  try {
    for (const trip of state.trips) trails.push(await Trail.open(context, batch.index, trip, skipsPlain))
    let seen = 0
    for await (const lines of requestBlocks(artifacts, header.run, batch.index, 1)) {
      const rows: SettledRow[] = []
      for (const planned of lines) {
        seen += 1
        const finding = latest(context, planned, trails)
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
  context: RunContext,
  planned: StoredLine,
  trails: readonly Trail[],
): SettledRow | undefined | Promise<SettledRow | undefined> {
  let found: SettledRow | undefined
  for (const [at, trail] of trails.entries()) {
    const step = trail.at(planned)
    if (step instanceof Promise) return latestOf(context, planned, trails.slice(at), step, found)
    if (step !== undefined) found = rowAfter(context, planned, trail.trip, step)
  }
  return found
}

/** @param reading what the first of the trails is about to say */
async function latestOf(
  context: RunContext,
  planned: StoredLine,
  trails: readonly Trail[],
  reading: Promise<TrailStep>,
  before: SettledRow | undefined,
): Promise<SettledRow | undefined> {
  let found = before
  for (const [at, trail] of trails.entries()) {
    const step = await (at === 0 ? reading : trail.at(planned))
    if (step !== undefined) found = rowAfter(context, planned, trail.trip, step)
  }
  return found
}

/** The row as one trip left it. */
export function rowAfter(
  context: RunContext,
  planned: StoredLine,
  { attempt, id }: Pick<Trip, 'attempt' | 'id'>,
  step: TrailStep,
): SettledRow {
  const { line, withdrawn, plain } = step
  const before = carriedOf({ attempt }, line)
  if (plain !== undefined) return new PlainSentRow(context, planned, { attempt, id }, line, before, plain)
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

function settled(ordinal: number, outcome: Outcome): SettledRow {
  return { ordinal, status: outcome.status, outcome }
}

/** A row of a batch that is done, which was in none of its trips. */
export function neverSent(context: RunContext, planned: StoredLine): SettledRow {
  const final = failed('canceled', 'canceled', 'The run was cancelled before this request was sent.')
  const sent = { customId: null, batchId: null, final, carried: CARRIED_NOTHING }
  const outcome = outcomeOf(context, planned.key, parseRowFields(planned.about), sent)
  return { ...settled(planned.ordinal, outcome), planned }
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
