/**
 * The state machine of one batch. Pure: an event in, the next state out; whoever stores the state stores it before
 * acting on it.
 *
 *                submission_deferred (surely not taken) · submission_absent (looked for, not there) · disowned*
 *              ┌───────────────────────────┐
 *   ●──► planned ──submission_started──► submitting ──submission_accepted──► submitted ──ended──► ended
 *          ▲  │                            │   ▲                                │                   │
 *          │  │                            │   └──── disowned* ─────────────────┼───────────────────┤
 *          │  └──abandoned──► done         └─submission_refused─► refused       │                   │ collected
 *          │                                        ▲  │ reopened               │                   │
 *          │                                        └──┼──── failed ◄───────────┘                   │
 *          ├──────────────── reopened ◄────────────────┘                                            │
 *          └──────── collected with requests to follow up (attempt + 1, only those) ◄───────────────┤
 *                                                                                                   ▼
 *                                     done ── reopened (retry: attempt + 1) ──► planned            done
 *
 * `submitting` is the dangerous one: the provider may or may not have the batch. Whoever finds it looks for the batch
 * before anything is sent again. *disowned: the results showed that an adopted batch is not this one; look again.
 * An ended batch whose results are `lost` stays where it is until a person has decided.
 */
import type { PlannedBatch } from '../core/batch.ts'
import { invariant, type Refusal } from '../core/errors.ts'
import type { BatchState, RemoteClaim, Tally } from '../core/run.ts'
import { addStatuses, addTally, EMPTY_TALLY } from './tally.ts'

export type BatchEvent =
  | { readonly type: 'submission_started'; readonly at: number; readonly withdrawn: number }
  | { readonly type: 'submission_accepted'; readonly remote: RemoteClaim }
  | { readonly type: 'submission_deferred'; readonly notBefore: number }
  | { readonly type: 'submission_split'; readonly take: number }
  | { readonly type: 'submission_refused'; readonly refusal: Refusal; readonly message: string }
  | { readonly type: 'submission_unclear'; readonly at: number; readonly lookAt: number }
  | { readonly type: 'submission_absent' }
  | { readonly type: 'ended'; readonly at: number }
  | { readonly type: 'failed'; readonly message: string }
  | { readonly type: 'disowned'; readonly id: string }
  | { readonly type: 'collect_deferred'; readonly notBefore: number }
  | { readonly type: 'results_lost'; readonly why: string }
  | { readonly type: 'results_sought' }
  | {
      readonly type: 'collected'
      readonly at: number
      /** What this attempt adds: rows that became final, and what all its answers used. */
      readonly tally: Tally
      readonly failed: number
      /** Results that had to be parsed. */
      readonly parsed: number
      readonly followUps: FollowUpFile | null
    }
  | { readonly type: 'cancel_requested' }
  | { readonly type: 'cancel_deferred'; readonly notBefore: number }
  | { readonly type: 'cancel_sent' }
  | { readonly type: 'abandoned'; readonly tally: Tally }
  | {
      readonly type: 'reopened'
      /** Rows of which status go into the next attempt; absent: the same attempt is tried again (after a refusal). */
      readonly retry?: FollowUpFile & { readonly statuses: Tally['statuses'] }
    }

/** The request file of the next attempt, already written. */
export interface FollowUpFile {
  readonly requests: number
  readonly bytes: number
  readonly digest: string
  /** How many of them fit into one batch, where not all do. */
  readonly take: number | null
  /** What it costs at most, USD, and the dearest of its requests. */
  readonly boundUsd: number
  readonly boundUsdOfOne: number
}

export function initialState(batch: Pick<PlannedBatch, 'index' | 'requests' | 'bytes' | 'digest'>): BatchState {
  return {
    version: 1,
    index: batch.index,
    phase: batch.requests === 0 ? 'done' : 'planned',
    attempt: 1,
    requests: batch.requests,
    bytes: batch.bytes,
    digest: batch.digest,
    take: null,
    withdrawn: 0,
    notBefore: 0,
    deferrals: 0,
    submittingSince: null,
    unclearSince: null,
    unclear: [],
    excluded: [],
    remote: null,
    endedAt: null,
    cancel: 'no',
    trips: [],
    tally: EMPTY_TALLY,
    refusal: null,
  }
}

/** How many requests of the attempt the next create call carries. */
export function travelling(state: BatchState): number {
  return (state.take ?? state.requests) - state.withdrawn
}

