// What kind of value a column holds, as far as it is known before the first row: from the outcome's own fields and the output's schema.

import { isJsonObject, type Json, type JsonObject } from '../core/json.ts'
import type { Column } from './columns.ts'

/** `unknown`: only the data can say; a dataset's field, or an output without a schema for it. */
export type ColumnKind = 'text' | 'double' | 'integer' | 'boolean' | 'json' | 'unknown'

const FIELD_KINDS: Readonly<Record<string, ColumnKind>> = {
  key: 'text',
  custom_id: 'text',
  status: 'text',
  text: 'text',
  stop_reason: 'text',
  model: 'text',
  usage: 'json',
  'usage.input_tokens': 'integer',
  'usage.output_tokens': 'integer',
  'usage.cache_creation_input_tokens': 'integer',
  'usage.cache_read_input_tokens': 'integer',
  cost_usd: 'double',
  attempts: 'integer',
  rounds: 'integer',
  batch_id: 'text',
  error: 'json',
  'error.type': 'text',
  'error.message': 'text',
  citations: 'json',
  tool_calls: 'json',
  row: 'json',
}

export function kindOfColumn(column: Column, outputSchema: JsonObject | undefined): ColumnKind {
  const { path } = column
  if (path === undefined) return 'text'
  const known = FIELD_KINDS[path]
  if (known !== undefined) return known
  const [field, ...steps] = path.split('.')
  if (field !== 'output') return 'unknown'
  // Without a schema the output is the answer's text.
  if (outputSchema === undefined) return steps.length === 0 ? 'text' : 'unknown'
  return kindOfSchema(schemaAt(outputSchema, steps, outputSchema), outputSchema)
}

const TYPE_KINDS: Readonly<Record<string, ColumnKind>> = {
  string: 'text',
  number: 'double',
  integer: 'integer',
  boolean: 'boolean',
  object: 'json',
  array: 'json',
}

/** Alternatives of one kind have that kind (null aside); of several, any JSON. */
function kindOfSchema(schema: Json | undefined, root: JsonObject, depth = 0): ColumnKind {
  const resolved = resolveReference(schema, root)
  if (!isJsonObject(resolved) || depth > 8) return 'unknown'
  const { type, anyOf, oneOf } = resolved
  if (typeof type === 'string') return TYPE_KINDS[type] ?? 'unknown'
  if (Array.isArray(type))
    return merged(type.filter((name) => name !== 'null').map((name) => TYPE_KINDS[String(name)] ?? 'unknown'))
  const branches = [anyOf, oneOf].find((list) => Array.isArray(list))
  if (Array.isArray(branches)) {
    const kinds = branches.filter((branch) => !isJsonObject(branch) || branch.type !== 'null')
    return merged(kinds.map((branch) => kindOfSchema(branch, root, depth + 1)))
  }
  const values = Array.isArray(resolved.enum) ? resolved.enum : resolved.const === undefined ? [] : [resolved.const]
  return merged(values.filter((value) => value !== null).map(kindOfValue))
}

function kindOfValue(value: Json): ColumnKind {
  if (typeof value === 'string') return 'text'
  if (typeof value === 'boolean') return 'boolean'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'double'
  return 'json'
}

function merged(kinds: readonly ColumnKind[]): ColumnKind {
  const different = new Set(kinds)
  if (different.size === 0 || different.has('unknown')) return 'unknown'
  if (different.size === 1) return kinds[0] ?? 'unknown'
  return [...different].every((kind) => kind === 'integer' || kind === 'double') ? 'double' : 'json'
}

function schemaAt(schema: Json | undefined, steps: readonly string[], root: JsonObject): Json | undefined {
  const resolved = resolveReference(schema, root)
  const [name, ...rest] = steps
  if (name === undefined) return resolved
  if (!isJsonObject(resolved)) return undefined
  const { properties, items } = resolved
  if (isJsonObject(properties) && Object.hasOwn(properties, name)) return schemaAt(properties[name], rest, root)
  return /^\d+$/.test(name) ? schemaAt(items, rest, root) : undefined
}

/** Follows `$ref: '#/$defs/x'`; anything else stays as it is. */
function resolveReference(schema: Json | undefined, root: JsonObject, depth = 0): Json | undefined {
  if (!isJsonObject(schema) || typeof schema.$ref !== 'string' || !schema.$ref.startsWith('#') || depth > 8)
    return schema
  let at: Json | undefined = root
  for (const step of schema.$ref.split('/').slice(1)) {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~')
    at = isJsonObject(at) && Object.hasOwn(at, name) ? at[name] : undefined
  }
  return resolveReference(at, root, depth + 1)
}
