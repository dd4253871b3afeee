// Answers by asking a real Messages endpoint. What a request may contain is for the upstream to say.

import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts'
import { readAsked, textOf } from '../answers/asked.ts'
import type { DocumentReader } from '../answers/documents.ts'
import { faultedAnswer } from '../answers/faulted.ts'
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
} from '../answers/line.ts'
import { inputTokens } from '../answers/tokens.ts'
import { invalidRequest } from '../api-error.ts'
import { checkBatchOnly } from '../checks/check-params.ts'
import type { RequestFault } from '../faults/fault.ts'
import type { FaultList } from '../faults/fault-list.ts'
import { findModel } from '../models.ts'
import { bytesDigest } from '../state/content-digest.ts'
import type { UpstreamClient } from './upstream-client.ts'

export class UpstreamAnswerer implements RequestAnswerer {
  readonly #client: UpstreamClient
  readonly #faults: FaultList
  readonly #documents: DocumentReader

  constructor(client: UpstreamClient, faults: FaultList, documents: DocumentReader) {
    this.#client = client
    this.#faults = faults
    this.#documents = documents
  }

  /** Throws the signal's reason when it is aborted; everything else is a line. */
  async line(
    bytes: Buffer,
    _customId: string,
    position: number,
    batch: BatchContext,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<Line> {
    // The reader of the slices uses its memory again.
    const body = Buffer.from(bytes)
    let digests: Digests = { content: bytesDigest(body), message: bytesDigest(body) }
    try {
      if (body.length > MAX_REQUEST_BYTES) throw tooLarge()
      const params = JSON.parse(body.toString('utf8')) as JsonObject
      digests = digestsOf(params, body)
      checkBatchOnly(params)
      const fault = await this.#faultOf(params, digests, position, batch)
      const failed = fault === undefined ? undefined : failedLine(fault, digests)
      if (failed !== undefined) return failed
      const message = await this.#client.ask({ body, apiVersion: batch.apiVersion, betas: batch.betas }, signal)
      return succeededLine(inBatch(fault === undefined ? message : faulted(fault, message, params)), digests)
    } catch (error) {
      signal.throwIfAborted()
      return erroredLine(error, digests)
    }
  }

  async reply(params: JsonObject, call: RealtimeContext): Promise<JsonObject> {
    return this.#client.askNow({ ...call, body: JSON.stringify({ ...params, stream: false }) }, '')
  }

  /** Local servers often cannot count; then the emulator's own rule serves. */
  async countTokens(params: JsonObject, call: RealtimeContext): Promise<number> {
    if (!Array.isArray(params.messages)) throw invalidRequest('messages: Field required')
    try {
      const counted = await this.#client.askNow({ ...call, body: JSON.stringify(params) }, '/count_tokens')
      if (typeof counted.input_tokens === 'number') return counted.input_tokens
    } catch {
      // Counted below.
    }
    const model = typeof params.model === 'string' ? findModel(params.model) : undefined
    return inputTokens(await readAsked(params, this.#documents), model)
  }

  async text(params: JsonObject): Promise<string> {
    return textOf(await readAsked(params, this.#documents))
  }

  async #faultOf(
    params: JsonObject,
    { content, message }: Digests,
    position: number,
    batch: BatchContext,
  ): Promise<RequestFault | undefined> {
    const attempt = batch.attemptsBefore(message) + 1
    const text = this.#faults.matchesText('request') ? await this.text(params) : ''
    return this.#faults.forRequest({ content, attempt, position, text: () => text })
  }
}

function inBatch(message: JsonObject): JsonObject {
  return { ...message, usage: { ...(isJsonObject(message.usage) ? message.usage : {}), service_tier: 'batch' } }
}

function faulted(fault: RequestFault, message: JsonObject, params: JsonObject): JsonObject {
  const content = Array.isArray(message.content) ? (message.content as readonly Json[]).filter(isJsonObject) : []
  const answer = faultedAnswer(fault, { content, stopReason: String(message.stop_reason) }, params)
  return {
    ...message,
    content: answer.content,
    stop_reason: answer.stopReason,
    ...(answer.stopDetails === undefined ? {} : { stop_details: answer.stopDetails }),
  }
}
