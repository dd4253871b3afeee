// How long an answer may be: `params.max_tokens`, and more of it for answers that were cut off.

import type { Job } from './job.ts'

/** Tokens that an answer may take after its room has grown so often; 0 where the job does not say. */
export function answerRoom({ params, retry }: Pick<Job, 'params' | 'retry'>, growths: number): number {
  const first = typeof params.max_tokens === 'number' ? params.max_tokens : 0
  if (growths === 0 || retry.truncated === undefined) return first
  const { grow, maxTokens } = retry.truncated
  return Math.max(first, Math.min(maxTokens, Math.floor(first * grow ** growths)))
}

/** The room of a first answer, and of every longer one that the job allows a row. */
export function answerRooms(job: Pick<Job, 'params' | 'retry'>): readonly number[] {
  const rooms = [answerRoom(job, 0)]
  while (rooms.length < job.retry.maxAttempts) {
    const next = answerRoom(job, rooms.length)
    if (next <= (rooms.at(-1) ?? 0)) break
    rooms.push(next)
  }
  return rooms
}
