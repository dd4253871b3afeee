// What is to be done now. Pure: states, the time and the policy in; commands out. Effects are somebody else's.

import { dollars } from '../core/phrase.ts'
import type { BatchState } from '../core/run.ts'

export type Command =
  | { readonly type: 'submit' | 'look' | 'collect' | 'cancel' | 'abandon'; readonly index: number }
  | { readonly type: 'poll' }

export interface Policy {
  readonly maxInFlight: number
  /** Requests that may wait at the provider at once, learnt from its refusals; null: unknown. */
  readonly queueLimit: number | null
  /** Share of failed rows in one trip above which nothing more is submitted; null: no gate. */
  readonly maxErrorRate: number | null
  /** Trips collected before this do not count for the gate: a person has resumed the run knowing of them. */
  readonly gateFrom: number
  /** USD; null: no budget. */
  readonly maxUsd: number | null
  /** What each batch's next trip may cost at most, USD. */
  readonly reserveUsd: (state: BatchState) => number
  /** Nothing before this time: the last poll's pause. */
  readonly pollAt: number
  /** Nothing is waited for: what is due is done, and once nothing waits to be sent it leaves. */
  readonly detach: boolean
  /** Nothing new is sent (a person interrupted, or the run was stopped); what is out is still collected unless interrupted. */
  readonly halted: boolean
}

export interface Schedule {
  readonly due: readonly Command[]
  /** When to ask again if nothing else happens; undefined: only an event can make something due. */
  readonly wakeAt: number | undefined
  /** Why nothing more is submitted, once nothing in flight can change that. */
  readonly halt: Halt | undefined
  /** Batches that only a person can decide on; they are asked once nothing else is left to do. */
  readonly undecided: readonly BatchState[]
  /** Nothing is left to do in this process. */
  readonly finished: boolean
}

export interface Halt {
  readonly reason: 'gate' | 'budget'
  readonly message: string
}

/** @param busy indices with a command under way; -1: a poll is */
export function schedule(
  states: readonly BatchState[],
  now: number,
  policy: Policy,
  busy: ReadonlySet<number>,
): Schedule {
  const due: Command[] = []
  let wakeAt: number | undefined
  const wake = (at: number): void => {
    wakeAt = wakeAt === undefined ? at : Math.min(wakeAt, at)
  }
  const isReady = (state: BatchState): boolean => {
    if (state.notBefore <= now) return true
    wake(state.notBefore)
    return false
  }
  const halt = gateHalt(states, policy)
  const admission = new Admission(states, policy, busy)
  let open = 0
  let unsent = 0
  let blockedByBudget: BatchState | undefined
  for (const state of policy.maxUsd === null ? states : begunFirst(states)) {
    if (state.phase === 'done' || state.phase === 'refused') continue
    open += 1
    if (isLost(state)) continue
    if (state.phase === 'planned' || state.phase === 'submitting') unsent += 1
    if (busy.has(state.index)) continue
    if (state.phase === 'planned' && state.cancel !== 'no') due.push({ type: 'abandon', index: state.index })
    else if (state.phase === 'planned' && halt === undefined && !policy.halted && isReady(state)) {
      const verdict = admission.admit(state)
      if (verdict === 'yes') due.push({ type: 'submit', index: state.index })
      if (verdict === 'budget') blockedByBudget ??= state
    } else if (state.phase === 'submitting' && isReady(state)) due.push({ type: 'look', index: state.index })
    else if (state.phase === 'ended' && isReady(state)) due.push({ type: 'collect', index: state.index })
    else if (state.phase === 'submitted' && state.cancel === 'requested' && isReady(state))
      due.push({ type: 'cancel', index: state.index })
  }
  const isPolling = states.some((state) => state.phase === 'submitted' && !busy.has(state.index))
  if (isPolling && !busy.has(-1)) {
    if (policy.pollAt <= now) due.push({ type: 'poll' })
    else wake(policy.pollAt)
  }
  const moving =
    busy.size > 0 ||
    due.length > 0 ||
    admission.inFlight > 0 ||
    states.some((state) => state.phase === 'ended' && !isLost(state))
  const stuck = blockedByBudget !== undefined && !moving ? budgetHalt(policy, admission, blockedByBudget) : undefined
  const finalHalt = halt ?? stuck
  const nothingToSend = unsent === 0 || ((finalHalt !== undefined || policy.halted) && !states.some(isSubmitting))
  const finished =
    busy.size === 0 && due.length === 0 && (open === 0 || (nothingToSend && (policy.detach || !hasRemoteWork(states))))
  const undecided = finished ? states.filter(isLost) : []
  return { due, wakeAt, halt: finished || stuck !== undefined ? finalHalt : undefined, undecided, finished }
}

