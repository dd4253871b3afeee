// One line of a results file, or the answer of one realtime call, in neutral words. Absent and null mean the same: the
// API leaves out what does not apply, and other servers send null.

import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts'
import type { Answer, Billing, Result, ResultLine, ToolCall, Usage } from '../../core/result.ts'
import { errorKind } from './error-kind.ts'

/** Throws an Error where the line is not a results line. */
export function decode(line: JsonObject): ResultLine {
  if (typeof line.custom_id !== 'string') throw notALine(line, 'it has no custom_id')
  if (!isJsonObject(line.result)) throw notALine(line, 'it has no result')
  return { customId: line.custom_id, result: decodeResult(line, line.result) }
}

function decodeResult(line: JsonObject, result: JsonObject): Result {
  switch (result.type) {
    case 'succeeded': {
      if (!isJsonObject(result.message)) throw notALine(line, 'it succeeded without a message')
      const usage = objectOr(result.message.usage)
      return { type: 'succeeded', answer: decodeAnswer(result.message, usage), usage: decodeUsage(usage) }
    }
    case 'errored':
      return decodeError(objectOr(result.error))
    case 'canceled':
    case 'expired':
      return { type: result.type }
    default:
      throw notALine(line, `its result has the unknown type ${JSON.stringify(result.type)}`)
  }
}

function decodeAnswer(message: JsonObject, usage: JsonObject): Answer {
  const blocks = objectsOf(message.content)
  const texts = blocks.filter((block) => block.type === 'text')
  const stopReason = typeof message.stop_reason === 'string' ? message.stop_reason : 'unknown'
  const details = message.stop_details
  return {
    text: texts.map((block) => (typeof block.text === 'string' ? block.text : '')).join(''),
    content: message.content ?? [],
    toolCalls: blocks.filter((block) => block.type === 'tool_use').map(decodeToolCall),
    citations: texts.flatMap((block) => (Array.isArray(block.citations) ? (block.citations as readonly Json[]) : [])),
    end: ENDS[stopReason] ?? 'unknown',
    stopReason,
    ...(details === undefined || details === null ? {} : { stopDetails: details }),
    model: typeof message.model === 'string' ? message.model : 'unknown',
    billing: decodeBilling(message, usage),
  }
}

const ENDS: Readonly<Record<string, Answer['end']>> = {
  end_turn: 'complete',
  stop_sequence: 'complete',
  tool_use: 'tools',
  max_tokens: 'truncated',
  model_context_window_exceeded: 'context_exceeded',
  pause_turn: 'paused',
  refusal: 'refused',
}

function decodeBilling(message: JsonObject, usage: JsonObject): Billing {
  const { service_tier: tier, inference_geo: region } = usage
  return {
    // A server that does not say is taken at its word that this is a batch.
    batch: tier === undefined || tier === null || tier === 'batch',
    ...(typeof region === 'string' && region !== 'not_available' ? { region } : {}),
    ...(isFreeRefusal(message, usage) ? { free: true } : {}),
  }
}

/** Categories of refusals that are billed also where nothing had been said yet, since 2026-09-24. */
const BILLED_REFUSALS = new Set<Json | undefined>(['bio', 'frontier_llm', 'reasoning_extraction'])

/** A refusal before any output is not billed, although its usage counts the prompt. */
function isFreeRefusal(message: JsonObject, usage: JsonObject): boolean {
  if (message.stop_reason !== 'refusal' || count(usage.output_tokens) > 0) return false
  if (Array.isArray(message.content) && message.content.length > 0) return false
  return !BILLED_REFUSALS.has(objectOr(message.stop_details).category)
}

function decodeToolCall(block: JsonObject): ToolCall {
  return { id: String(block.id), name: String(block.name), input: block.input ?? {} }
}

function decodeUsage(usage: JsonObject): Usage {
  return {
    inputTokens: count(usage.input_tokens),
    outputTokens: count(usage.output_tokens),
    cacheCreationInputTokens: count(usage.cache_creation_input_tokens),
    cacheReadInputTokens: count(usage.cache_read_input_tokens),
    cacheCreation1hInputTokens: count(objectOr(usage.cache_creation).ephemeral_1h_input_tokens),
    webSearchRequests: count(objectOr(usage.server_tool_use).web_search_requests),
  }
}

/** The error stands two levels deep: result.error is an envelope, its `error` says what happened. */
function decodeError(envelope: JsonObject): Result {
  const inner = isJsonObject(envelope.error) ? envelope.error : envelope
  const code = typeof inner.type === 'string' ? inner.type : 'unknown_error'
  const message = typeof inner.message === 'string' ? inner.message : 'The provider gave no reason.'
  return { type: 'errored', code, message, kind: errorKind(code, message, inner.details) }
}

function count(value: Json | undefined): number {
  return typeof value === 'number' && value > 0 ? value : 0
}

function objectOr(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {}
}

function objectsOf(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter((item): item is JsonObject => isJsonObject(item)) : []
}

function notALine(line: JsonObject, why: string): Error {
  return new Error(`This is no line of a results file, because ${why}: ${JSON.stringify(line).slice(0, 200)}`)
}
