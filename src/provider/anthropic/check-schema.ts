// What structured outputs cannot express of a schema at all, whatever is moved into descriptions.

import type { JsonSchema } from '../../core/component.ts'
import type { Problem } from '../../core/errors.ts'
import { isJsonObject, type Json } from '../../core/json.ts'
import { nearest } from '../../core/nearest.ts'
import { pointerOf, pointerParts } from '../../core/pointer.ts'
import { isObjectSchema } from './output-schema.ts'

const MAX_OPTIONAL = 24
const MAX_UNIONS = 16
const INSTEAD = 'Change the schema, or use "mode: tool" or "mode: prompt", which take any schema.'

/** `path` is the schema's pointer in the job. */
export function checkStructuredSchema(schema: JsonSchema, path: string): Problem[] {
  const places = [...subschemas(schema, path)]
  const problems = places.flatMap(({ schema: part, path: at }) => checkPart(part, at))
  const optional = places.reduce((sum, place) => sum + optionalProperties(place.schema), 0)
  const unions = places.filter((place) => isUnion(place.schema)).length
  if (optional > MAX_OPTIONAL) problems.push(tooMany(path, `${optional} optional properties`, MAX_OPTIONAL))
  if (unions > MAX_UNIONS) problems.push(tooMany(path, `${unions} unions (anyOf, oneOf or several types)`, MAX_UNIONS))
  const circle = findCircle(schema)
  if (circle !== undefined) {
    problems.push({
      path,
      message: `The schema refers to itself (${circle}), which structured outputs do not allow.`,
      hint: INSTEAD,
    })
  }
  return problems
}

function checkPart(schema: JsonSchema, path: string): Problem[] {
  if (isJsonObject(schema.additionalProperties) || isJsonObject(schema.patternProperties)) {
    const keyword = isJsonObject(schema.patternProperties) ? 'patternProperties' : 'additionalProperties'
    const message = `Structured outputs know no properties with free names, which "${keyword}" describes.`
    return [{ path: `${path}/${keyword}`, message, hint: `Use a list of {name, value} objects. ${INSTEAD}` }]
  }
  const isBare = !isJsonObject(schema.properties) && !['$ref', 'anyOf', 'oneOf', 'allOf'].some((name) => name in schema)
  if (isObjectSchema(schema) && isBare) {
    const message = 'This object names no properties, so a structured output could only ever be {}.'
    const meant = nearest('properties', Object.keys(schema))
    const hint = meant === undefined ? 'Name its properties.' : `Did you mean "properties" where it says "${meant}"?`
    return [{ path, message, hint: `${hint} ${INSTEAD}` }]
  }
  const says = ['type', 'enum', 'const', '$ref', 'anyOf', 'oneOf', 'allOf', 'properties']
  if (!says.some((name) => name in schema)) {
    return [{ path, message: 'This part of the schema has no type, which structured outputs need.', hint: INSTEAD }]
  }
  return []
}

function tooMany(path: string, what: string, allowed: number): Problem {
  return { path, message: `The schema has ${what}; structured outputs allow ${allowed}.`, hint: INSTEAD }
}

/** The schema and everything in it that is a schema, each with its pointer. Definitions are visited where they stand. */
function* subschemas(schema: JsonSchema, path: string): Generator<{ schema: JsonSchema; path: string }> {
  yield { schema, path }
  for (const name of ['properties', '$defs', 'definitions']) {
    const members = schema[name]
    if (!isJsonObject(members)) continue
    for (const [member, part] of Object.entries(members)) {
      if (isJsonObject(part)) yield* subschemas(part, path + pointerOf([name, member]))
    }
  }
  if (isJsonObject(schema.items)) yield* subschemas(schema.items, `${path}/items`)
  for (const name of ['anyOf', 'oneOf', 'allOf']) {
    const members = schema[name]
    if (!Array.isArray(members)) continue
    for (const [index, part] of members.entries()) {
      if (isJsonObject(part)) yield* subschemas(part, `${path}/${name}/${index}`)
    }
  }
}

function optionalProperties(schema: JsonSchema): number {
  const required = Array.isArray(schema.required) ? schema.required : []
  return Object.keys(isJsonObject(schema.properties) ? schema.properties : {}).filter(
    (name) => !required.includes(name),
  ).length
}

function isUnion(schema: JsonSchema): boolean {
  return Array.isArray(schema.anyOf) || Array.isArray(schema.oneOf) || Array.isArray(schema.type)
}

/** The reference that closes a circle; undefined: there is none. */
function findCircle(root: JsonSchema): string | undefined {
  const done = new Set<string>()
  const follow = (schema: JsonSchema, within: readonly string[]): string | undefined => {
    for (const { schema: part } of subschemasUsed(schema)) {
      const ref = part.$ref
      if (typeof ref !== 'string' || done.has(ref)) continue
      if (within.includes(ref)) return ref
      const target = targetOf(root, ref)
      const circle = target && follow(target, [...within, ref])
      if (circle !== undefined) return circle
      done.add(ref)
    }
    return undefined
  }
  return follow(root, ['#'])
}

/** As `subschemas`, without definitions: they count only where something refers to them. */
function subschemasUsed(schema: JsonSchema): Iterable<{ schema: JsonSchema }> {
  const { $defs: _, definitions: __, ...used } = schema
  return subschemas(used, '')
}

function targetOf(root: JsonSchema, ref: string): JsonSchema | undefined {
  if (!ref.startsWith('#')) return undefined
  let at: Json | undefined = root
  for (const name of pointerParts(decodeURIComponent(ref.slice(1)))) {
    at = isJsonObject(at) ? at[name] : Array.isArray(at) ? (at as readonly Json[])[Number(name)] : undefined
  }
  return isJsonObject(at) ? at : undefined
}
