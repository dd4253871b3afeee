// One attempt of a batch, read in step with the plan: its lines and their landed results.

import { ArtifactMissingError } from '../artifact/artifact.ts'
import type { JsonObject } from '../core/json.ts'
import { runFiles } from '../core/names.ts'
import type { RequestLine } from '../core/request-line.ts'
import type { Trip } from '../core/run.ts'
import { indexLanded, openLines } from './landing.ts'
import { readWithdrawn, type Withdrawn } from './outgoing.ts'
import type { RunContext } from './ports.ts'
import { Roster, readHeads, readRequests } from './request-file.ts'

/** What an attempt says of a row: its line, and the result, or why it was not sent. */
export interface TrailStep {
  readonly line: RequestLine
  readonly withdrawn: string | undefined
  /** undefined: the results hold no line for it. */
  readonly raw: JsonObject | undefined
}

export class Trail {
  readonly trip: Trip
  readonly #lines: AsyncGenerator<RequestLine>
  readonly #withdrawn: Withdrawn
  readonly #results: Awaited<ReturnType<typeof openLines>> | undefined
  #head: IteratorResult<RequestLine> | undefined
  /** Lines before the head, and those among them that travelled. */
  #passed = 0
  #travelled = 0

  private constructor(
    trip: Trip,
    lines: AsyncGenerator<RequestLine>,
    withdrawn: Withdrawn,
    results: Awaited<ReturnType<typeof openLines>> | undefined,
  ) {
    this.trip = trip
    this.#lines = lines
    this.#withdrawn = withdrawn
    this.#results = results
  }

  static async open(context: RunContext, index: number, trip: Trip): Promise<Trail> {
    const { artifacts, header } = context
    const { attempt } = trip
    const withdrawn = await readWithdrawn(context, index, attempt)
    const name = runFiles.results(index, attempt)
    const isLanded = (await artifacts.size(header.run, name)) !== undefined
    // An attempt of which every request was withdrawn has no results; any other without them would read as unanswered.
    if (!isLanded && trip.requests > 0) throw new ArtifactMissingError(header.run, name)
    const roster = await rosterOf(context, index, attempt, trip.requests + withdrawn.size, withdrawn)
    const results = isLanded
      ? await openLines(
          artifacts,
          header.run,
          { index, attempt },
          await indexLanded(artifacts, header, { index, attempt }, roster),
        )
      : undefined
    return new Trail(trip, readRequests(artifacts, header.run, index, attempt), withdrawn, results)
  }

  /** undefined: the row did not travel in this attempt. Ask in ascending order of ordinals. */
  async at(ordinal: number): Promise<TrailStep | undefined> {
    this.#head ??= await this.#lines.next()
    while (!this.#head.done && this.#head.value.ordinal < ordinal) await this.#pass(this.#head.value)
    if (this.#head.done || this.#head.value.ordinal !== ordinal) return undefined
    const line = this.#head.value
    const position = this.#travelled
    const isDue = this.#isDue()
    await this.#pass(line)
    if (!isDue) return undefined
    const withdrawn = this.#withdrawn.get(ordinal)
    const raw = withdrawn === undefined ? await this.#results?.line(position) : undefined
    return { line, withdrawn, raw }
  }

  async close(): Promise<void> {
    await this.#lines.return(undefined)
    await this.#results?.close()
  }

  /** Lines past the attempt's cut were carried on to the next one. */
  #isDue(): boolean {
    return this.#passed < this.trip.requests + this.#withdrawn.size
  }

  async #pass(line: RequestLine): Promise<void> {
    if (this.#isDue() && !this.#withdrawn.has(line.ordinal)) this.#travelled += 1
    this.#passed += 1
    this.#head = await this.#lines.next()
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
  const roster = new Roster(context.header)
  let seen = 0
  for await (const line of readHeads(context.artifacts, context.header.run, index, attempt)) {
    seen += 1
    if (seen > due) break
    if (!withdrawn.has(line.ordinal)) roster.add(line)
  }
  return roster
}
