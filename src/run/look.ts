// Which batch at the provider is the one whose create call never answered. Pure: what is listed in, a verdict out.

import type { Candidate } from '../core/errors.ts'
import type { BatchState } from '../core/run.ts'
import type { RemoteBatch } from '../provider/provider.ts'

/** What our store says of a listed batch: nobody of ours claims it, we do, or another batch of ours does. */
export type Claimed = 'nobody' | 'us' | 'us_unconfirmed' | 'other'

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
 * A label or a claim of ours decides. Otherwise every unclaimed batch of the right size, created since the intent, may be
 * it: the earliest is adopted, and its results will show whether it is ours.
 */
export function chooseCandidate(listed: readonly Listed[], expected: Expectation): Verdict {
  const eligible = listed.filter(({ batch }) => !expected.state.excluded.includes(batch.id))
  const certain = eligible.find(({ batch, claimed }) => claimed === 'us' || batch.label === expected.label)
  if (certain !== undefined) return { type: 'found', batch: certain.batch, confirmed: true }
  const possible = eligible.filter(
    ({ batch, claimed }) =>
      claimed !== 'other' &&
      batch.label === undefined &&
      batch.requests === expected.requests &&
      batch.status !== 'failed',
  )
  const first = possible.sort((a, b) => a.batch.createdAt - b.batch.createdAt)[0]
  if (first !== undefined) return { type: 'found', batch: first.batch, confirmed: false }
  return expected.graceOver ? { type: 'absent' } : { type: 'wait' }
}

export function asCandidate(batch: RemoteBatch): Candidate {
  return { id: batch.id, requests: batch.requests, createdAt: batch.createdAt }
}
