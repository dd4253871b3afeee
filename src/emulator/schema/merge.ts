// Two schemas that must both hold, as one schema: what allOf, $ref with neighbours and chosen branches come down to.

import { isJsonObject, type Json, type JsonArray, type JsonObject } from '../../core/json.ts'

/** Of these the larger, or the smaller, is the one that counts. */
const LARGER = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties', 'minContains']
const SMALLER = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties', 'maxContains']
/** Values under these are schemas by name. */
const SCHEMA_MAPS = ['properties', 'patternProperties', 'dependentSchemas']
/** Where both have one, the second stands in allOf until its turn comes. */
const ONE_AT_A_TIME = ['anyOf', 'oneOf', 'if', 'then', 'else', '$ref', '$dynamicRef']

export function mergeSchemas(a: JsonObject, b: JsonObject): JsonObject {
  const merged: Record<string, Json> = { ...a }
  const postponed: Record<string, Json> = {}
  for (const [key, value] of Object.entries(b)) {
    const other = merged[key]
    if (other === undefined) merged[key] = value
    else if (ONE_AT_A_TIME.includes(key)) postponed[key] = value
    else merged[key] = mergeKeyword(key, other, value)
  }
  closeProperties(merged, a, b)
  // The parts of an if stay together.
  if (postponed.if !== undefined || postponed.then !== undefined || postponed.else !== undefined) {
    for (const key of ['if', 'then', 'else']) {
      const value = b[key]
      if (value !== undefined) postponed[key] = value
      const own = a[key]
      if (own === undefined) delete merged[key]
    }
  }
  if (Object.keys(postponed).length > 0) merged.allOf = [...listOf(merged.allOf), postponed]
  return merged
}

function mergeKeyword(key: string, a: Json, b: Json): Json {
  if (LARGER.includes(key)) return Math.max(Number(a), Number(b))
  if (SMALLER.includes(key)) return Math.min(Number(a), Number(b))
  if (SCHEMA_MAPS.includes(key)) return mergeMaps(a, b)
  switch (key) {
    case 'type':
      return mergeTypes(a, b)
    case 'enum':
      return listOf(a).filter((one) => listOf(b).some((other) => JSON.stringify(one) === JSON.stringify(other)))
    case 'required':
      return [...new Set([...listOf(a), ...listOf(b)])]
    case 'allOf':
    case 'prefixItems':
      return key === 'allOf' ? [...listOf(a), ...listOf(b)] : mergeLists(listOf(a), listOf(b))
    case 'items':
    case 'additionalProperties':
    case 'propertyNames':
    case 'unevaluatedProperties':
      return mergeEither(a, b)
    case 'dependentRequired':
      return isJsonObject(a) && isJsonObject(b) ? { ...a, ...b } : a
    case 'multipleOf':
      return commonMultiple(Number(a), Number(b))
    // Two patterns cannot be put together; the caller checks the value and tries again.
    case 'pattern':
    case 'contains':
    case 'not':
      return a
    default:
      return b
  }
}

function commonMultiple(a: number, b: number): number {
  let multiple = a
  for (let times = 1; times < 1000 && Math.abs(multiple / b - Math.round(multiple / b)) > 1e-9; times++) multiple += a
  return multiple
}

/** A schema may be true or false. */
function mergeEither(a: Json, b: Json): Json {
  if (a === false || b === false) return false
  if (isJsonObject(a) && isJsonObject(b)) return mergeSchemas(a, b)
  return isJsonObject(a) ? a : b
}

function mergeMaps(a: Json, b: Json): Json {
  if (!isJsonObject(a) || !isJsonObject(b)) return b
  const merged: Record<string, Json> = { ...a }
  for (const [name, schema] of Object.entries(b)) {
    const other = merged[name]
    merged[name] = other === undefined ? schema : mergeEither(other, schema)
  }
  return merged
}

function mergeLists(a: JsonArray, b: JsonArray): Json[] {
  const longer = a.length >= b.length ? a : b
  return longer.map((_, at) => {
    const first = a[at]
    const second = b[at]
    if (first === undefined) return second ?? true
    return second === undefined ? first : mergeEither(first, second)
  })
}

function mergeTypes(a: Json, b: Json): Json {
  const first = Array.isArray(a) ? (a as readonly Json[]) : [a]
  const second = Array.isArray(b) ? (b as readonly Json[]) : [b]
  const both = first.filter((type) => second.includes(type))
  // An integer is a number.
  if (
    !both.includes('integer') &&
    [...first, ...second].includes('integer') &&
    first.concat(second).includes('number')
  ) {
    both.push('integer')
  }
  return both.length === 1 ? (both[0] as Json) : both
}

/** Where one of the two allows no further properties, those that only the other knows are not offered. */
function closeProperties(merged: Record<string, Json>, a: JsonObject, b: JsonObject): void {
  const properties = merged.properties
  if (!isJsonObject(properties)) return
  const closed = [a, b].filter((schema) => schema.additionalProperties === false)
  if (closed.length === 0) return
  const required = listOf(merged.required)
  merged.properties = Object.fromEntries(
    Object.entries(properties).filter(([name]) => {
      const isKnown = closed.every(
        (schema) => isJsonObject(schema.properties) && Object.hasOwn(schema.properties, name),
      )
      return isKnown || required.includes(name)
    }),
  )
}

export function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : []
}
