// How often a row is asked, and what its further questions add to the first.

import { answerRooms } from '../core/answer-room.ts'
import type { Job } from '../core/job.ts'
import { runsTools } from '../core/runs-tools.ts'

/**
 * Rounds of a job whose tools are run: typically one call and then the answer, at most `max_rounds`. A round reads
 * again what all rounds before it said and were told, so its input grows with each.
 */
const LIKELY_ROUNDS = 2
/** Tokens of one call and of its result. Nobody knows them before; "at most" is meant with results within the larger. */
const LIKELY_CALL_TOKENS = 40
const LIKELY_RESULT_TOKENS = 60
export const LARGE_RESULT_TOKENS = 2000

export interface Rounds {
  readonly likely: number
  readonly most: number
}

/** A provider's own tools need no round of ours, unless it pauses them. */
export function roundsOf(job: Job): Rounds {
  if (runsTools(job)) return { likely: Math.min(LIKELY_ROUNDS, job.maxRounds), most: job.maxRounds }
  return { likely: 1, most: job.tools.some((tool) => tool.type === 'server') ? job.maxRounds : 1 }
}

/** Tokens that a round adds to what the next reads, likely. */
export function likelyRoundTokens(outputTokens: number): number {
  return Math.min(outputTokens, LIKELY_CALL_TOKENS) + LIKELY_RESULT_TOKENS
}

/** One question of a row: tokens of what was said before it, and the room of its answer. */
export interface Turn {
  readonly before: number
  readonly room: number
}

/** Every answer that the job allows a row: the longer ones after cut-offs first, so that all further ones are as long. */
export function mostTurns(job: Job, rounds: number): readonly Turn[] {
  const rooms = answerRooms(job)
  const room = rooms.at(-1) ?? 0
  const further = rounds - 1 + (job.output?.repair ?? 0)
  return [
    ...rooms.map((each) => ({ before: 0, room: each })),
    ...Array.from({ length: further }, (_, turn) => ({ before: (turn + 1) * (room + LARGE_RESULT_TOKENS), room })),
  ]
}
