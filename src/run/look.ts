// Which batch at the provider is the one whose create call never answered. Pure: what is listed in, a verdict out.

import type { Candidate } from '../core/errors.ts'
import type { BatchState } from '../core/run.ts'
import type { RemoteBatch } from '../provider/provider.ts'

/**
 * What our store says of a listed batch: it is surely this one, surely another of ours, or nobody knows yet. A claim that
 * is not confirmed (`maybe_other`) excludes nobody: the one that holds it may be wrong, and then the batch is ours.
 */
export type Claimed = 'us' | 'other' | 'maybe_other' | 'nobody'

export interface Listed {
  readonly batch: RemoteBatch
  readonly claimed: Claimed
}

export type Verdict =
  | { readonly type: 'found'; readonly batch: RemoteBatch; readonly confirmed: boolean }
  | { readonly type: 'absent' }
  /** Not there yet, or not there at all: too early to say. */
  | { readonly type: 'wait' }

export interface Expectation {
  readonly state: BatchState
  readonly label: string
  /** Requests that travelled. */
  readonly requests: number
  /** True once the provider has had the time to show a batch that it took. */
  readonly graceOver: boolean
}

/**
 * What this batch has collected is never it again: its own record says so, and a claim only stands beside that. Otherwise
 * a label or a confirmed claim decides. Without one every batch of the right size, created since
 * the intent, may be it: the earliest is adopted, unclaimed ones first, and its results will show whether it is ours.
 * Absent is only what has no such candidate at all.
 */
export function chooseCandidate(listed: readonly Listed[], expected: Expectation): Verdict {
  const { excluded, trips } = expected.state
  const past = new Set([...excluded, ...trips.map(({ id }) => id)])
  const eligible = listed.filter(({ batch }) => !past.has(batch.id))
  const certain = eligible.find(({ batch, claimed }) => claimed === 'us' || batch.label === expected.label)
  if (certain !== undefined) return { type: 'found', batch: certain.batch, confirmed: true }
  const possible = eligible.filter(
    ({ batch, claimed }) =>
      claimed !== 'other' &&
      batch.label === undefined &&
      batch.requests === expected.requests &&
      batch.status !== 'failed',
  )
  const rank = (listed: Listed): number => (listed.claimed === 'maybe_other' ? 1 : 0)
  const [first] = possible.sort((a, b) => rank(a) - rank(b) || a.batch.createdAt - b.batch.createdAt)
  if (first !== undefined) return { type: 'found', batch: first.batch, confirmed: false }
  return expected.graceOver ? { type: 'absent' } : { type: 'wait' }
}

export function asCandidate(batch: RemoteBatch): Candidate {
  return { id: batch.id, requests: batch.requests, createdAt: batch.createdAt }
}
