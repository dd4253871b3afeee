/** What can be made to go wrong: with a call, or with one request of a batch. */

import type { CallName } from '../state/calls.ts'

export interface CallFault {
  /** before: the socket is destroyed and nothing happened; after: it happened, and no answer (or only `truncate` bytes of it) came. */
  readonly cut?: 'before' | 'after'
  readonly status?: number
  readonly retryAfterSeconds?: number
  /** Put in place of the message that goes with the status, and `details.error_code`. */
  readonly message?: string
  readonly errorCode?: string
  /** The answer ends after this many bytes. */
  readonly truncateBytes?: number
  readonly delayMs?: number
}

export type RequestFault =
  | { readonly type: 'error'; readonly errorType: string; readonly message?: string }
  | { readonly type: 'expired' | 'canceled' | 'truncated' | 'refusal' | 'invalid_json' | 'missing' }

interface Condition {
  /** Calls of this kind by their number, from 1, since the list was set; for requests: their position in the batch. */
  readonly nth?: readonly number[]
  /** A seeded share, 0 to 1. */
  readonly rate?: number
  /** Over the text of a request; for calls other than `messages`: over the path and query. */
  readonly match?: RegExp
}

export interface CallRule extends Condition {
  readonly on: CallName
  readonly do: CallFault
}

export interface RequestRule extends Condition {
  readonly on: 'request'
  /** Only the first so many times that a first user message is tried. */
  readonly attempts?: number
  readonly do: RequestFault
}

export type FaultRule = CallRule | RequestRule
