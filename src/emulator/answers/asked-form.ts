// In which form an answer is asked for: a value of a schema, the call of a tool, or text.

import { isJsonObject, type JsonObject } from '../../core/json.ts'
import { seededNumbers } from '../state/seeded.ts'
import { type Asked, blocksOf, messagesOf, stringOf } from './asked.ts'

export type AskedForm =
  | { readonly type: 'text' }
  | { readonly type: 'json'; readonly schema: JsonObject }
  | { readonly type: 'tool'; readonly name: string; readonly schema: JsonObject }

/** A forced tool is always called; an offered one while no result of a tool has come back. */
export function formOf(asked: Asked, draw: string): AskedForm {
  const { params } = asked
  const choice = isJsonObject(params.tool_choice) ? params.tool_choice : { type: 'auto' }
  // Server tools run inside the provider; only those with an input schema are called here.
  const tools = blocksOf(params.tools).filter((tool) => isJsonObject(tool.input_schema))
  const isForced = choice.type === 'tool' || choice.type === 'any'
  if (tools.length > 0 && choice.type !== 'none' && (isForced || !hasToolResult(asked))) {
    const named = tools.find((tool) => choice.type === 'tool' && tool.name === choice.name)
    const tool = named ?? (tools[seededNumbers(draw, 'tool')() % tools.length] as JsonObject)
    return { type: 'tool', name: stringOf(tool.name), schema: tool.input_schema as JsonObject }
  }
  const schema = askedSchema(params)
  return schema === undefined ? { type: 'text' } : { type: 'json', schema }
}

export function askedSchema(params: JsonObject): JsonObject | undefined {
  const config = isJsonObject(params.output_config) ? params.output_config : {}
  const format = isJsonObject(config.format) ? config.format : params.output_format
  return isJsonObject(format) && isJsonObject(format.schema) ? format.schema : undefined
}

function hasToolResult(asked: Asked): boolean {
  return messagesOf(asked.params).some((message) =>
    blocksOf(message.content).some((block) => block.type === 'tool_result'),
  )
}
