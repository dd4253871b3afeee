// Asks a real Messages endpoint, and asks again when the failure may pass.

import { setTimeout as sleep } from 'node:timers/promises'
import { UserError } from '../../core/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts'
import { ApiError, errorTypeOf } from '../api-error.ts'
import { seededUnit } from '../state/seeded.ts'

const ATTEMPTS = 5
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 30_000
/** An upstream that asks for a longer pause is asked after this one. */
const LONGEST_RETRY_AFTER_MS = 300_000
/** A local model may think for long. */
const REQUEST_MS = 600_000

export interface UpstreamCall {
  readonly body: Uint8Array | string
  readonly apiVersion: string
  readonly betas: readonly string[]
}

export class UpstreamClient {
  readonly #url: URL
  #key: { readonly name: string; readonly value: string } | undefined

  /** Throws UserError for what is no http URL. */
  constructor(url: string) {
    this.#url = readUrl(url)
  }

  /** The header that carried a client's key is passed on as it came. Kept in memory only: after a restart the next call brings one. */
  useKey(key: { readonly name: string; readonly value: string }): void {
    this.#key = key
  }

  get hasKey(): boolean {
    return this.#key !== undefined
  }

  /** The Message. Throws ApiError when the upstream refuses it, also after all attempts; the signal's reason when aborted. */
  async ask(call: UpstreamCall, signal: AbortSignal): Promise<JsonObject> {
    for (let attempt = 1; ; attempt++) {
      signal.throwIfAborted()
      const outcome = await this.#askOnce(call, '', signal)
      if ('message' in outcome) return outcome.message
      if (!outcome.mayPass || attempt === ATTEMPTS) throw outcome.error
      const doubled = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1))
      const jittered = doubled * (0.75 + 0.25 * seededUnit('pause', attempt, outcome.error.message))
      await sleep(outcome.retryAfterMs ?? jittered, undefined, { signal })
    }
  }

  /** One try of a call that a client waits for; `path` below /v1/messages, such as /count_tokens. Throws ApiError. */
  async askNow(call: UpstreamCall, path: string): Promise<JsonObject> {
    const outcome = await this.#askOnce(call, path, AbortSignal.timeout(REQUEST_MS))
    if ('message' in outcome) return outcome.message
    throw outcome.error
  }

  async #askOnce(call: UpstreamCall, path: string, signal: AbortSignal): Promise<Outcome> {
    const url = new URL(this.#url)
    url.pathname += path
    let response: Response
    let text: string
    try {
      response = await fetch(url, {
        method: 'POST',
        body: call.body,
        headers: {
          'content-type': 'application/json',
          'anthropic-version': call.apiVersion,
          ...(call.betas.length > 0 ? { 'anthropic-beta': call.betas.join(',') } : {}),
          ...(this.#key === undefined ? {} : { [this.#key.name]: this.#key.value }),
        },
        signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_MS)]),
      })
      text = await response.text()
    } catch (error) {
      signal.throwIfAborted()
      const isTimeout = error instanceof Error && error.name === 'TimeoutError'
      const type = isTimeout ? 'timeout_error' : 'api_error'
      return {
        error: new ApiError(isTimeout ? 504 : 502, type, `The upstream could not be reached: ${reasonOf(error)}`),
        mayPass: true,
      }
    }
    const body = parsed(text)
    if (response.ok && isJsonObject(body)) return { message: body }
    const mayPass =
      response.status === 408 || response.status === 409 || response.status === 429 || response.status >= 500
    return { error: errorOf(response.status, body, text), mayPass: mayPass || response.ok, ...retryAfterOf(response) }
  }
}

type Outcome =
  | { readonly message: JsonObject }
  | { readonly error: ApiError; readonly mayPass: boolean; readonly retryAfterMs?: number }

function readUrl(text: string): URL {
  let url: URL
  try {
    url = new URL(text)
  } catch {
    throw new UserError({ message: `"${text}" is not a URL.`, hint: 'Write it as in upstream:http://127.0.0.1:11434.' })
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new UserError(`An upstream is asked over http or https; "${text}" is neither.`)
  }
  const path = url.pathname.replace(/\/+$/, '')
  url.pathname = path.endsWith('/messages') ? path : path.endsWith('/v1') ? `${path}/messages` : `${path}/v1/messages`
  return url
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

function errorOf(status: number, body: Json | undefined, text: string): ApiError {
  const error = isJsonObject(body) && isJsonObject(body.error) ? body.error : {}
  const usual = status < 400 ? 502 : status
  const type = typeof error.type === 'string' ? error.type : errorTypeOf(usual)
  const message =
    typeof error.message === 'string' ? error.message : `The upstream answered ${status}: ${text.slice(0, 200)}`
  return new ApiError(usual, type, message)
}

function retryAfterOf(response: Response): { readonly retryAfterMs?: number } {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  return Number.isFinite(seconds) && seconds >= 0
    ? { retryAfterMs: Math.min(seconds * 1000, LONGEST_RETRY_AFTER_MS) }
    : {}
}

/** Fetch hides what happened in the cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  const told = cause instanceof Error && cause.message !== '' ? cause : error
  return told instanceof Error ? told.message : String(told)
}
