// One attempt of a batch, read in step with the plan: its lines and their landed results.

import { ArtifactMissingError } from '../artifact/artifact.ts'
import { InvariantError } from '../core/errors.ts'
import { runFiles } from '../core/names.ts'
import type { StoredLine } from '../core/request-line.ts'
import type { Trip } from '../core/run.ts'
import { indexUndamaged } from './landed-damage.ts'
import { LandedLines } from './landed-lines.ts'
import { readWithdrawn, type Withdrawn } from './outgoing.ts'
import type { RunContext } from './ports.ts'
import { readHeads, readRequests } from './request-file.ts'
import type { ResultIndex } from './result-index.ts'
import { Roster } from './roster.ts'

/** Bytes of results that all attempts of a batch together read ahead. */
const WINDOWS_BYTES = 4_000_000

/** What an attempt says of a row: its line, and the result, or why it was not sent. */
export interface TrailStep {
  readonly line: StoredLine
  readonly withdrawn: string | undefined
  /** The landed line; undefined: the results hold none for it, or its answer is plain. */
  readonly raw: Uint8Array | undefined
  /** What is known of it without parsing it; absent: it has to be parsed. */
  readonly plain?: PlainResult
}

/** A landed line whose answer succeeds as it stands. */
export interface PlainResult {
  readonly index: ResultIndex
  readonly position: number
  /** Memory in which its text lies, still escaped, and where. */
  readonly bytes: Buffer
  readonly textStart: number
}

export class Trail {
  readonly trip: Trip
  readonly #roster: Roster
  readonly #withdrawn: Withdrawn
  readonly #results: LandedLines | undefined
  /** The lines of a later attempt; the first one's are the plan's. */
  readonly #lines: AsyncGenerator<StoredLine> | undefined

  private constructor(
    trip: Trip,
    roster: Roster,
    withdrawn: Withdrawn,
    results: LandedLines | undefined,
    lines: AsyncGenerator<StoredLine> | undefined,
  ) {
    this.trip = trip
    this.#roster = roster
    this.#withdrawn = withdrawn
    this.#results = results
    this.#lines = lines
  }

  /**
   * @param trips of the batch, whose trails are read side by side
   * @param skipsPlain of plain answers only that there is one has to be known
   */
  static async open(
    context: RunContext,
    index: number,
    trip: Trip,
    trips: number,
    skipsPlain: boolean,
  ): Promise<Trail> {
    const { artifacts, header } = context
    const { attempt } = trip
    const withdrawn = await readWithdrawn(context, index, attempt)
    const name = runFiles.results(index, attempt)
    const isLanded = (await artifacts.size(header.run, name)) !== undefined
    // An attempt of which every request was withdrawn has no results; any other without them would read as unanswered.
    if (!isLanded && trip.requests > 0) throw new ArtifactMissingError(header.run, name)
    const roster = await rosterOf(context, index, attempt, trip.requests + withdrawn.size, withdrawn)
    const at = { index, attempt }
    const results = isLanded
      ? await LandedLines.open(
          context,
          at,
          await indexUndamaged(context, at, roster),
          skipsPlain,
          Math.floor(WINDOWS_BYTES / trips),
        )
      : undefined
    const lines = attempt === 1 ? undefined : readRequests(artifacts, header.run, index, attempt)
    return new Trail(trip, roster, withdrawn, results, lines)
  }

  /** Whether results are to be read for this row, after which those that were read before are good no more. */
  isAhead({ ordinal }: StoredLine): boolean {
    const position = this.#roster.positionOfOrdinal(ordinal)
    return position !== undefined && this.#results?.isAhead(position) === true
  }

  /** undefined: the row did not travel in this attempt. Ask in ascending order of ordinals; await the answer when it is a promise. */
  at(planned: StoredLine): TrailStep | undefined | Promise<TrailStep> {
    const { ordinal } = planned
    const withdrawn = this.#withdrawn.get(ordinal)
    const position = this.#roster.positionOfOrdinal(ordinal)
    if (position === undefined && withdrawn === undefined) return undefined
    const reading = position === undefined ? undefined : this.#results?.want(position)
    if (this.#lines !== undefined || reading !== undefined) return this.#later(planned, withdrawn, position, reading)
    return this.#step(planned, withdrawn, position)
  }

  async close(): Promise<void> {
    await this.#lines?.return(undefined)
    await this.#results?.close()
  }

  async #later(
    planned: StoredLine,
    withdrawn: string | undefined,
    position: number | undefined,
    reading: Promise<void> | undefined,
  ): Promise<TrailStep> {
    await reading
    const line = this.#lines === undefined ? planned : await this.#lineOf(planned.ordinal, this.#lines)
    return this.#step(line, withdrawn, position)
  }

  async #lineOf(ordinal: number, lines: AsyncGenerator<StoredLine>): Promise<StoredLine> {
    for (let next = await lines.next(); !next.done; next = await lines.next()) {
      if (next.value.ordinal === ordinal) return next.value
    }
    throw new InvariantError(`Attempt ${this.trip.attempt} has no request of row ${ordinal}.`)
  }

  #step(line: StoredLine, withdrawn: string | undefined, position: number | undefined): TrailStep {
    const results = this.#results
    if (position === undefined || results === undefined) return { line, withdrawn, raw: undefined }
    const { index, bytes } = results
    if (!index.isPlain(position)) return { line, withdrawn, raw: results.line(position) }
    const textStart = results.start(position) + index.textStart(position)
    return { line, withdrawn, raw: undefined, plain: { index, position, bytes, textStart } }
  }
}

/** The requests of an attempt that travel: the first `due` lines, without the withdrawn ones. */
export async function rosterOf(
  context: Pick<RunContext, 'artifacts' | 'header'>,
  index: number,
  attempt: number,
  due: number,
  withdrawn: Withdrawn,
): Promise<Roster> {
  const { header } = context
  const batch = header.batches[index]
  const isWhole = batch?.requests === due && batch.toOrdinal - batch.fromOrdinal === due && withdrawn.size === 0
  if (attempt === 1 && isWhole && header.job.batch.customId !== 'exact') {
    return new Roster(header, { first: batch.fromOrdinal, count: due })
  }
  const roster = new Roster(header)
  let seen = 0
  for await (const line of readHeads(context.artifacts, header.run, index, attempt)) {
    seen += 1
    if (seen > due) break
    if (!withdrawn.has(line.ordinal)) roster.add(line)
  }
  return roster
}
