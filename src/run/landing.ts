/**
 * Results are landed before they are used: the raw bytes go to a temporary file while every custom_id is checked off;
 * only when each expected one was there exactly once does the file get its name.
 */
import type { ArtifactReader, ArtifactStore } from '../artifact/artifact.ts'
import { isJsonObject, type JsonObject } from '../core/json.ts'
import { runFiles } from '../core/names.ts'
import type { RunHeader } from '../core/run.ts'
import { lineBlocks } from '../disk/lines.ts'
import type { Roster } from './request-file.ts'

/** An answer of 128k tokens is under a megabyte; citations and server-tool results may add some. */
const MAX_LINE_BYTES = 512_000_000

/** Where each request's line lies in a landed file; length 0: there is none. */
export class ResultIndex {
  readonly offsets: Float64Array
  readonly lengths: Uint32Array
  constructor(size: number) {
    this.offsets = new Float64Array(size)
    this.lengths = new Uint32Array(size)
  }
}

export interface Landed {
  readonly index: ResultIndex
  readonly found: number
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

/** The download is not what it claims to be: cut off, garbled, or with an id twice. Downloading again may mend it. */
export class TornResultsError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'TornResultsError'
  }
}

/**
 * Streams results into the attempt's file. Commits when every request has its line, or when `acceptMissing` says that
 * the same gap has been seen often enough; otherwise leaves no file.
 */
export async function landResults(
  artifacts: ArtifactStore,
  header: RunHeader,
  at: { index: number; attempt: number },
  roster: Roster,
  pieces: AsyncIterable<Uint8Array>,
  acceptMissing: (landed: Landed) => boolean,
): Promise<Landed & { committed: boolean }> {
  const file = await artifacts.create(header.run, runFiles.results(at.index, at.attempt))
  try {
    const landed = await indexLines(
      roster,
      copied(pieces, (piece) => file.write(piece)),
    )
    const committed = landed.missing === 0 || acceptMissing(landed)
    if (committed) await file.commit()
    else await file.abort()
    return { ...landed, committed }
  } catch (error) {
    await file.abort()
    throw error
  }
}

/** Reads a landed file again, after a crash or for an export. */
export async function indexLanded(
  artifacts: ArtifactStore,
  header: RunHeader,
  at: { index: number; attempt: number },
  roster: Roster,
): Promise<Landed> {
  return indexLines(roster, artifacts.read(header.run, runFiles.results(at.index, at.attempt)))
}

async function indexLines(roster: Roster, pieces: AsyncIterable<Uint8Array>): Promise<Landed> {
  const index = new ResultIndex(roster.size)
  let found = 0
  let offset = 0
  let last: Buffer | undefined
  const tooLong = (line: number): Error => new TornResultsError(`Line ${line} of the results is over 512 MB.`)
  for await (const lines of lineBlocks(pieces, MAX_LINE_BYTES, tooLong)) {
    for (const line of lines) {
      const start = offset
      offset += line.length + 1
      if (line.length === 0) continue
      last = line
      const customId = customIdOfResult(line)
      const position = roster.positionOf(customId)
      if (position === undefined) throw new ForeignResultsError(customId)
      if (index.lengths[position] !== 0) throw new TornResultsError(`The results hold "${customId}" twice.`)
      index.offsets[position] = start
      index.lengths[position] = line.length
      found += 1
    }
  }
  // Only the last line can have been cut: every other one is closed by its newline.
  if (last !== undefined) parseResultLine(last)
  return { index, found, missing: roster.size - found, bytes: offset }
}

const ID_FIRST = Buffer.from('{"custom_id":"')
const QUOTE = 0x22
const BACKSLASH = 0x5c

/**
 * The line's custom_id. The API writes it first, and then it is read without parsing the answer behind it; in any other
 * order the whole line is parsed. Throws TornResultsError for a line that is not JSON, as far as it is looked at.
 */
export function customIdOfResult(line: Buffer): string {
  if (line.compare(ID_FIRST, 0, ID_FIRST.length, 0, ID_FIRST.length) === 0) {
    const end = line.indexOf(QUOTE, ID_FIRST.length)
    if (end > 0 && line[end - 1] !== BACKSLASH) return line.toString('utf8', ID_FIRST.length, end)
  }
  const customId = parseResultLine(line).custom_id
  if (typeof customId !== 'string') throw new TornResultsError('A line of the results has no custom_id.')
  return customId
}

export function parseResultLine(line: Uint8Array): JsonObject {
  try {
    const value: unknown = JSON.parse(Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString('utf8'))
    if (isJsonObject(value)) return value
  } catch {
    // Said below, as one kind of fault.
  }
  throw new TornResultsError('A line of the results is not whole JSON.')
}

async function* copied(
  pieces: AsyncIterable<Uint8Array>,
  write: (piece: Uint8Array) => Promise<void>,
): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    await write(piece)
    yield piece
  }
}

/** Landed lines by position: from memory where the file is small, else one read each. */
const IN_MEMORY_BYTES = 16_000_000

export async function openLines(
  artifacts: ArtifactStore,
  run: string,
  at: { index: number; attempt: number },
  landed: Landed,
): Promise<{ line(position: number): Promise<JsonObject | undefined>; close(): Promise<void> }> {
  const reader: ArtifactReader = await artifacts.open(run, runFiles.results(at.index, at.attempt))
  const whole = landed.bytes <= IN_MEMORY_BYTES ? await reader.read(0, landed.bytes) : undefined
  return {
    async line(position) {
      const length = landed.index.lengths[position] ?? 0
      if (length === 0) return undefined
      const start = landed.index.offsets[position] as number
      return parseResultLine(whole?.subarray(start, start + length) ?? (await reader.read(start, start + length)))
    },
    close: () => reader.close(),
  }
}
