/**
 * Outcomes as lines of bytes that can be searched without being parsed. The lines of a finished batch are kept in a file
 * of the run, made when somebody first looks: settling a million rows again for every look would take minutes.
 *
 *     status (its place in STATUSES) ⇥ ordinal ⇥ UiRow (JSON) ⇥ what is searched, in lower case (JSON)
 */
import type { PlannedBatch } from '../core/batch.ts'
import { type Outcome, STATUSES, type Status } from '../core/result.ts'
import type { BatchState } from '../core/run.ts'
import { LineWriter } from '../disk/line-writer.ts'
import { lineBlocks } from '../disk/lines.ts'
import { answerOf } from '../report/outcome-row.ts'
import { batchOutcomes } from '../run/outcomes.ts'
import type { RunContext } from '../run/ports.ts'
import type { SettledRow } from '../run/settled-row.ts'
import type { UiRow } from '../ui/ui.ts'

/** Characters of an answer that are shown in a table, and that are searched. */
const EXCERPT = 240
const SEARCHED = 2000
const MAX_LINE_BYTES = 64_000_000
/** Of the format above; another number finds no file of this one. */
const VERSION = 1

export function rowLine({ ordinal, outcome }: Pick<SettledRow, 'ordinal' | 'outcome'>, batch: number): string {
  const { key, status, error, usage } = outcome
  const answer = answerOf(outcome)
  const row: UiRow = {
    ordinal,
    batch,
    key,
    status,
    excerpt: answer.slice(0, EXCERPT),
    error: error === null ? null : { type: error.type.slice(0, EXCERPT), message: error.message.slice(0, EXCERPT) },
    inputTokens: usage.input_tokens + usage.cache_read_input_tokens + usage.cache_creation_input_tokens,
    outputTokens: usage.output_tokens,
    costUsd: outcome.cost_usd,
    attempts: outcome.attempts,
  }
  return `${STATUSES.indexOf(status)}\t${ordinal}\t${JSON.stringify(row)}\t${searchText(outcome, answer)}\n`
}

/** What a line must be to be found. */
export interface LineQuery {
  readonly status?: Status
  readonly text?: string
  readonly from: number
}

/** The bytes by which a line is found. */
export function needleOf(text: string | undefined): Buffer | undefined {
  return text === undefined || text === '' ? undefined : Buffer.from(quoted(text))
}

/** Answers a line's row when the line fits. The line is parsed only then. */
export function lineMatcher({ status, text, from }: LineQuery): (line: Buffer) => UiRow | undefined {
  const digit = status === undefined ? undefined : String(STATUSES.indexOf(status)).charCodeAt(0)
  const needle = needleOf(text)
  return (line) => {
    if (digit !== undefined && line[0] !== digit) return undefined
    const tab = line.indexOf(TAB, 2)
    if (from > 0 && Number(line.toString('latin1', 2, tab)) < from) return undefined
    const last = line.lastIndexOf(TAB)
    if (needle !== undefined && line.indexOf(needle, last + 1) < 0) return undefined
    return JSON.parse(line.toString('utf8', tab + 1, last)) as UiRow
  }
}

/**
 * Lines of a batch's settled rows, in order, many at a time: from the file when there is one, else made one by one. With
 * a needle lines that do not hold it may be left out.
 */
export async function* batchLines(
  context: RunContext,
  batch: PlannedBatch,
  state: BatchState,
  needle?: Buffer,
): AsyncGenerator<Buffer[]> {
  const { artifacts, header } = context
  const name = indexName(state)
  if (state.phase === 'done' && (await artifacts.size(header.run, name)) !== undefined) {
    const tooLong = (): Error => new Error(`${name} of run ${header.run} is damaged: remove it, and it is made again.`)
    // New memory for each of hundreds of pieces keeps the collector busier than the search.
    const pieces = artifacts.read(header.run, name, undefined, { reuse: true })
    yield* needle === undefined ? lineBlocks(pieces, MAX_LINE_BYTES, tooLong) : linesWith(needle, pieces)
    return
  }
  for await (const row of batchOutcomes(context, batch, state)) {
    // Without its newline, as a file's lines are given.
    yield [Buffer.from(rowLine(row, batch.index)).subarray(0, -1)]
  }
}

/**
 * Keeps the lines of a batch that is done, unless they are kept already. `mayGoOn` is awaited every few rows, so that
 * others have their turn; what it throws ends the work and leaves no file.
 */
export async function keepLines(
  context: RunContext,
  batch: PlannedBatch,
  state: BatchState,
  mayGoOn: () => Promise<void>,
): Promise<void> {
  const { artifacts, header } = context
  if (state.phase !== 'done' || (await artifacts.size(header.run, indexName(state))) !== undefined) return
  const writer = new LineWriter(await artifacts.create(header.run, indexName(state)))
  try {
    let rows = 0
    for await (const row of batchOutcomes(context, batch, state)) {
      await writer.add(rowLine(row, batch.index))
      rows += 1
      if (rows % BREATH === 0) await mayGoOn()
    }
    await writer.commit()
  } catch (error) {
    await writer.abort()
    throw error
  }
  // What a retry has made out of date.
  for (let trips = 0; trips < state.trips.length; trips += 1) {
    await artifacts.remove(header.run, indexName({ index: state.index, trips: { length: trips } }))
  }
}

const BREATH = 200
const TAB = 9
const NEWLINE = 10

/**
 * Only the lines that hold the bytes. The others are not even split, and only a line that a piece has cut is copied: the
 * lines of a million rows are looked through in half a second. Views into the piece's memory, as `lineBlocks` gives them.
 */
export async function* linesWith(needle: Buffer, pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer[]> {
  let held: Buffer[] = []
  for await (const piece of pieces) {
    const block = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)
    const end = block.lastIndexOf(NEWLINE) + 1
    if (end > 0) {
      const start = held.length === 0 ? 0 : block.indexOf(NEWLINE) + 1
      const cut = Buffer.concat([...held, block.subarray(0, start)])
      held = []
      yield [...findLines(cut, needle), ...findLines(block.subarray(start, end), needle)]
    }
    if (end < block.length) held.push(Buffer.from(block.subarray(end)))
  }
}

/** @param block whole lines, each with its newline */
function findLines(block: Buffer, needle: Buffer): Buffer[] {
  const lines: Buffer[] = []
  for (let at = block.indexOf(needle); at >= 0; ) {
    const start = at === 0 ? 0 : block.lastIndexOf(NEWLINE, at - 1) + 1
    const end = block.indexOf(NEWLINE, at)
    lines.push(block.subarray(start, end))
    at = block.indexOf(needle, end)
  }
  return lines
}

/** A batch that is done has as many trips as it will have until somebody asks for a retry. */
function indexName({ index, trips }: { index: number; trips: { length: number } }): string {
  return `index/${String(index).padStart(4, '0')}.${trips.length}.v${VERSION}.rows`
}

function searchText(outcome: Outcome, answer: string): string {
  const { key, error } = outcome
  const words = [key.slice(0, SEARCHED), error === null ? '' : `${error.type} ${error.message}`.slice(0, SEARCHED)]
  return quoted([...words, answer.slice(0, SEARCHED)].join(' '))
}

function quoted(text: string): string {
  return JSON.stringify(text.toLowerCase()).slice(1, -1)
}
