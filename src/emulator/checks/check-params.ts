// What the API says about the body of a Messages request. For a batch this is said in the request's own result line.

import type { JsonObject } from '../../core/json.ts'
import { invalidRequest, notFound } from '../api-error.ts'
import { findModel, lifecycleOf, type ModelFacts } from '../models.ts'

export interface CheckContext {
  readonly where: 'batch' | 'realtime' | 'count_tokens'
  readonly apiVersion: string
  readonly betas: readonly string[]
  readonly nowMs: number
}

/** Returns the model that was asked for. Throws ApiError for the first thing wrong. */
export function checkParams(params: JsonObject, context: CheckContext): ModelFacts {
  if (params.model === undefined) throw invalidRequest('model: Field required')
  if (typeof params.model !== 'string') throw invalidRequest('model: Input should be a valid string')
  if (params.messages === undefined) throw invalidRequest('messages: Field required')
  if (!Array.isArray(params.messages)) throw invalidRequest('messages: Input should be a valid list')
  const model = findModel(params.model)
  if (model === undefined || lifecycleOf(model, context.nowMs) === 'retired') throw notFound(`model: ${params.model}`)
  return model
}
