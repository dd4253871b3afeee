// What went wrong with a call, in our classes. The question for a create call is always the same: was the batch surely
// not taken? Only an HTTP status together with the API's own error envelope says so; a proxy's page says nothing.

import { messageOf, type Refusal, RefusedError } from '../../core/errors.ts'
import { isJsonObject, type JsonObject } from '../../core/json.ts'
import { isSpendLimit } from './error-kind.ts'
import { NotSentError } from './upload.ts'

/** What the SDK's APIError tells; it is recognised by its members, since the SDK is loaded late. */
export interface ApiError {
  readonly status: number
  readonly headers: Headers | undefined
  /** The parsed body; undefined where it was no JSON. */
  readonly error: unknown
  readonly message: string
}

export function isApiError(error: unknown): error is ApiError {
  return error instanceof Error && typeof (error as Partial<ApiError>).status === 'number'
}

/** `error` of the API's envelope; undefined: the answer is not the API's. */
export function apiErrorOf(error: unknown): { type: string; message: string; details: JsonObject } | undefined {
  if (!isApiError(error) || !isJsonObject(error.error) || error.error.type !== 'error') return undefined
  const inner = error.error.error
  if (!isJsonObject(inner) || typeof inner.type !== 'string') return undefined
  const message = typeof inner.message === 'string' ? inner.message : inner.type
  return { type: inner.type, message, details: isJsonObject(inner.details) ? inner.details : {} }
}

/** The error of a create call: RefusedError where the batch was surely not taken, else an Error that says nothing of it. */
export function submitError(error: unknown): Error {
  if (error instanceof NotSentError) {
    return new RefusedError(isCertificateFault(error.cause) ? 'invalid' : 'busy', error.message, { cause: error })
  }
  const refusal = refusalOf(error)
  return refusal === undefined || !isApiError(error) ? plainError(error) : refused(refusal, error)
}

/** The error of any other call. Nothing is at stake, so every sign that asking again later may help is taken. */
export function callError(error: unknown): Error {
  if (isApiError(error) && (error.status === 429 || error.status === 503 || error.status === 529)) {
    return refused(refusalOf(error) ?? 'busy', error)
  }
  const refusal = refusalOf(error)
  if (isApiError(error) && (refusal === 'unauthorised' || refusal === 'spend_limit')) return refused(refusal, error)
  return plainError(error)
}

/** undefined: the call may have been taken. */
function refusalOf(error: unknown): Refusal | undefined {
  if (!isApiError(error)) return undefined
  // The edge refuses a body that is too large before the API sees it, in words of its own.
  if (error.status === 413) return 'too_large'
  const inner = apiErrorOf(error)
  if (inner === undefined) return undefined
  if (isSpendLimit(inner.message, inner.details)) return error.status < 500 ? 'spend_limit' : undefined
  switch (error.status) {
    case 400:
      return inner.type === 'request_too_large' ? 'too_large' : 'invalid'
    case 404:
    case 422:
      return 'invalid'
    case 401:
    case 403:
      return 'unauthorised'
    case 402:
      return 'spend_limit'
    case 429:
      return /\bqueue|batch requests? (are )?(in|being) process/i.test(inner.message) ? 'queue_full' : 'busy'
    case 529:
      return 'busy'
    default:
      return undefined
  }
}

function refused(refusal: Refusal, error: ApiError): RefusedError {
  const retryAfterMs = retryAfterOf(error.headers)
  return new RefusedError(refusal, describe(error), {
    status: error.status,
    cause: error,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })
}

/** The words of an error whose consequences are unknown, with the cause that the SDK wraps. */
function plainError(error: unknown): Error {
  if (isApiError(error)) return new Error(describe(error), { cause: error })
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : undefined
  const message = messageOf(error)
  const why = cause === undefined ? '' : causeWords(cause)
  // Some wrap an error in another one of the same words.
  return new Error(message.includes(why) ? message : `${message} ${why}`, { cause: error })
}

function causeWords(cause: Error): string {
  const deeper = cause.cause instanceof Error ? cause.cause : undefined
  return deeper === undefined ? cause.message : `${cause.message}: ${deeper.message}`
}

/** "401 authentication_error: API key is invalid. (request req_…)"; of a page that is no JSON, only its beginning. */
function describe(error: ApiError): string {
  const inner = apiErrorOf(error)
  const id = error.headers?.get('request-id')
  const where = id ? ` (request ${id})` : ''
  if (inner !== undefined) return `${error.status} ${inner.type}: ${inner.message}${where}`
  return `${error.message.replaceAll(/\s+/g, ' ').slice(0, 200)}${where}`
}

/** Milliseconds, from a number of seconds or a date. */
function retryAfterOf(headers: Headers | undefined): number | undefined {
  const text = headers?.get('retry-after')
  if (!text) return undefined
  const seconds = Number(text)
  const ms = Number.isNaN(seconds) ? Date.parse(text) - Date.now() : seconds * 1000
  return Number.isNaN(ms) ? undefined : Math.max(0, Math.round(ms))
}

/** Waiting does not mend a certificate that is not trusted. */
function isCertificateFault(cause: unknown): boolean {
  const code = String((cause as NodeJS.ErrnoException | undefined)?.code)
  return /CERT|SELF_SIGNED|ISSUER|SIGNATURE|ERR_TLS/.test(code)
}
