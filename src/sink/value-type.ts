// The type of a column, found by looking at every value in it.

import { isJsonObject, type Json } from '../core/json.ts'

/**
 * `none`: only nulls so far. `json`: values that have no type in common, kept as JSON text. `text` takes anything: what
 * is not a text becomes its JSON text.
 */
export type ValueType =
  | { readonly kind: 'none' | 'boolean' | 'integer' | 'double' | 'string' | 'text' | 'json' }
  | { readonly kind: 'list'; readonly element: ValueType }
  | { readonly kind: 'struct'; readonly fields: ReadonlyMap<string, ValueType> }

export const NO_TYPE: ValueType = { kind: 'none' }
const BOOLEAN: ValueType = { kind: 'boolean' }
const INTEGER: ValueType = { kind: 'integer' }
const DOUBLE: ValueType = { kind: 'double' }
const STRING: ValueType = { kind: 'string' }
export const JSON_TYPE: ValueType = { kind: 'json' }

/** An object with more members is rather a dictionary than a record: its names are data. */
const MAX_FIELDS = 100
const MAX_DEPTH = 12

/** The narrowest type that holds what `type` held and `value`; the same object where nothing changes. */
export function withValue(type: ValueType, value: Json | undefined, depth = 0): ValueType {
  if (value === null || value === undefined || type.kind === 'json' || type.kind === 'text') return type
  switch (typeof value) {
    case 'string':
      return scalar(type, STRING)
    case 'boolean':
      return scalar(type, BOOLEAN)
    case 'number':
      return withNumber(type, value)
    default:
      if (depth >= MAX_DEPTH) return JSON_TYPE
      return Array.isArray(value) ? withList(type, value, depth) : withObject(type, value, depth)
  }
}

function scalar(type: ValueType, found: ValueType): ValueType {
  if (type.kind === found.kind) return type
  return type.kind === 'none' ? found : JSON_TYPE
}

function withNumber(type: ValueType, value: number): ValueType {
  if (type.kind === 'double') return type
  if (type.kind !== 'none' && type.kind !== 'integer') return JSON_TYPE
  return Number.isSafeInteger(value) ? INTEGER : DOUBLE
}

function withList(type: ValueType, list: readonly Json[], depth: number): ValueType {
  if (type.kind !== 'none' && type.kind !== 'list') return JSON_TYPE
  const before = type.kind === 'list' ? type.element : NO_TYPE
  let element = before
  for (const member of list) element = withValue(element, member, depth + 1)
  return type.kind === 'list' && element === before ? type : { kind: 'list', element }
}

function withObject(type: ValueType, object: Json, depth: number): ValueType {
  if ((type.kind !== 'none' && type.kind !== 'struct') || !isJsonObject(object)) return JSON_TYPE
  let fields = type.kind === 'struct' ? type.fields : new Map<string, ValueType>()
  let isChanged = type.kind === 'none'
  for (const [name, value] of Object.entries(object)) {
    const before = fields.get(name)
    const after = withValue(before ?? NO_TYPE, value, depth + 1)
    if (after === before) continue
    fields = new Map(fields).set(name, after)
    isChanged = true
    if (fields.size > MAX_FIELDS) return JSON_TYPE
  }
  return isChanged ? { kind: 'struct', fields } : type
}

/** The type as a file can hold it: a record needs members, with names that differ in more than case, to be one. */
export function settled(type: ValueType): ValueType {
  if (type.kind === 'none') return STRING
  if (type.kind === 'list') return { kind: 'list', element: settled(type.element) }
  if (type.kind !== 'struct') return type
  const names = new Set([...type.fields.keys()].map((name) => name.toLowerCase()))
  if (names.size === 0 || names.size < type.fields.size || names.has('')) return JSON_TYPE
  return { kind: 'struct', fields: new Map([...type.fields].map(([name, field]) => [name, settled(field)])) }
}
