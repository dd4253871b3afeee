// What a row carries from attempt to attempt. It stands in the row's line of each follow-up request file, so that settling
// an attempt needs that attempt's line and result only, never the earlier ones.

import type { JsonObject } from '../core/json.ts'
import { addUsage, NO_USAGE, type Usage } from '../core/result.ts'

/**
 * Why a request travels again: `again` the same request (transient error, expiry); `deferred` it was planned into a
 * first attempt that was too large and has not travelled yet; `more_room` the answer was cut off; `repair` the answer broke the
 * schema; `tools` the model waits for tool results; `continue` the provider paused its own tool loop; `retry` a person
 * asked for it.
 */
export type FollowUpKind = 'again' | 'deferred' | 'more_room' | 'repair' | 'tools' | 'continue' | 'retry'

export interface Carried {
  /** Why this line exists; null in the plan. */
  readonly kind: FollowUpKind | null
  /** Finished trips to the provider before this one. */
  readonly attempts: number
  /** Answered turns of the conversation before this one. */
  readonly rounds: number
  /** How often each follow-up was already granted since the row was planned or retried. */
  readonly transient: number
  readonly growths: number
  readonly repairs: number
  /** Turns that tool results or a continuation were added after: what `max_rounds` bounds, together with the last one. */
  readonly turns: number
  /** What the answers before this one used, and cost (null: unknown). */
  readonly usage: Usage
  readonly costUsd: number | null
}

export const CARRIED_NOTHING: Carried = Object.freeze({
  kind: null,
  attempts: 0,
  rounds: 0,
  transient: 0,
  growths: 0,
  repairs: 0,
  turns: 0,
  usage: NO_USAGE,
  costUsd: 0,
})

/** After one more result: the trip counted, its usage added. */
export function carriedOn(
  carried: Carried,
  usage: Usage | undefined,
  costUsd: number | null,
  answered: boolean,
): Carried {
  // Name by name: spread out, it takes ten times as long, and there may be a million of them.
  return {
    kind: carried.kind,
    attempts: carried.attempts + 1,
    rounds: carried.rounds + (answered ? 1 : 0),
    transient: carried.transient,
    growths: carried.growths,
    repairs: carried.repairs,
    turns: carried.turns,
    usage: usage === undefined ? carried.usage : carried.usage === NO_USAGE ? usage : addUsage(carried.usage, usage),
    costUsd: carried.costUsd === null || costUsd === null ? null : carried.costUsd + costUsd,
  }
}

/** Reads the `about` field of a line: a Carried in follow-ups, the row's fields in the plan. */
export function parseCarried(about: string): Carried {
  return JSON.parse(about) as Carried
}

export function parseRowFields(about: string): JsonObject {
  return JSON.parse(about) as JsonObject
}
