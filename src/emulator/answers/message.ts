// Dresses an answer as a Message of the API version that was asked in.

import type { Json, JsonObject } from '../../core/json.ts'
import type { ModelFacts } from '../models.ts'
import type { Answer } from './answer.ts'
import { type InputTokens, textTokens } from './tokens.ts'

export const NEW_VERSION = '2026-10-21'
export const OLD_VERSION = '2023-06-01'

export interface MessageFacts {
  readonly id: string
  readonly model: ModelFacts
  readonly apiVersion: string
  readonly input: InputTokens
  readonly tier: 'batch' | 'standard'
  /** What was asked for; where nothing was, the answer does not say. */
  readonly inferenceGeo: Json | undefined
}

/** The newer version sends every key; the older one leaves out those that do not apply. */
export function messageOf(answer: Answer, facts: MessageFacts): JsonObject {
  const isNew = facts.apiVersion === NEW_VERSION
  return {
    id: facts.id,
    type: 'message',
    role: 'assistant',
    model: facts.model.id,
    content: answer.content,
    stop_reason: answer.stopReason,
    stop_sequence: answer.stopSequence ?? null,
    ...(isNew || answer.stopDetails !== undefined ? { stop_details: answer.stopDetails ?? null } : {}),
    ...(isNew ? { container: null, diagnostics: null } : {}),
    usage: usageOf(answer, facts, isNew),
  }
}

function usageOf(answer: Answer, facts: MessageFacts, isNew: boolean): JsonObject {
  const { input, model, tier } = facts
  return {
    input_tokens: input.plain,
    cache_creation_input_tokens: input.cacheWrite5m + input.cacheWrite1h,
    cache_read_input_tokens: input.cacheRead,
    cache_creation: {
      ephemeral_5m_input_tokens: input.cacheWrite5m,
      ephemeral_1h_input_tokens: input.cacheWrite1h,
    },
    output_tokens: answer.outputTokens ?? Math.max(1, contentTokens(answer.content, model)),
    ...(isNew ? { output_tokens_details: { thinking_tokens: answer.thinkingTokens ?? 0 }, server_tool_use: null } : {}),
    service_tier: tier,
    inference_geo: facts.inferenceGeo ?? 'not_available',
    ...(isNew ? { speed: 'standard' } : {}),
  }
}

export function contentTokens(content: readonly JsonObject[], model: ModelFacts): number {
  return content.reduce((sum, block) => sum + textTokens(blockText(block), model), 0)
}

function blockText(block: JsonObject): string {
  const said: Json | undefined = block.text ?? block.thinking
  return typeof said === 'string' ? said : JSON.stringify(block.input ?? '')
}

/** A text block as the version has it: the newer one always carries `citations`. */
export function textBlock(text: string, apiVersion: string, citations: readonly JsonObject[] = []): JsonObject {
  if (citations.length > 0) return { type: 'text', text, citations }
  return apiVersion === NEW_VERSION ? { type: 'text', text, citations: null } : { type: 'text', text }
}
