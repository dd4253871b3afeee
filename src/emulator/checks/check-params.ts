// What the API says about the body of a Messages request. For a batch this is said in the request's own result line.

import type { Json, JsonObject } from '../../core/json.ts'
import { NEW_VERSION } from '../answers/message.ts'
import { invalidRequest, notFound } from '../api-error.ts'
import { findModel, lifecycleOf, type ModelFacts } from '../models.ts'
import { checkCache } from './check-cache.ts'
import { checkMessages, checkSystem } from './check-messages.ts'
import { checkOutput, hasCitations } from './check-output.ts'
import { checkToolChoice, checkToolPairs, checkTools } from './check-tools.ts'
import { integerAt, listAt, objectAt, oneOf, onlyKeys, stringAt } from './fields.ts'

export interface CheckContext {
  readonly where: 'batch' | 'realtime' | 'count_tokens'
  readonly apiVersion: string
  readonly betas: readonly string[]
  readonly nowMs: number
}

const FIELDS = [
  'model',
  'messages',
  'system',
  'cache_control',
  'tools',
  'tool_choice',
  'thinking',
  'output_config',
  'container',
  'inference_geo',
]
/** Not in count_tokens. */
const ANSWER_FIELDS = ['max_tokens', 'metadata', 'service_tier', 'stop_sequences', 'diagnostics', 'stream']
const SAMPLING = ['temperature', 'top_p', 'top_k']
/** Known to the API with a beta header only. */
const BETA_FIELDS = ['mcp_servers', 'context_management', 'output_format', 'speed', 'user_profile_id']
/** Refused in batches, with or without a header. */
const NOT_IN_BATCHES = ['speed', 'fallbacks', 'store', 'previous_thread_event_id', 'cache_hint', 'context_hint']
const LONG_OUTPUT_BETA = 'output-300k-2026-03-24'
const LONG_OUTPUT_TOKENS = 300_000

/** Returns the model that was asked for. Throws ApiError for the first thing wrong. */
export function checkParams(params: JsonObject, context: CheckContext): ModelFacts {
  if (context.where === 'batch') checkBatchOnly(params)
  checkFields(params, context)
  const name = stringAt(params.model, 'model')
  const messages = listAt(params.messages, 'messages')
  const maxTokens = context.where === 'count_tokens' ? undefined : integerAt(params.max_tokens, 'max_tokens')
  const model = findModel(name)
  if (model === undefined || lifecycleOf(model, context.nowMs) === 'retired') throw notFound(`model: ${name}`)
  if (maxTokens !== undefined) checkMaxTokens(maxTokens, model, context)
  checkSampling(params, context)
  checkSystem(params.system)
  checkMessages(messages, { model, isNewVersion: context.apiVersion === NEW_VERSION })
  checkToolPairs(messages)
  checkTools(params.tools)
  checkToolChoice(params, model)
  checkThinking(params, model, maxTokens)
  checkOutput(params, hasCitations(messages))
  checkCache(params)
  checkRest(params)
  return model
}

/** What is refused in batches alone. Throws ApiError. */
export function checkBatchOnly(params: JsonObject): void {
  if (params.stream === true) throw invalidRequest('"stream=True" is not supported in the Message Batches API')
  for (const field of NOT_IN_BATCHES) {
    if (params[field] !== undefined) throw invalidRequest(`"${field}" is not supported in the Message Batches API`)
  }
}

function checkFields(params: JsonObject, { where, apiVersion, betas }: CheckContext): void {
  const allowed = [
    ...FIELDS,
    ...(where === 'count_tokens' ? [] : ANSWER_FIELDS),
    ...(betas.length > 0 ? BETA_FIELDS : []),
  ]
  if (apiVersion !== NEW_VERSION) allowed.push(...SAMPLING)
  onlyKeys(params, allowed, '')
}

function checkMaxTokens(maxTokens: number, model: ModelFacts, { where, betas }: CheckContext): void {
  const least = where === 'batch' ? 1 : 0
  if (maxTokens < least) throw invalidRequest(`max_tokens: Input should be greater than or equal to ${least}`)
  const isLong = where === 'batch' && model.longOutput && betas.includes(LONG_OUTPUT_BETA)
  const most = isLong ? LONG_OUTPUT_TOKENS : model.maxTokens
  if (maxTokens > most) {
    const rule = `which is the maximum allowed number of output tokens for ${model.id}`
    throw invalidRequest(`max_tokens: ${maxTokens} > ${most}, ${rule}`)
  }
}

/** Only the older version takes them at all. */
function checkSampling(params: JsonObject, { apiVersion }: CheckContext): void {
  if (apiVersion === NEW_VERSION) return
  for (const name of ['temperature', 'top_p']) {
    const value = params[name]
    if (value === undefined || value === null) continue
    if (typeof value !== 'number') throw invalidRequest(`${name}: Input should be a valid number`)
    if (value < 0 || value > 1) throw invalidRequest(`${name}: range: 0..1`)
  }
  if (params.top_k !== undefined && params.top_k !== null && integerAt(params.top_k, 'top_k') < 0) {
    throw invalidRequest('top_k: Input should be greater than or equal to 0')
  }
}

function checkThinking(params: JsonObject, model: ModelFacts, maxTokens: number | undefined): void {
  if (params.thinking === undefined || params.thinking === null) return
  const thinking = objectAt(params.thinking, 'thinking')
  const type = oneOf(thinking.type, ['adaptive', 'enabled', 'disabled', 'between_tools'], 'thinking.type')
  if (!model.thinking.some((known) => known === type)) {
    throw invalidRequest(`thinking.type: "${type}" is not supported by ${model.id}`)
  }
  if (type !== 'enabled') return
  const budget = integerAt(thinking.budget_tokens, 'thinking.enabled.budget_tokens')
  if (budget < 1024) {
    throw invalidRequest('thinking.enabled.budget_tokens: Input should be greater than or equal to 1024')
  }
  if (maxTokens !== undefined && maxTokens <= budget) {
    throw invalidRequest('`max_tokens` must be greater than `thinking.budget_tokens`.')
  }
}

function checkRest(params: JsonObject): void {
  if (isGiven(params.stop_sequences)) {
    for (const [at, one] of listAt(params.stop_sequences, 'stop_sequences').entries()) {
      if (stringAt(one, `stop_sequences.${at}`).trim() === '') {
        throw invalidRequest('stop_sequences: each stop sequence must contain non-whitespace')
      }
    }
  }
  if (isGiven(params.metadata)) {
    const metadata = objectAt(params.metadata, 'metadata')
    onlyKeys(metadata, ['user_id'], 'metadata')
    if (isGiven(metadata.user_id)) stringAt(metadata.user_id, 'metadata.user_id')
  }
  if (isGiven(params.service_tier)) oneOf(params.service_tier, ['auto', 'standard_only'], 'service_tier')
  if (isGiven(params.stream) && typeof params.stream !== 'boolean') {
    throw invalidRequest('stream: Input should be a valid boolean')
  }
}

function isGiven(value: Json | undefined): value is Json {
  return value !== undefined && value !== null
}