/** With a budget what has begun is finished before more is begun: half a tool round is money without an answer. */
function begunFirst(states: readonly BatchState[]): readonly BatchState[] {
  return [...states.filter(({ attempt }) => attempt > 1), ...states.filter(({ attempt }) => attempt === 1)]
}

function isSubmitting(state: BatchState): boolean {
  return state.phase === 'submitting'
}

function hasRemoteWork(states: readonly BatchState[]): boolean {
  return states.some(
    (state) =>
      !isLost(state) && (state.phase === 'submitting' || state.phase === 'submitted' || state.phase === 'ended'),
  )
}

/** Nothing that we do brings its results back, and it holds no other batch up. */
function isLost(state: BatchState): boolean {
  return state.phase === 'ended' && typeof state.lost === 'string'
}

/** A trip this bad means that the job is wrong: the rest must not be paid for. */
function gateHalt(states: readonly BatchState[], policy: Policy): Halt | undefined {
  if (policy.maxErrorRate === null) return undefined
  const hasUnsent = states.some((state) => state.phase === 'planned' && state.cancel === 'no')
  if (!hasUnsent) return undefined
  for (const state of states) {
    for (const trip of state.trips) {
      if (trip.collectedAt < policy.gateFrom || trip.requests === 0) continue
      const rate = trip.failed / trip.requests
      if (rate > policy.maxErrorRate) {
        return {
          reason: 'gate',
          message:
            `${trip.failed} of ${trip.requests} rows of batch ${state.index} failed, more than gate.max_error_rate ` +
            `${policy.maxErrorRate} allows, so nothing more is submitted.`,
        }
      }
    }
  }
  return undefined
}

function budgetHalt(policy: Policy, admission: Admission, next: BatchState): Halt {
  return {
    reason: 'budget',
    message:
      `${dollars(admission.spentUsd)} are spent and batch ${next.index} may cost up to ${dollars(policy.reserveUsd(next))} more, ` +
      `which would exceed budget.max_usd ${policy.maxUsd}, so nothing more is submitted.`,
  }
}

/** Who may go next: batches in flight, the provider's queue, the budget. */
class Admission {
  inFlight = 0
  spentUsd = 0
  readonly #policy: Policy
  #queued = 0
  #reservedUsd = 0

  constructor(states: readonly BatchState[], policy: Policy, busy: ReadonlySet<number>) {
    this.#policy = policy
    for (const state of states) {
      this.spentUsd += state.tally.costUsd ?? 0
      // An ended batch counts until it is settled: only then the gate and the budget know what it came to.
      const isOut = state.phase === 'submitting' || state.phase === 'submitted' || state.phase === 'ended'
      if (isOut || (state.phase === 'planned' && busy.has(state.index))) this.#reserve(state)
    }
  }

  admit(state: BatchState): 'yes' | 'wait' | 'budget' {
    const { maxInFlight, queueLimit, maxUsd } = this.#policy
    if (this.inFlight >= maxInFlight) return 'wait'
    // A batch larger than the learnt limit still has to be tried when nothing else waits.
    if (queueLimit !== null && this.#queued > 0 && this.#queued + state.requests > queueLimit) return 'wait'
    if (maxUsd !== null && this.spentUsd + this.#reservedUsd + this.#policy.reserveUsd(state) > maxUsd) return 'budget'
    this.#reserve(state)
    return 'yes'
  }

  /** Lost results may have been paid for, but they take up no room at the provider. */
  #reserve(state: BatchState): void {
    this.#reservedUsd += this.#policy.reserveUsd(state)
    if (isLost(state)) return
    this.inFlight += 1
    this.#queued += state.take ?? state.requests
  }
}
