// One POST that is tried again, within limits, as long as the other side may still take it.

import { messageOf } from '../core/errors.ts'

/** Resolves after so many milliseconds; rejects when the signal aborts. */
export type Pause = (ms: number, signal: AbortSignal) => Promise<void>

export interface PostOptions {
  readonly url: string
  /** The URL without user, password and query, for people. */
  readonly location: string
  readonly headers: Readonly<Record<string, string>>
  readonly timeoutMs: number
  /** The sum of the pauses at most. */
  readonly retryForMs: number
  readonly pause: Pause
  readonly signal: AbortSignal
}

const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 30_000
/** How much of an answer is shown when it refuses. */
const SHOWN_CHARACTERS = 200

/** Resolves when the other side has answered 2xx. Throws when it refuses, or when the time for trying again is used up. */
export async function post(options: PostOptions, body: string, idempotencyKey: string): Promise<void> {
  let pausedMs = 0
  for (let attempt = 1; ; attempt++) {
    const answer = await tryOnce(options, body, idempotencyKey)
    if (answer === 'taken') return
    const pauseMs = answer.retryAfterMs ?? Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS)
    if (!answer.isWorthRetrying || pausedMs + pauseMs > options.retryForMs) {
      const tries = attempt === 1 ? '' : ` after ${attempt} tries`
      throw new Error(`The webhook ${options.location} did not take the outcomes${tries}: ${answer.reason}.`)
    }
    await options.pause(pauseMs, options.signal)
    pausedMs += pauseMs
  }
}

interface Refusal {
  readonly reason: string
  readonly isWorthRetrying: boolean
  readonly retryAfterMs?: number
}

async function tryOnce(options: PostOptions, body: string, idempotencyKey: string): Promise<'taken' | Refusal> {
  const timeout = AbortSignal.timeout(options.timeoutMs)
  try {
    const response = await fetch(options.url, {
      method: 'POST',
      headers: { ...options.headers, 'idempotency-key': idempotencyKey },
      body,
      // A redirect would turn the POST into a GET, or carry the headers to another host.
      redirect: 'manual',
      signal: AbortSignal.any([options.signal, timeout]),
    })
    const text = await response.text()
    if (response.ok) return 'taken'
    const retryAfterMs = retryAfter(response.headers.get('retry-after'))
    return {
      reason: `it answered ${response.status} ${response.statusText} ${text.slice(0, SHOWN_CHARACTERS)}`.trim(),
      isWorthRetrying: [408, 425, 429].includes(response.status) || response.status >= 500,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    }
  } catch (error) {
    options.signal.throwIfAborted()
    if (timeout.aborted) return { reason: `no answer within ${options.timeoutMs / 1000} s`, isWorthRetrying: true }
    const cause = error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : ''
    return { reason: cause || messageOf(error), isWorthRetrying: true }
  }
}

/** Seconds; the form with a date is rare enough to be left to the usual pauses. */
function retryAfter(value: string | null): number | undefined {
  return value !== null && /^\d+$/.test(value) ? Number(value) * 1000 : undefined
}
