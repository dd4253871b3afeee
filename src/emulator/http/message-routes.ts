// The realtime calls: Messages, count_tokens and the models.

import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts'
import { MAX_REQUEST_BYTES, type RequestAnswerer } from '../answers/line.ts'
import { invalidRequest, notFound } from '../api-error.ts'
import { modelInfo } from '../model-info.ts'
import { findModel, lifecycleOf, MODELS } from '../models.ts'
import type { Clock } from '../state/clock.ts'
import { readJson } from './body.ts'
import type { Call, Reply, Route } from './call.ts'
import { messageEvents } from './message-events.ts'
import { pageOf, readPageQuery } from './page.ts'

const LIFECYCLES = ['active', 'deprecated', 'retired']

export function messageRoutes(answerer: RequestAnswerer, clock: Clock): Route[] {
  return [
    { method: 'POST', path: '/v1/messages', name: 'messages', answer: (call) => createMessage(answerer, call) },
    {
      method: 'POST',
      path: '/v1/messages/count_tokens',
      name: 'count_tokens',
      answer: (call) => count(answerer, call),
    },
    { method: 'GET', path: '/v1/models', name: 'models', answer: async (call) => listModels(call, clock.now()) },
    { method: 'GET', path: '/v1/models/:id', name: 'models', answer: async (call) => retrieveModel(call, clock.now()) },
  ]
}

async function createMessage(answerer: RequestAnswerer, call: Call): Promise<Reply> {
  const params = await readParams(call)
  const message = await answerer.reply(params, call)
  if (params.stream !== true) return { body: { json: message } }
  return { body: { events: messageEvents(message) } }
}

async function count(answerer: RequestAnswerer, call: Call): Promise<Reply> {
  return { body: { json: { input_tokens: await answerer.countTokens(await readParams(call), call) } } }
}

/** Throws ApiError. Reads the body once, however often it is called. */
export async function readParams(call: Pick<Call, 'incoming'>): Promise<JsonObject> {
  const params: Json = await readJson(call.incoming, MAX_REQUEST_BYTES)
  if (!isJsonObject(params)) throw invalidRequest('Input should be a valid dictionary')
  return params
}

function listModels(call: Call, nowMs: number): Reply {
  const wanted = [...call.query.getAll('lifecycle'), ...call.query.getAll('lifecycle[]')].flatMap((one) =>
    one.split(','),
  )
  const wrong = wanted.find((one) => !LIFECYCLES.includes(one))
  if (wrong !== undefined) throw invalidRequest(`lifecycle: Input should be 'active', 'deprecated' or 'retired'`)
  const shown = wanted.length > 0 ? wanted : ['active', 'deprecated']
  const models = MODELS.filter((model) => shown.includes(lifecycleOf(model, nowMs)))
  const page = pageOf(models, readPageQuery(call.query))
  return { body: { json: { ...page, data: page.data.map((model) => modelInfo(model, nowMs)) } } }
}

function retrieveModel(call: Call, nowMs: number): Reply {
  const name = call.params.id ?? ''
  const model = findModel(name)
  if (model === undefined) throw notFound(`model: ${name}`)
  return { body: { json: modelInfo(model, nowMs) } }
}
