// Results die: what a provider keeps for some weeks only is warned about while there is still time to fetch it.

import type { BatchState } from '../core/run.ts'

const DAY_MS = 86_400_000
/** Warned from so long before the end. */
const WARN_BEFORE_MS = 7 * DAY_MS

/** One sentence for the batches whose results will soon be gone; undefined: there is time. */
export function retentionWarning(
  states: readonly BatchState[],
  keptMs: number | undefined,
  now: number,
): string | undefined {
  if (keptMs === undefined) return undefined
  const ends = states
    .filter(({ phase, remote }) => remote !== null && (phase === 'submitted' || phase === 'ended'))
    .map(({ remote }) => (remote?.createdAt ?? 0) + keptMs)
    .filter((end) => end - now < WARN_BEFORE_MS)
  if (ends.length === 0) return undefined
  const first = new Date(Math.min(...ends)).toISOString().slice(0, 16).replace('T', ' ')
  const kept = Math.round(keptMs / DAY_MS)
  return (
    `The provider keeps results for ${kept} days from a batch's creation: those of ${ends.length} uncollected ` +
    `${ends.length === 1 ? 'batch are' : 'batches are'} gone from ${first} UTC on.`
  )
}
