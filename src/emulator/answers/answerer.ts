// From the bytes of one request to what the API says about it: checked, read, perhaps made to fail, answered, counted.

import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts'
import { ApiError, errorEnvelope, errorTypeOf, invalidRequest } from '../api-error.ts'
import { checkParams } from '../checks/check-params.ts'
import { checkRead } from '../checks/check-read.ts'
import type { RequestFault } from '../faults/fault.ts'
import type { FaultList } from '../faults/fault-list.ts'
import type { ModelFacts } from '../models.ts'
import { bytesDigest, contentDigest } from '../state/content-digest.ts'
import type { OutcomeType } from '../state/contents.ts'
import { seededId } from '../state/seeded.ts'
import type { Answer, AnswerMode } from './answer.ts'
import { type Asked, messagesOf, readAsked, textOf } from './asked.ts'
import type { DocumentReader } from './documents.ts'
import { faultedAnswer } from './faulted.ts'
import { finishAnswer } from './finish.ts'
import { messageOf } from './message.ts'
import { inputTokens, PromptCache } from './tokens.ts'

/** What one request may weigh, in a batch as alone. */
export const MAX_REQUEST_BYTES = 32 * 1024 * 1024

export interface BatchContext {
  readonly batchId: string
  readonly apiVersion: string
  readonly betas: readonly string[]
  readonly cache: PromptCache
  /** How often a first user message was tried before. */
  attemptsBefore(message: Buffer): number
}

export interface Line {
  readonly outcome: OutcomeType
  /** What stands behind "result" in the line; undefined: there is to be no line. */
  readonly result: JsonObject | undefined
  readonly content: Buffer
  readonly message: Buffer
}

export interface RealtimeContext {
  readonly apiVersion: string
  readonly betas: readonly string[]
  readonly requestId: string
}

export class Answerer {
  readonly #mode: AnswerMode
  readonly #documents: DocumentReader
  readonly #faults: FaultList
  readonly #seed: number
  readonly #now: () => number
  /** Realtime calls share one cache of prefixes. */
  #realtimeCache = new PromptCache()

  constructor(parts: {
    readonly mode: AnswerMode
    readonly documents: DocumentReader
    readonly faults: FaultList
    readonly seed: number
    readonly now: () => number
  }) {
    this.#mode = parts.mode
    this.#documents = parts.documents
    this.#faults = parts.faults
    this.#seed = parts.seed
    this.#now = parts.now
  }

  /** The result of one request of a batch. Never throws for what is in the request: that is an errored line. */
  line(bytes: Buffer, customId: string, position: number, batch: BatchContext): Line | Promise<Line> {
    let content = bytesDigest(bytes)
    let message = content
    const errored = (error: unknown): Line => ({
      outcome: 'errored',
      result: { type: 'errored', error: errorEnvelope(asApiError(error), null) },
      content,
      message,
    })
    try {
      if (bytes.length > MAX_REQUEST_BYTES) {
        throw new ApiError(413, 'request_too_large', 'Request exceeds the maximum allowed number of bytes.')
      }
      const params = JSON.parse(bytes.toString('utf8')) as JsonObject
      content = digestOr(params, content)
      message = digestOr(firstUserMessage(params), content)
      const context = { where: 'batch', apiVersion: batch.apiVersion, betas: batch.betas, nowMs: this.#now() } as const
      const model = checkParams(params, context)
      const asked = readAsked(params, this.#documents)
      const settle = (read: Asked): Line | Promise<Line> => {
        checkRead(read, model)
        const attempt = batch.attemptsBefore(message) + 1
        const fault = this.#faults.forRequest({ content, attempt, position, text: () => textOf(read) })
        const failed = fault === undefined ? undefined : failedLine(fault, content, message)
        if (failed !== undefined) return failed
        const draw = `${this.#seed}/${content.toString('base64')}`
        const answer = this.#mode.answer(read, { model, draw })
        const succeed = (given: Answer): Line => {
          const finished = finishAnswer(fault === undefined ? given : faultedAnswer(fault, given, read), {
            params,
            model,
            apiVersion: batch.apiVersion,
          })
          const id = seededId('msg', this.#seed, batch.batchId, customId)
          const input = batch.cache.count(read, model)
          const said = messageOf(finished, { id, model, apiVersion: batch.apiVersion, input, tier: 'batch' })
          return { outcome: 'succeeded', result: { type: 'succeeded', message: said }, content, message }
        }
        return answer instanceof Promise ? answer.then(succeed) : succeed(answer)
      }
      const line = asked instanceof Promise ? asked.then(settle) : settle(asked)
      return line instanceof Promise ? line.catch(errored) : line
    } catch (error) {
      return errored(error)
    }
  }

  /** A realtime Message. Throws ApiError. */
  async reply(params: JsonObject, call: RealtimeContext): Promise<JsonObject> {
    const model = this.#check(params, 'realtime', call)
    const asked = await readAsked(params, this.#documents)
    checkRead(asked, model)
    const content = digestOr(params, bytesDigest(Buffer.from(call.requestId)))
    const draw = `${this.#seed}/${content.toString('base64')}`
    const answer = finishAnswer(await this.#mode.answer(asked, { model, draw }), {
      params,
      model,
      apiVersion: call.apiVersion,
    })
    const id = seededId('msg', this.#seed, call.requestId)
    if (this.#realtimeCache.size > 100_000) this.#realtimeCache = new PromptCache()
    const input = this.#realtimeCache.count(asked, model)
    return messageOf(answer, { id, model, apiVersion: call.apiVersion, input, tier: 'standard' })
  }

  /** What a realtime request says in words, for faults that match it. Throws ApiError. */
  async text(params: JsonObject): Promise<string> {
    return textOf(await readAsked(params, this.#documents))
  }

  async countTokens(params: JsonObject, call: RealtimeContext): Promise<number> {
    const model = this.#check(params, 'count_tokens', call)
    return inputTokens(await readAsked(params, this.#documents), model)
  }

  #check(params: Json, where: 'realtime' | 'count_tokens', call: RealtimeContext): ModelFacts {
    if (!isJsonObject(params)) throw invalidRequest('Input should be a valid dictionary')
    return checkParams(params, { where, apiVersion: call.apiVersion, betas: call.betas, nowMs: this.#now() })
  }
}

/** The line of a request that gives no answer at all; undefined: the fault is in the answer. */
function failedLine(fault: RequestFault, content: Buffer, message: Buffer): Line | undefined {
  switch (fault.type) {
    case 'error': {
      const error = new ApiError(500, fault.errorType, fault.message ?? textOfError(fault.errorType))
      return {
        outcome: 'errored',
        result: { type: 'errored', error: errorEnvelope(error, null) },
        content,
        message,
      }
    }
    case 'expired':
    case 'canceled':
      return { outcome: fault.type, result: { type: fault.type }, content, message }
    case 'missing':
      // Counted as errored: nobody received an answer, so nobody pays for one.
      return { outcome: 'errored', result: undefined, content, message }
    default:
      return undefined
  }
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
  return new ApiError(500, errorTypeOf(500), 'Internal server error')
}

function firstUserMessage(params: JsonObject): Json {
  return messagesOf(params).find((one) => one.role === 'user') ?? null
}

function digestOr(value: Json, otherwise: Buffer): Buffer {
  try {
    return contentDigest(value)
  } catch (error) {
    if (error instanceof RangeError) return otherwise
    throw error
  }
}
