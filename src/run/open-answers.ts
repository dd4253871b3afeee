// The answers of one batch of an earlier run, read by the ordinals of their rows.

import { runFiles } from '../core/names.ts'
import type { ReusedLine } from '../core/request-line.ts'
import type { BatchState } from '../core/run.ts'
import { lineBlocks } from '../disk/lines.ts'
import { LandedLines } from './landed-lines.ts'
import { indexLanded } from './landing.ts'
import { readWithdrawn } from './outgoing.ts'
import type { RunContext } from './ports.ts'
import { parseResultLine } from './result-line.ts'
import { rosterOf } from './trail.ts'

/** A finished run whose answers are indexed. */
export interface AnsweredRun {
  readonly context: RunContext
  readonly states: readonly BatchState[]
}

/** What a stored answer becomes in a plan; everything but the row itself. */
export type FoundAnswer = Omit<ReusedLine, 'ordinal' | 'key' | 'row'>

export interface OpenAnswers {
  read(ordinal: number): Promise<Pick<FoundAnswer, 'run' | 'batch' | 'line'> | undefined>
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
  return {
    async read(ordinal) {
      const position = roster.positionOfOrdinal(ordinal)
      if (position === undefined) return undefined
      await lines.want(position)
      const line = lines.line(position)
      return line === undefined ? undefined : { run: header.run, batch: trip.id, line: parseResultLine(line) }
    },
    close: () => lines.close(),
  }
}

/** A run that reused an answer holds a copy of it, so that the run that asked may be removed. */
export async function openReused({ context }: AnsweredRun, index: number): Promise<OpenAnswers> {
  const { artifacts, header } = context
  const name = runFiles.reused(index)
  const places = new Map<number, { start: number; end: number }>()
  let offset = 0
  const tooLong = (): Error => new Error(`A line of ${name} of run ${header.run} is too long.`)
  for await (const lines of lineBlocks(artifacts.read(header.run, name), MAX_LINE_BYTES, tooLong)) {
    for (const line of lines) {
      const ordinal = Number(/^\{"ordinal":(\d+),/.exec(line.toString('latin1', 0, 32))?.[1])
      places.set(ordinal, { start: offset, end: offset + line.length })
      offset += line.length + 1
    }
  }
  const reader = await artifacts.open(header.run, name)
  // Rows mostly keep their order from run to run, so what is read ahead is what comes next.
  let window = Buffer.alloc(0)
  let windowStart = 0
  return {
    async read(ordinal) {
      const place = places.get(ordinal)
      if (place === undefined) return undefined
      if (place.start < windowStart || place.end > windowStart + window.length) {
        const end = Math.min(offset, Math.max(place.end, place.start + WINDOW_BYTES))
        window = Buffer.from(await reader.read(place.start, end))
        windowStart = place.start
      }
      const bytes = window.subarray(place.start - windowStart, place.end - windowStart)
      const { run, batch, line } = JSON.parse(bytes.toString('utf8')) as ReusedLine
      return { run, batch, line }
    },
    close: () => reader.close(),
  }
}

const WINDOW_BYTES = 1 << 20
const MAX_LINE_BYTES = 768_000_000
