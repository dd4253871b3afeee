// An object that keeps to what a schema says of its fields: the required ones first, as the provider's answers have it.

import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts'
import { listOf, mergeSchemas } from './merge.ts'
import { textForPattern } from './pattern-text.ts'
import type { Making } from './schema-value.ts'

export function objectFor(given: JsonObject, depth: number, making: Making): JsonObject {
  const names = fieldNames(given, depth, making)
  const schema = withDependents(given, names)
  const object: Record<string, Json> = {}
  const most = typeof schema.maxProperties === 'number' ? schema.maxProperties : Number.POSITIVE_INFINITY
  const required = new Set(listOf(schema.required).map(String))
  for (const name of new Set([...required, ...names])) {
    if (!required.has(name) && Object.keys(object).length >= most) break
    put(object, name, making.make(schemaOfField(schema, name), depth + 1))
  }
  const least = typeof schema.minProperties === 'number' ? schema.minProperties : 0
  for (let tries = 0; Object.keys(object).length < least && tries < least * 20 + 20; tries++) {
    const name = inventedName(schema, tries, making)
    if (!Object.hasOwn(object, name)) put(object, name, making.make(schemaOfField(schema, name), depth + 1))
  }
  return object
}

/** Also a field that is called __proto__ is a field. */
function put(object: Record<string, Json>, name: string, value: Json): void {
  Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true })
}

function fieldNames(schema: JsonObject, depth: number, making: Making): string[] {
  const properties = isJsonObject(schema.properties) ? schema.properties : {}
  const required = listOf(schema.required).map(String)
  if (making.isLean(depth)) return required
  const possible = Object.keys(properties).filter((name) => properties[name] !== false)
  // Later variants leave some optional ones out.
  const optional = possible.filter((name) => !required.includes(name))
  return [...required, ...optional.filter(() => making.variant < 6 || making.choose(2) === 0)]
}

/** Fields whose presence asks for others, or for more. */
function withDependents(schema: JsonObject, names: string[]): JsonObject {
  let merged = schema
  for (let at = 0; at < names.length; at++) {
    const name = names[at] as string
    const asked = dependentsOf(schema, 'dependentRequired', name) ?? dependentsOf(schema, 'dependencies', name)
    for (const other of listOf(asked)) if (!names.includes(String(other))) names.push(String(other))
    const more = dependentsOf(schema, 'dependentSchemas', name) ?? asked
    if (isJsonObject(more)) {
      merged = mergeSchemas(merged, more)
      for (const other of listOf(more.required)) if (!names.includes(String(other))) names.push(String(other))
    }
  }
  return merged
}

function dependentsOf(schema: JsonObject, key: string, name: string): Json | undefined {
  const map = schema[key]
  return isJsonObject(map) && Object.hasOwn(map, name) ? map[name] : undefined
}

function schemaOfField(schema: JsonObject, name: string): Json {
  const properties = isJsonObject(schema.properties) ? schema.properties : {}
  const own = Object.hasOwn(properties, name) ? properties[name] : undefined
  const patterns = isJsonObject(schema.patternProperties) ? Object.entries(schema.patternProperties) : []
  const matching = patterns.filter(([pattern]) => new RegExp(pattern, 'u').test(name)).map(([, value]) => value)
  const all = own === undefined ? matching : [own, ...matching]
  if (all.length === 0) return schema.additionalProperties ?? schema.unevaluatedProperties ?? true
  return all.reduce<Json>(
    (a, b) => (isJsonObject(a) && isJsonObject(b) ? mergeSchemas(a, b) : isJsonObject(a) ? a : b),
    true,
  )
}

/** A name for a field that the schema asks for by number only. */
function inventedName(schema: JsonObject, number: number, making: Making): string {
  const rules = isJsonObject(schema.propertyNames) ? schema.propertyNames : {}
  if (Array.isArray(rules.enum)) return String((rules.enum as readonly Json[])[number % rules.enum.length])
  const patterns = isJsonObject(schema.patternProperties) ? Object.keys(schema.patternProperties) : []
  const pattern =
    typeof rules.pattern === 'string' ? rules.pattern : schema.additionalProperties === false ? patterns[0] : undefined
  const text = pattern === undefined ? undefined : textForPattern(pattern, making.choose, 1 + (number % 8))
  return text ?? `field_${number + 1}`
}
