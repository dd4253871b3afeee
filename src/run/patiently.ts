// Calls that cost nothing and may be repeated, made with the patience that a busy provider asks for.

import { RefusedError } from '../core/errors.ts'
import { backoffMs } from './backoff.ts'
import type { LiveContext } from './ports.ts'

/** So often a call is repeated; the pauses double, so the last is long. */
const MOST_TRIES = 8

/** Repeats the call while the provider says that it is busy, for as long as it asks for. Throws its last error. */
export async function patiently<T>(
  call: () => Promise<T>,
  { clock, random, pace }: Pick<LiveContext, 'clock' | 'random' | 'pace'>,
  signal: AbortSignal,
): Promise<T> {
  for (let refusals = 0; ; refusals += 1) {
    try {
      return await call()
    } catch (error) {
      const isBusy = error instanceof RefusedError && error.refusal === 'busy'
      if (!isBusy || refusals + 1 >= MOST_TRIES) throw error
      await clock.sleep(error.retryAfterMs ?? backoffMs(refusals, pace, random), signal)
      signal.throwIfAborted()
    }
  }
}