/** Throws InvariantError for an event that cannot happen in this phase. */
export function applyEvent(state: BatchState, event: BatchEvent): BatchState {
  const allowed = ALLOWED[event.type] as readonly string[]
  invariant(allowed.includes(state.phase), `Batch ${state.index} is ${state.phase}: ${event.type} cannot happen.`)
  switch (event.type) {
    case 'submission_started':
      return { ...state, phase: 'submitting', submittingSince: event.at, withdrawn: event.withdrawn, notBefore: 0 }
    case 'submission_accepted':
      return { ...accepted(state, event.remote), deferrals: 0, notBefore: 0 }
    case 'submission_deferred':
      return { ...unsubmitted(state), deferrals: state.deferrals + 1, notBefore: event.notBefore }
    case 'submission_split':
      invariant(event.take >= 1, `Batch ${state.index}: nothing is left to split.`)
      return { ...unsubmitted(state), take: event.take }
    case 'submission_refused':
      return { ...unsubmitted(state), phase: 'refused', refusal: { refusal: event.refusal, message: event.message } }
    case 'submission_unclear':
      return unclear(state, event)
    case 'submission_absent':
      return unsubmitted(state)
    case 'ended':
      return { ...state, phase: 'ended', endedAt: event.at, notBefore: 0 }
    case 'failed':
      return { ...unsubmitted(state), phase: 'refused', refusal: { refusal: 'invalid', message: event.message } }
    case 'disowned':
      return {
        ...state,
        phase: 'submitting',
        remote: null,
        endedAt: null,
        lost: null,
        excluded: [...state.excluded, event.id],
      }
    case 'collect_deferred':
      return { ...state, notBefore: event.notBefore, deferrals: state.deferrals + 1 }
    case 'results_lost':
      return { ...state, lost: event.why }
    case 'results_sought':
      return { ...state, lost: null, notBefore: 0 }
    case 'collected':
      return collected(state, event)
    case 'cancel_requested':
      return state.cancel === 'no' ? { ...state, cancel: 'requested' } : state
    case 'cancel_deferred':
      return { ...state, notBefore: event.notBefore }
    case 'cancel_sent':
      return { ...state, cancel: 'sent' }
    case 'abandoned':
      return { ...unsubmitted(state), phase: 'done', tally: addTally(state.tally, event.tally) }
    case 'reopened':
      return reopened(state, event)
  }
}

/** A person may name a batch also after another one, or the same, was adopted and has ended: one event, so that no crash leaves half of it. */
function accepted(state: BatchState, remote: RemoteClaim): BatchState {
  const former = state.remote
  const excluded = former === null || former.id === remote.id ? state.excluded : [...state.excluded, former.id]
  return { ...state, phase: 'submitted', remote, endedAt: null, lost: null, excluded }
}

/** In which phases an event may happen. */
const ALLOWED: { readonly [Type in BatchEvent['type']]: readonly BatchState['phase'][] } = {
  submission_started: ['planned'],
  submission_accepted: ['submitting', 'ended'],
  submission_deferred: ['submitting', 'planned'],
  submission_split: ['submitting'],
  submission_refused: ['submitting'],
  submission_unclear: ['submitting'],
  submission_absent: ['submitting'],
  ended: ['submitted'],
  failed: ['submitted'],
  disowned: ['ended'],
  collect_deferred: ['ended'],
  results_lost: ['ended'],
  results_sought: ['ended'],
  collected: ['ended', 'planned'],
  cancel_requested: ['planned', 'submitting', 'submitted', 'ended', 'done', 'refused'],
  cancel_deferred: ['submitted'],
  cancel_sent: ['submitted'],
  abandoned: ['planned', 'refused'],
  reopened: ['done', 'refused'],
}

/** The first time an end was unclear is kept: what was created later is not ours. */
function unclear(state: BatchState, event: Extract<BatchEvent, { type: 'submission_unclear' }>): BatchState {
  const next = { ...state, notBefore: event.lookAt }
  if (state.unclearSince !== null) return next
  const { attempt, submittingSince } = state
  const submission = { attempt, from: submittingSince ?? event.at, to: event.at, requests: travelling(state) }
  return { ...next, unclearSince: event.at, unclear: [...state.unclear, submission] }
}

/** Back to before the create call: nothing of this attempt is at the provider. */
function unsubmitted(state: BatchState): BatchState {
  return {
    ...state,
    phase: 'planned',
    submittingSince: null,
    unclearSince: null,
    remote: null,
    endedAt: null,
    lost: null,
    notBefore: 0,
    withdrawn: 0,
  }
}

function collected(state: BatchState, event: Extract<BatchEvent, { type: 'collected' }>): BatchState {
  const trip = {
    attempt: state.attempt,
    id: state.remote?.id ?? '',
    requests: travelling(state),
    bytes: state.bytes,
    createdAt: state.remote?.createdAt ?? event.at,
    endedAt: state.endedAt ?? event.at,
    collectedAt: event.at,
    failed: event.failed,
    parsed: event.parsed,
  }
  const settled: BatchState = {
    ...unsubmitted(state),
    take: null,
    deferrals: 0,
    excluded: [],
    cancel: state.cancel === 'no' ? 'no' : 'requested',
    tally: addTally(state.tally, event.tally),
    trips: [...state.trips, trip],
  }
  if (event.followUps === null) return { ...settled, phase: 'done' }
  return { ...settled, attempt: state.attempt + 1, ...event.followUps }
}

function reopened(state: BatchState, event: Extract<BatchEvent, { type: 'reopened' }>): BatchState {
  const open = { ...unsubmitted(state), refusal: null, deferrals: 0, cancel: 'no' as const }
  if (event.retry === undefined) return open
  const { statuses, ...file } = event.retry
  const tally = { ...state.tally, statuses: addStatuses(state.tally.statuses, statuses, -1) }
  return { ...open, attempt: state.attempt + 1, ...file, tally }
}
