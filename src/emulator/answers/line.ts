/** What becomes of one request of a batch, and the parts that every kind of answering shares. */

import type { Json, JsonObject } from '../../core/json.ts'
import { ApiError, errorEnvelope, invalidRequest } from '../api-error.ts'
import type { RequestFault } from '../faults/fault.ts'
import { bytesDigest, contentDigest } from '../state/content-digest.ts'
import type { OutcomeType } from '../state/contents.ts'
import { messagesOf } from './asked.ts'
import type { PromptCache } from './tokens.ts'

/** What one request may weigh, in a batch as alone. */
export const MAX_REQUEST_BYTES = 32 * 1024 * 1024

export interface Line {
  readonly outcome: OutcomeType
  /** What stands behind "result" in the line; undefined: there is to be no line. */
  readonly result: JsonObject | undefined
  readonly content: Buffer
  readonly message: Buffer
}

/** What was asked, as digests: everything, and the first user message, by which attempts are counted. */
export interface Digests {
  readonly content: Buffer
  readonly message: Buffer
}

/** The batch that a request belongs to. */
export interface BatchContext {
  readonly batchId: string
  readonly apiVersion: string
  readonly betas: readonly string[]
  readonly cache: PromptCache
  /** How often a first user message was tried before; this time is counted by asking. */
  attemptsBefore(message: Buffer): number
}

/** A realtime call. */
export interface RealtimeContext {
  readonly apiVersion: string
  readonly betas: readonly string[]
  readonly requestId: string
}

export interface RequestAnswerer {
  /**
   * The result of one request of a batch. `bytes` may be overwritten once this has returned. Never throws for what is in
   * the request: that is an errored line.
   */
  line(bytes: Buffer, customId: string, position: number, batch: BatchContext): Line | Promise<Line>
  /** A realtime Message. Throws ApiError. */
  reply(params: JsonObject, call: RealtimeContext): Promise<JsonObject>
  /** Throws ApiError. */
  countTokens(params: JsonObject, call: RealtimeContext): Promise<number>
  /** What a request says in words. Throws ApiError. */
  text(params: JsonObject): Promise<string>
}

export function digestsOf(params: JsonObject, bytes: Buffer): Digests {
  const content = digestOr(params, () => bytesDigest(bytes))
  const message = digestOr(messagesOf(params).find((one) => one.role === 'user') ?? null, () => content)
  return { content, message }
}

export function succeededLine(message: JsonObject, digests: Digests): Line {
  return { outcome: 'succeeded', result: { type: 'succeeded', message }, ...digests }
}

export function erroredLine(error: unknown, digests: Digests): Line {
  const result = { type: 'errored', error: errorEnvelope(asApiError(error), null) }
  return { outcome: 'errored', result, ...digests }
}

/** The line of a request that gives no answer at all; undefined: the fault is in the answer. */
export function failedLine(fault: RequestFault, digests: Digests): Line | undefined {
  switch (fault.type) {
    case 'error':
      return erroredLine(new ApiError(500, fault.errorType, fault.message ?? textOfError(fault.errorType)), digests)
    case 'expired':
    case 'canceled':
      return { outcome: fault.type, result: { type: fault.type }, ...digests }
    case 'missing':
      // Counted as errored: nobody received an answer, so nobody pays for one.
      return { outcome: 'errored', result: undefined, ...digests }
    default:
      return undefined
  }
}

export function tooLarge(): ApiError {
  return new ApiError(413, 'request_too_large', 'Request exceeds the maximum allowed number of bytes.')
}

function textOfError(type: string): string {
  const known: Readonly<Record<string, string>> = {
    overloaded_error: 'Overloaded',
    api_error: 'Internal server error',
    rate_limit_error: 'Number of requests has exceeded your rate limit.',
    timeout_error: 'Request timed out.',
  }
  return known[type] ?? `The emulator was told to answer this request with ${type}.`
}

function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  // A value nested deeper than the stack; and whatever else a single request may break must not stop its batch.
  if (error instanceof RangeError) return invalidRequest('The request body is nested too deeply.')
  return new ApiError(500, 'api_error', 'Internal server error')
}

function digestOr(value: Json, otherwise: () => Buffer): Buffer {
  try {
    return contentDigest(value)
  } catch (error) {
    if (error instanceof RangeError) return otherwise()
    throw error
  }
}
