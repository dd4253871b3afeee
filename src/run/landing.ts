/**
 * Results are landed before they are used: the raw lines go to a temporary file while every custom_id is checked off;
 * only when each expected one was there exactly once does the file get its name.
 */
import { isUtf8 } from 'node:buffer'
import { runFiles } from '../core/names.ts'
import { wholeLines } from '../disk/lines.ts'
import type { AnswerScanner } from '../provider/provider.ts'
import { plainKindOf } from './check-output.ts'
import { LandedBins } from './landed-bins.ts'
import type { RunContext } from './ports.ts'
import { ResultIndex } from './result-index.ts'
import { customIdOfResult, parseResultLine, TornResultsError } from './result-line.ts'
import type { Roster } from './roster.ts'
import { readIndex, removeIndex, storeIndex } from './stored-index.ts'

/** An answer of 128k tokens is under a megabyte; citations and server-tool results may add some. */
const MAX_LINE_BYTES = 512_000_000

export interface Landed {
  readonly index: ResultIndex
  readonly missing: number
  readonly bytes: number
}

/** The file is not the results of this attempt: it holds ids of another batch, ours or somebody else's. */
export class ForeignResultsError extends Error {
  constructor(customId: string) {
    super(`The results hold "${customId}", which this batch never sent.`)
    this.name = 'ForeignResultsError'
  }
}

type LandingContext = Pick<RunContext, 'artifacts' | 'header' | 'provider' | 'schema'>

/**
 * Streams the results that `open` gives into the attempt's file. Commits when every request has its line, or when `acceptMissing` says that
 * the same gap has been seen often enough; otherwise leaves no file.
 */
export async function landResults(
  context: LandingContext,
  at: { index: number; attempt: number },
  roster: Roster,
  open: () => Promise<AsyncIterable<Uint8Array>>,
  acceptMissing: (landed: Landed) => boolean,
): Promise<Landed & { committed: boolean }> {
  await removeIndex(context, at)
  const file = await context.artifacts.create(context.header.run, runFiles.results(at.index, at.attempt), {
    goesDirect: true,
  })
  const reader = new LineIndexer(context, roster)
  const bins = new LandedBins(file, reader.index)
  try {
    // Asked for once there is a file: what is opened is read to its end or closed.
    await readLines(reader, await open(), (position, bytes, start, end) => bins.add(position, bytes, start, end))
    await bins.finish()
    const landed = { index: reader.index, missing: roster.size - reader.index.found, bytes: file.bytes }
    const committed = landed.missing === 0 || acceptMissing(landed)
    if (committed) await file.commit()
    else await file.abort()
    if (committed) await storeIndex(context, at, landed)
    return { ...landed, committed }
  } catch (error) {
    await file.abort()
    throw error
  } finally {
    bins.release()
  }
}

/** What is known of a landed file: from its index, or else by reading it again. */
export async function indexLanded(
  context: LandingContext,
  at: { index: number; attempt: number },
  roster: Roster,
): Promise<Landed> {
  const known = await readIndex(context, at, roster.size)
  if (known !== undefined) return known
  const pieces = context.artifacts.read(context.header.run, runFiles.results(at.index, at.attempt))
  const reader = new LineIndexer(context, roster)
  const bytes = await readLines(reader, pieces, (position, _bytes, _start, _end, offset) => {
    reader.index.place(position, offset)
  })
  return { index: reader.index, missing: roster.size - reader.index.found, bytes }
}

/** What becomes of a line that was checked off; `offset` is where it came. Await the answer when there is one. */
type Placing = (
  position: number,
  bytes: Buffer,
  start: number,
  end: number,
  offset: number,
) => Promise<void> | undefined | void

/** Answers how many bytes came. */
async function readLines(reader: LineIndexer, pieces: AsyncIterable<Uint8Array>, place: Placing): Promise<number> {
  let offset = 0
  let last: Buffer | undefined
  const tooLong = (): Error => new TornResultsError('A line of the results is over 512 MB.')
  for await (const block of wholeLines(pieces, MAX_LINE_BYTES, tooLong, { reuse: true })) {
    // What is copied from here to a sink has to be text; other bytes are parsed, which replaces them.
    const isText = isUtf8(block)
    for (let start = 0; start < block.length; ) {
      const newline = block.indexOf(NEWLINE, start)
      const end = newline < 0 ? block.length : newline
      if (end > start) {
        const position = reader.add(block, start, end, isText)
        const full = place(position, block, start, end, offset + start)
        if (full !== undefined) await full
        // Only the last line can have been cut: every other one is closed by its newline.
        if (newline < 0) last = block.subarray(start, end)
      }
      start = end + 1
    }
    offset += block.length
  }
  if (last !== undefined) parseResultLine(last)
  return offset
}

const NEWLINE = 10

/** Checks off line after line and notes what it says, where that is plain. */
class LineIndexer {
  readonly index: ResultIndex
  readonly #context: LandingContext
  readonly #roster: Roster
  readonly #scanner: AnswerScanner | undefined

  constructor(context: LandingContext, roster: Roster) {
    this.index = new ResultIndex(roster.size)
    this.#context = context
    this.#roster = roster
    this.#scanner = context.provider.scanner?.()
  }

  /** Answers the position of the request that the line is of. */
  add(bytes: Buffer, start: number, end: number, isText: boolean): number {
    const answer = isText ? this.#scanner?.scan(bytes, start, end) : undefined
    const position =
      answer === undefined
        ? this.#roster.positionOf(customIdOfResult(bytes.subarray(start, end)))
        : this.#roster.positionIn(bytes, answer.idStart, answer.idEnd)
    if (position === undefined || this.index.has(position)) {
      const customId = customIdOfResult(bytes.subarray(start, end))
      if (position === undefined) throw new ForeignResultsError(customId)
      throw new TornResultsError(`The results hold "${customId}" twice.`)
    }
    this.index.add(position, end - start)
    if (answer === undefined) return position
    const kind = plainKindOf(this.#context, bytes, answer.textStart, answer.textEnd)
    if (kind !== undefined) this.index.addAnswer(position, kind, answer, bytes, start)
    return position
  }
}
