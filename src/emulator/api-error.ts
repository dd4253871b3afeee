/** What the API refuses, as it says it: one class for calls and for the requests of a batch. */

import type { JsonObject } from '../core/json.ts'

export class ApiError extends Error {
  readonly status: number
  /** invalid_request_error, not_found_error … */
  readonly type: string
  readonly details: JsonObject | undefined
  readonly headers: Readonly<Record<string, string>>
  constructor(
    status: number,
    type: string,
    message: string,
    more: { readonly details?: JsonObject; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message)
    this.name = 'ApiError'
    this.status = status
    this.type = type
    this.details = more.details
    this.headers = more.headers ?? {}
  }
}

export function invalidRequest(message: string): ApiError {
  return new ApiError(400, 'invalid_request_error', message)
}

export function notFound(message: string): ApiError {
  return new ApiError(404, 'not_found_error', message)
}

/** The envelope that every error travels in; in a batch's line it stands inside `result.error`. */
export function errorEnvelope(error: ApiError, requestId: string | null): JsonObject {
  const details = error.details === undefined ? {} : { details: error.details }
  return {
    type: 'error',
    error: { type: error.type, message: error.message, ...details },
    request_id: requestId,
  }
}

/** The type that goes with an HTTP status, for errors that have none of their own. */
export function errorTypeOf(status: number): string {
  return TYPES[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error')
}

const TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  408: 'timeout_error',
  409: 'conflict_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  500: 'api_error',
  502: 'api_error',
  503: 'api_error',
  504: 'timeout_error',
  529: 'overloaded_error',
}
