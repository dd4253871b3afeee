/**
 * One row from its first request to its last answer, read from the request files and the landed results: nothing is stored
 * for it. Lines are searched as bytes and only those that may be the row's are parsed.
 */
import type { PlannedBatch } from '../core/batch.ts'
import type { JsonObject } from '../core/json.ts'
import { runFiles } from '../core/names.ts'
import { parseRequestLine, type StoredLine } from '../core/request-line.ts'
import type { Outcome } from '../core/result.ts'
import type { BatchState } from '../core/run.ts'
import { lineBlocks } from '../disk/lines.ts'
import { bodyPreview } from '../prompt/body.ts'
import { type FollowUpKind, parseCarried } from './carried.ts'
import { neverSent, rowAfter } from './outcomes.ts'
import { readWithdrawn, shapeOf } from './outgoing.ts'
import { PlainWriter } from './plain-outcome.ts'
import type { RunContext } from './ports.ts'
import { customIdOfLine, PlanDamagedError } from './request-file.ts'
import { parseResultLine } from './result-line.ts'
import type { TrailStep } from './trail.ts'
import { rejectedRows, reusedRows } from './unsent-rows.ts'

/** One trip of a row: what was sent, and what came back. */
export interface RowRound {
  /** The batch's, so a row that is done earlier than others has fewer of them. */
  readonly attempt: number
  /** Why the row travelled again; null: its first request. */
  readonly kind: FollowUpKind | null
  /** null: the attempt has not been sent. */
  readonly batchId: string | null
  /** The request's body, the bytes of documents replaced by what they are. */
  readonly request: JsonObject
  /** The provider's line, as it was landed; null: it is not in, or there was none. */
  readonly result: JsonObject | null
  /** Why it was not sent after all; null: it was. */
  readonly withdrawn: string | null
}

export interface RowTranscript {
  readonly batch: PlannedBatch
  /** null: the row still waits for an answer. */
  readonly outcome: Outcome | null
  readonly rounds: readonly RowRound[]
}

/** undefined: no row of the run has that key. `states` has a state for every batch. */
export async function rowTranscript(
  context: RunContext,
  states: readonly BatchState[],
  key: string,
): Promise<RowTranscript | undefined> {
  for (const batch of context.header.batches) {
    const state = states[batch.index]
    if (state === undefined) continue
    const planned = batch.requests === 0 ? undefined : await findLine(context, batch.index, 1, key)
    if (planned === undefined) {
      const outcome = await unsentOutcome(context, batch, key)
      if (outcome !== undefined) return { batch, outcome, rounds: [] }
      continue
    }
    const trips = await tripsOf(context, state, planned.line)
    const rounds = trips.map((trip) => roundOf(context, trip))
    return { batch, outcome: outcomeAfter(context, planned.line, trips), rounds }
  }
  return undefined
}

/** Every trip of a row of this batch, in order, the one that is planned or out included. */
export async function rowRounds(
  context: RunContext,
  batch: PlannedBatch,
  state: BatchState,
  key: string,
): Promise<RowRound[]> {
  const planned = batch.requests === 0 ? undefined : await findLine(context, batch.index, 1, key)
  if (planned === undefined) return []
  return (await tripsOf(context, state, planned.line)).map((trip) => roundOf(context, trip))
}

interface RowTrip {
  readonly attempt: number
  /** Empty: not sent yet, or nothing of the attempt could be sent. */
  readonly id: string
  readonly isIn: boolean
  readonly step: TrailStep
}

async function tripsOf(context: RunContext, state: BatchState, planned: StoredLine): Promise<RowTrip[]> {
  const { index } = state
  const found: RowTrip[] = []
  for (const { attempt, id, requests } of state.trips) {
    const at = await findLine(context, index, attempt, planned.key)
    if (at === undefined) continue
    const withdrawn = await readWithdrawn(context, index, attempt)
    // What was over the attempt's cut travelled with the next one.
    if (at.position >= requests + withdrawn.size) continue
    const reason = withdrawn.get(planned.ordinal)
    const raw = reason === undefined ? await findResult(context, index, attempt, planned) : undefined
    found.push({ attempt, id, isIn: true, step: { line: at.line, withdrawn: reason, raw } })
  }
  const { attempt } = state
  if (state.phase === 'done' || state.trips.some((trip) => trip.attempt === attempt)) return found
  const open = await findLine(context, index, attempt, planned.key)
  if (open === undefined) return found
  const step = { line: open.line, withdrawn: undefined, raw: undefined }
  return [...found, { attempt, id: state.remote?.id ?? '', isIn: false, step }]
}

/** null while an attempt with the row is planned or out. */
function outcomeAfter(context: RunContext, planned: StoredLine, trips: readonly RowTrip[]): Outcome | null {
  const last = trips.at(-1)
  if (last === undefined) return neverSent(context, planned).outcome
  return last.isIn ? rowAfter(new PlainWriter(context), planned, last, last.step).outcome : null
}

function roundOf(context: RunContext, { attempt, id, step }: RowTrip): RowRound {
  const { line, withdrawn, raw } = step
  return {
    attempt,
    kind: attempt === 1 ? null : parseCarried(line.about).kind,
    batchId: id === '' ? null : id,
    request: bodyPreview(shapeOf(context, line), line.parts),
    result: raw === undefined ? null : parseResultLine(raw),
    withdrawn: withdrawn ?? null,
  }
}

const MAX_LINE_BYTES = 512_000_000

async function findLine(
  { artifacts, header }: RunContext,
  index: number,
  attempt: number,
  key: string,
): Promise<{ line: StoredLine; position: number } | undefined> {
  const name = runFiles.requests(index, attempt)
  const wanted = Buffer.from(`\t${JSON.stringify(key)}\t`)
  let position = 0
  for await (const lines of lineBlocks(artifacts.read(header.run, name), MAX_LINE_BYTES, damaged(header.run, name))) {
    for (const bytes of lines) {
      const line = bytes.includes(wanted) ? parseRequestLine(bytes) : undefined
      if (line?.key === key) return { line, position }
      position += 1
    }
  }
  return undefined
}

async function findResult(
  { artifacts, header }: RunContext,
  index: number,
  attempt: number,
  row: StoredLine,
): Promise<Uint8Array | undefined> {
  const name = runFiles.results(index, attempt)
  const customId = customIdOfLine(header, row)
  const wanted = Buffer.from(JSON.stringify(customId))
  for await (const lines of lineBlocks(artifacts.read(header.run, name), MAX_LINE_BYTES, damaged(header.run, name))) {
    for (const bytes of lines) {
      if (bytes.includes(wanted) && parseResultLine(bytes).custom_id === customId) return bytes
    }
  }
  return undefined
}

/** Of a row that was rejected, or answered by an earlier run. */
async function unsentOutcome(context: RunContext, batch: PlannedBatch, key: string): Promise<Outcome | undefined> {
  for (const rows of [rejectedRows(context, batch), reusedRows(context, batch)]) {
    for await (const { outcome } of rows) if (outcome.key === key) return outcome
  }
  return undefined
}

function damaged(run: string, name: string): () => Error {
  return () => new PlanDamagedError(run, name)
}
