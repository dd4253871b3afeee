// From the bytes of one request to what the API says about it: checked, read, perhaps made to fail, answered, counted.

import type { JsonObject } from '../../core/json.ts'
import { checkParams } from '../checks/check-params.ts'
import { checkRead } from '../checks/check-read.ts'
import type { FaultList } from '../faults/fault-list.ts'
import type { ModelFacts } from '../models.ts'
import { bytesDigest } from '../state/content-digest.ts'
import { seededId } from '../state/seeded.ts'
import type { Answer, AnswerMode } from './answer.ts'
import { type Asked, readAsked, textOf } from './asked.ts'
import type { DocumentReader } from './documents.ts'
import { faultedAnswer } from './faulted.ts'
import { finishAnswer } from './finish.ts'
import {
  type BatchContext,
  type Digests,
  digestsOf,
  erroredLine,
  failedLine,
  type Line,
  MAX_REQUEST_BYTES,
  type RealtimeContext,
  type RequestAnswerer,
  succeededLine,
  tooLarge,
} from './line.ts'
import { messageOf } from './message.ts'
import { inputTokens, PromptCache } from './tokens.ts'

/** Prefixes that realtime calls remember before they begin anew. */
const CACHED_PREFIXES = 100_000

export interface AnswererParts {
  readonly mode: AnswerMode
  readonly documents: DocumentReader
  readonly faults: FaultList
  readonly seed: number
  readonly now: () => number
}

export class Answerer implements RequestAnswerer {
  readonly #parts: AnswererParts
  /** Realtime calls share one cache of prefixes. */
  #realtimeCache = new PromptCache()

  constructor(parts: AnswererParts) {
    this.#parts = parts
  }

  line(bytes: Buffer, customId: string, position: number, batch: BatchContext): Line | Promise<Line> {
    // No closure holds on to the bytes: while a large document is read, they can go.
    let digests: Digests | undefined
    try {
      if (bytes.length > MAX_REQUEST_BYTES) throw tooLarge()
      const params = JSON.parse(bytes.toString('utf8')) as JsonObject
      digests = digestsOf(params, bytes)
      return this.#answered(params, digests, customId, position, batch)
    } catch (error) {
      return erroredLine(error, digests ?? { content: bytesDigest(bytes), message: bytesDigest(bytes) })
    }
  }

  #answered(
    params: JsonObject,
    digests: Digests,
    customId: string,
    position: number,
    batch: BatchContext,
  ): Line | Promise<Line> {
    const { apiVersion, betas } = batch
    const model = checkParams(params, { where: 'batch', apiVersion, betas, nowMs: this.#parts.now() })
    const id = seededId('msg', this.#parts.seed, batch.batchId, customId)
    const settle = (asked: Asked) => this.#settle(asked, model, digests, position, id, batch)
    const asked = readAsked(params, this.#parts.documents)
    const line = asked instanceof Promise ? asked.then(settle) : settle(asked)
    return line instanceof Promise ? line.catch((error: unknown) => erroredLine(error, digests)) : line
  }

  async reply(params: JsonObject, call: RealtimeContext): Promise<JsonObject> {
    const { documents, mode, seed } = this.#parts
    const { apiVersion } = call
    const model = this.#check(params, 'realtime', call)
    const asked = await readAsked(params, documents)
    checkRead(asked, model)
    const answer = await mode.answer(asked, {
      model,
      draw: this.#drawOf(digestsOf(params, Buffer.from(call.requestId))),
    })
    const id = seededId('msg', seed, call.requestId)
    if (this.#realtimeCache.size > CACHED_PREFIXES) this.#realtimeCache = new PromptCache()
    const input = this.#realtimeCache.count(asked, model)
    const finished = finishAnswer(answer, { params, model, apiVersion })
    return messageOf(finished, { id, model, apiVersion, input, tier: 'standard', inferenceGeo: params.inference_geo })
  }

  async text(params: JsonObject): Promise<string> {
    return textOf(await readAsked(params, this.#parts.documents))
  }

  async countTokens(params: JsonObject, call: RealtimeContext): Promise<number> {
    const model = this.#check(params, 'count_tokens', call)
    return inputTokens(await readAsked(params, this.#parts.documents), model)
  }

  #settle(
    asked: Asked,
    model: ModelFacts,
    digests: Digests,
    position: number,
    id: string,
    batch: BatchContext,
  ): Line | Promise<Line> {
    const { faults, mode } = this.#parts
    const { apiVersion } = batch
    checkRead(asked, model)
    const attempt = batch.attemptsBefore(digests.message) + 1
    const fault = faults.forRequest({ content: digests.content, attempt, position, text: () => textOf(asked) })
    const failed = fault === undefined ? undefined : failedLine(fault, digests)
    if (failed !== undefined) return failed
    const succeed = (given: Answer): Line => {
      const answer = fault === undefined ? given : faultedAnswer(fault, given, asked.params)
      const finished = finishAnswer(answer, { params: asked.params, model, apiVersion })
      const input = batch.cache.count(asked, model)
      const inferenceGeo = asked.params.inference_geo
      return succeededLine(messageOf(finished, { id, model, apiVersion, input, tier: 'batch', inferenceGeo }), digests)
    }
    const answer = mode.answer(asked, { model, draw: this.#drawOf(digests) })
    return answer instanceof Promise ? answer.then(succeed) : succeed(answer)
  }

  #drawOf(digests: Digests): string {
    return `${this.#parts.seed}/${digests.content.toString('base64')}`
  }

  #check(params: JsonObject, where: 'realtime' | 'count_tokens', { apiVersion, betas }: RealtimeContext): ModelFacts {
    return checkParams(params, { where, apiVersion, betas, nowMs: this.#parts.now() })
  }
}
