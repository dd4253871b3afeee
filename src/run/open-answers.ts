// The answers of one batch of an earlier run, read by the ordinals of their rows.

import { runFiles } from '../core/names.ts'
import { parseReusedLine, type ReusedAnswer } from '../core/reused-line.ts'
import type { BatchState } from '../core/run.ts'
import { lineBlocks } from '../disk/lines.ts'
import { LandedLines } from './landed-lines.ts'
import { indexLanded } from './landing.ts'
import { readWithdrawn } from './outgoing.ts'
import type { RunContext } from './ports.ts'
import { PlanDamagedError } from './request-file.ts'
import { parseResultLine } from './result-line.ts'
import { rosterOf } from './trail.ts'

/** A finished run. */
export interface AnsweredRun {
  readonly context: RunContext
  readonly states: readonly BatchState[]
  /** `contentScope` of its questions. */
  readonly scope: Buffer
  /** Milliseconds since 1970: a retry finishes it anew. */
  readonly finishedAt: number
}

/** What a stored answer becomes in a plan; everything but the row itself. */
export type FoundAnswer = ReusedAnswer
export type Found = Pick<FoundAnswer, 'run' | 'batch' | 'line'>

export interface OpenAnswers {
  /** Good until the next is asked for. A promise only where it has to be read first. */
  read(ordinal: number): Found | undefined | Promise<Found | undefined>
  close(): Promise<void>
}

export async function openTrip(
  { context, states }: AnsweredRun,
  index: number,
  attempt: number,
): Promise<OpenAnswers | undefined> {
  const trip = states[index]?.trips.find((candidate) => candidate.attempt === attempt)
  if (trip === undefined) return undefined
  const { header } = context
  const withdrawn = await readWithdrawn(context, index, attempt)
  const roster = await rosterOf(context, index, attempt, trip.requests + withdrawn.size, withdrawn)
  const at = { index, attempt }
  const lines = await LandedLines.open(context, at, await indexLanded(context, at, roster))
  const found = (position: number): Found | undefined => {
    const line = lines.line(position)
    if (line === undefined) return undefined
    // What has been scanned is one line of JSON without blanks that could be mistaken; anything else is written anew.
    const text = lines.index.isPlain(position) ? line : Buffer.from(JSON.stringify(parseResultLine(line)))
    return { run: header.run, batch: trip.id, line: text }
  }
  return {
    read(ordinal) {
      const position = roster.positionOfOrdinal(ordinal)
      if (position === undefined) return undefined
      const reading = lines.want(position)
      return reading === undefined ? found(position) : reading.then(() => found(position))
    },
    close: () => lines.close(),
  }
}

/** A run that reused an answer holds a copy of it, so that the run that asked may be removed. */
export async function openReused({ context }: AnsweredRun, index: number): Promise<OpenAnswers> {
  const { artifacts, header } = context
  const name = runFiles.reused(index)
  const places = new Map<number, Place>()
  let offset = 0
  const tooLong = (): Error => new Error(`A line of ${name} of run ${header.run} is too long.`)
  for await (const lines of lineBlocks(artifacts.read(header.run, name), MAX_LINE_BYTES, tooLong)) {
    for (const line of lines) {
      const ordinal = Number(line.toString('latin1', 0, line.indexOf(TAB)))
      places.set(ordinal, { start: offset, end: offset + line.length })
      offset += line.length + 1
    }
  }
  const reader = await artifacts.open(header.run, name)
  // Rows mostly keep their order from run to run, so what is read ahead is what comes next.
  let window: Buffer = Buffer.alloc(0)
  let windowStart = 0
  const memory = Buffer.allocUnsafeSlow(WINDOW_BYTES)
  const damaged = (): Error => new PlanDamagedError(header.run, name)
  const found = (place: Place): Found => {
    const { run, batch, line } = parseReusedLine(
      window.subarray(place.start - windowStart, place.end - windowStart),
      damaged,
    )
    return { run, batch, line }
  }
  const load = async (place: Place): Promise<Found> => {
    const end = Math.min(offset, Math.max(place.end, place.start + WINDOW_BYTES))
    const bytes = await reader.read(place.start, end, memory)
    window = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    windowStart = place.start
    return found(place)
  }
  return {
    read(ordinal) {
      const place = places.get(ordinal)
      if (place === undefined) return undefined
      const isHere = place.start >= windowStart && place.end <= windowStart + window.length
      return isHere ? found(place) : load(place)
    },
    close: () => reader.close(),
  }
}

interface Place {
  readonly start: number
  readonly end: number
}

const TAB = 9
const WINDOW_BYTES = 1 << 20
const MAX_LINE_BYTES = 768_000_000
