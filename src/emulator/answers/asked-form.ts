// In which form an answer is asked for: a value of a schema, the call of a tool, or text.

import { UserError } from '../../core/errors.ts'
import { isJsonObject, type JsonObject } from '../../core/json.ts'
import { compileSchema } from '../../core/json-schema.ts'
import { seededNumbers } from '../state/seeded.ts'
import { type Asked, blocksOf, messagesOf, stringOf } from './asked.ts'
import { withDescribedRules } from './described-rules.ts'

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
  const named = askedSchema(params)
  const schema = named === undefined ? schemaInWords(asked) : withDescribedRules(named)
  return schema === undefined ? { type: 'text' } : { type: 'json', schema }
}

export function askedSchema(params: JsonObject): JsonObject | undefined {
  const config = isJsonObject(params.output_config) ? params.output_config : {}
  const format = isJsonObject(config.format) ? config.format : params.output_format
  return isJsonObject(format) && isJsonObject(format.schema) ? format.schema : undefined
}

/**
 * A schema that stands in the prompt itself, for models without structured outputs: "… valid against this JSON Schema:
 * {…}". A model would keep to it, and so does this.
 */
function schemaInWords(asked: Asked): JsonObject | undefined {
  for (const part of asked.parts.toReversed()) {
    if (part.from !== 'user' || part.document !== undefined) continue
    const named = /json schema/i.exec(part.text)
    const start = named === null ? -1 : part.text.indexOf('{', named.index)
    const schema = start < 0 ? undefined : objectAt(part.text, start)
    if (schema !== undefined && isUsable(schema)) return schema
  }
  return undefined
}

const SCHEMA_WORDS = ['type', 'properties', 'enum', 'const', '$ref', 'anyOf', 'oneOf', 'allOf']

function isUsable(schema: JsonObject): boolean {
  if (!SCHEMA_WORDS.some((word) => Object.hasOwn(schema, word))) return false
  try {
    compileSchema(schema)
    return true
  } catch (error) {
    if (error instanceof UserError) return false
    throw error
  }
}

/** The JSON object that begins at a brace; undefined: it is none. */
function objectAt(text: string, start: number): JsonObject | undefined {
  let depth = 0
  const tokens = /"(?:[^"\\]|\\.)*"|[{}]/g
  tokens.lastIndex = start
  for (let token = tokens.exec(text); token !== null; token = tokens.exec(text)) {
    if (token[0] === '{') depth++
    else if (token[0] === '}') depth--
    if (depth > 0) continue
    try {
      const value: unknown = JSON.parse(text.slice(start, token.index + 1))
      return isJsonObject(value) ? value : undefined
    } catch {
      return undefined
    }
  }
  return undefined
}

function hasToolResult(asked: Asked): boolean {
  return messagesOf(asked.params).some((message) =>
    blocksOf(message.content).some((block) => block.type === 'tool_result'),
  )
}
