/**
 * Structured outputs do not know every rule of JSON Schema, so clients move the others into descriptions, as the official
 * SDKs do: "The year.\n\n{minimum: 1900, maximum: 2100}". A model reads them there and mostly keeps to them, and so does
 * this.
 */
import { UserError } from '../../core/errors.ts'
import { isJsonObject, type Json, type JsonArray, type JsonObject } from '../../core/json.ts'
import { compileSchema } from '../../core/json-schema.ts'

/** The schema with the rules that its descriptions tell; as it is where they make no schema. */
export function withDescribedRules(schema: JsonObject): JsonObject {
  const whole = added(schema)
  try {
    compileSchema(whole)
    return whole
  } catch (error) {
    if (error instanceof UserError) return schema
    throw error
  }
}

/** Keywords whose values are schemas, by what holds them. */
const MAPS = new Set(['properties', '$defs', 'definitions'])
const LISTS = new Set(['anyOf', 'allOf', 'oneOf'])

function added(schema: JsonObject): JsonObject {
  const members = Object.entries(schema).map(([keyword, value]): [string, Json] => {
    if (MAPS.has(keyword) && isJsonObject(value)) {
      return [keyword, Object.fromEntries(Object.entries(value).map(([name, part]) => [name, addedTo(part)]))]
    }
    if (LISTS.has(keyword) && Array.isArray(value)) return [keyword, (value as JsonArray).map(addedTo)]
    return [keyword, keyword === 'items' ? addedTo(value) : value]
  })
  return { ...rulesOf(schema.description), ...Object.fromEntries(members) }
}

function addedTo(part: Json): Json {
  return isJsonObject(part) ? added(part) : part
}

/** The last paragraph of a description, where it is a list of rules: `{keyword: JSON, keyword: JSON}`. */
function rulesOf(description: Json | undefined): JsonObject {
  const paragraph = typeof description === 'string' ? (description.split('\n\n').at(-1) ?? '') : ''
  if (!paragraph.startsWith('{') || !paragraph.endsWith('}')) return {}
  const rules: Record<string, Json> = {}
  let rest = paragraph.slice(1, -1)
  while (rest !== '') {
    const rule = firstRule(rest)
    if (rule === undefined) return {}
    rules[rule.keyword] = rule.value
    rest = rest.slice(rule.length)
  }
  return rules
}

function firstRule(text: string): { keyword: string; value: Json; length: number } | undefined {
  const named = /^([$A-Za-z]+): /.exec(text)
  if (named === null) return undefined
  const [start, keyword = ''] = named
  // A comma may stand inside the value: the first one behind which the value is whole ends it.
  for (let end = start.length; end !== -1; ) {
    const comma = text.indexOf(', ', end)
    const value = parsed(text.slice(start.length, comma === -1 ? undefined : comma))
    if (value !== undefined) return { keyword, value, length: comma === -1 ? text.length : comma + 2 }
    end = comma === -1 ? -1 : comma + 1
  }
  return undefined
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}
