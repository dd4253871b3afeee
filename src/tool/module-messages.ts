// What is said between us and the process in which a module's handlers run.

import type { Json, JsonObject } from '../core/json.ts'

/** To the process. */
export type ToChild =
  | {
      readonly type: 'call'
      readonly id: number
      readonly export: string
      readonly input: Json
      readonly context: { readonly row: JsonObject; readonly toolUseId: string; readonly idempotencyKey: string }
    }
  /** Answered with `canceled` by a process that is not blocked. */
  | { readonly type: 'cancel'; readonly id: number }

/** From the process. */
export type FromChild =
  | { readonly type: 'ready'; readonly functions: readonly string[] }
  /** The module cannot be loaded. */
  | { readonly type: 'failed'; readonly message: string }
  /** `value` is JSON text; absent: the function returned nothing. */
  | { readonly type: 'returned'; readonly id: number; readonly value?: string }
  /** It returned this many bytes, which is more than may be sent. */
  | { readonly type: 'too_large'; readonly id: number; readonly bytes: number }
  | { readonly type: 'threw'; readonly id: number; readonly message: string }
  | { readonly type: 'canceled'; readonly id: number }
