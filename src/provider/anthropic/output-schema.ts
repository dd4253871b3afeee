// The job's JSON Schema as structured outputs take it. Answers are checked against the job's own schema afterwards, so a
// rule that the API does not know may move into the description, where the model reads it.

import type { JsonSchema } from '../../core/component.ts'
import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts'

/** Passed on as they are; what is neither here nor below becomes part of the description. */
const KEPT = new Set(['type', 'title', 'enum', 'const', '$ref', 'required'])
/** Say nothing about the answer. */
const DROPPED = new Set(['$schema', '$id', '$comment', '$anchor', 'additionalProperties', 'description'])
const FORMATS = new Set(['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'uri', 'ipv4', 'ipv6', 'uuid'])

export function acceptableSchema(schema: JsonSchema): JsonSchema {
  const accepted: Record<string, Json> = {}
  const moved: string[] = []
  for (const [keyword, value] of Object.entries(schema)) {
    const entry = accept(keyword, value)
    if (entry !== undefined) accepted[entry[0]] = entry[1]
    else if (!DROPPED.has(keyword)) moved.push(`${keyword}: ${JSON.stringify(value)}`)
  }
  if (isObjectSchema(schema)) accepted.additionalProperties = false
  const words = [schema.description, moved.length === 0 ? undefined : `{${moved.join(', ')}}`]
  const description = words.filter((text) => typeof text === 'string' && text !== '').join('\n\n')
  if (description !== '') accepted.description = description
  return accepted
}

/** Whether the schema describes objects, by its type or by its properties. */
export function isObjectSchema(schema: JsonSchema): boolean {
  const { type } = schema
  return type === 'object' || (Array.isArray(type) && type.includes('object')) || isJsonObject(schema.properties)
}

/** undefined: the API does not take this keyword with this value. */
function accept(keyword: string, value: Json): [string, Json] | undefined {
  if (KEPT.has(keyword)) return [keyword, value]
  switch (keyword) {
    case 'properties':
    case '$defs':
    case 'definitions':
      return isJsonObject(value) ? [keyword, mapValues(value)] : undefined
    case 'items':
      return isJsonObject(value) ? [keyword, acceptableSchema(value)] : undefined
    case 'anyOf':
    case 'allOf':
      return Array.isArray(value) ? [keyword, value.map(acceptMember)] : undefined
    case 'oneOf':
      return Array.isArray(value) ? ['anyOf', value.map(acceptMember)] : undefined
    case 'format':
      return FORMATS.has(String(value)) ? [keyword, value] : undefined
    case 'minItems':
      return value === 0 || value === 1 ? [keyword, value] : undefined
    default:
      return undefined
  }
}

function mapValues(schemas: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, acceptMember(schema)]))
}

function acceptMember(schema: Json): Json {
  return isJsonObject(schema) ? acceptableSchema(schema) : schema
}
