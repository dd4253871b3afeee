// A value that fits a JSON Schema. Texts come from what the request says; everything else is drawn.

import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts'
import { compileSchema } from '../../core/json-schema.ts'
import { seededNumbers } from '../state/seeded.ts'
import { listOf, mergeSchemas } from './merge.ts'
import { objectFor } from './object-value.ts'
import { resolveRef } from './resolve-ref.ts'
import { arrayFor, numberFor, stringFor } from './simple-values.ts'

/** Tries with other branches and fewer optional fields until the value fits. */
const VARIANTS = 24
/** Beyond this depth only what is required is made, so that a schema that refers to itself ends. */
const LEAN_DEPTH = 5
const MAX_DEPTH = 40

export interface Making {
  readonly root: JsonObject
  /** 0 is the fullest value; later ones leave optional things out and take other branches. */
  readonly variant: number
  /** A whole number below the argument. */
  choose(count: number): number
  /** The next text to put into a string. */
  phrase(): string
  make(schema: Json, depth: number): Json
  isLean(depth: number): boolean
}

/** The best of several tries: the first that fits, else the one with the fewest faults. `phrases` holds one at least. */
export function valueForSchema(schema: JsonObject, phrases: readonly string[], draw: string): Json {
  const check = compileSchema(schema)
  let best: { readonly value: Json; readonly faults: number } | undefined
  for (let variant = 0; variant < VARIANTS; variant++) {
    const value = makeValue(schema, phrases, `${draw}/${variant}`, variant)
    const faults = check.validate(value).length
    if (faults === 0) return value
    if (best === undefined || faults < best.faults) best = { value, faults }
  }
  return best?.value ?? null
}

function makeValue(root: JsonObject, phrases: readonly string[], draw: string, variant: number): Json {
  const next = seededNumbers(draw)
  let phrase = 0
  const making: Making = {
    root,
    variant,
    choose: (count) => (count <= 1 ? 0 : next() % count),
    phrase: () => phrases[phrase++ % phrases.length] ?? '',
    make: (schema, depth) => make(schema, depth, making),
    isLean: (depth) => depth >= LEAN_DEPTH || variant % 3 === 2,
  }
  return making.make(root, 0)
}

function make(given: Json, depth: number, making: Making): Json {
  if (given === false || depth > MAX_DEPTH) return null
  const schema = settled(isJsonObject(given) ? given : {}, depth, making)
  if (schema.const !== undefined) return schema.const
  if (Array.isArray(schema.enum)) {
    const options = (schema.enum as readonly Json[]).filter((option) => option !== null)
    return options[making.choose(options.length)] ?? null
  }
  switch (typeOf(schema, making)) {
    case 'object':
      return objectFor(schema, depth, making)
    case 'array':
      return arrayFor(schema, depth, making)
    case 'integer':
      return numberFor(schema, true, making)
    case 'number':
      return numberFor(schema, false, making)
    case 'boolean':
      return making.choose(2) === 0
    case 'null':
      return null
    default:
      return stringFor(schema, making)
  }
}

/** References followed, branches chosen, everything that must hold together put together. */
function settled(given: JsonObject, depth: number, making: Making): JsonObject {
  let schema = given
  for (let steps = 0; steps < 100; steps++) {
    const { $ref, $dynamicRef, allOf, anyOf, oneOf, ...rest } = schema
    const ref = $ref ?? $dynamicRef
    const open = (taken: readonly string[]) => without(schema, taken)
    if (typeof ref === 'string') {
      const target = resolveRef(making.root, ref)
      schema = mergeSchemas(open(['$ref', '$dynamicRef']), isJsonObject(target) ? target : {})
    } else if (Array.isArray(anyOf) || Array.isArray(oneOf)) {
      const key = Array.isArray(anyOf) ? 'anyOf' : 'oneOf'
      schema = mergeSchemas(open([key]), branchOf(listOf(schema[key]), depth, making))
    } else if (isJsonObject(rest.if)) {
      schema = conditional(open(['if', 'then', 'else']), schema, making)
    } else if (Array.isArray(allOf)) {
      // Last: what could not stand beside another branch waits here until that one is chosen.
      schema = (allOf as readonly Json[]).filter(isJsonObject).reduce(mergeSchemas, open(['allOf']))
    } else return schema
  }
  return schema
}

function without(schema: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => !keys.includes(key)))
}

function branchOf(branches: readonly Json[], depth: number, making: Making): JsonObject {
  const objects = branches.filter(isJsonObject)
  const wanted = objects.filter((branch) => branch.type !== 'null')
  const options = wanted.length > 0 ? wanted : objects
  if (making.isLean(depth)) {
    // The branch that ends soonest: nothing, a simple value, a list that may be empty, an object.
    return (
      [...objects].sort((a, b) => weight(a) - weight(b))[making.variant < 12 ? 0 : making.choose(objects.length)] ?? {}
    )
  }
  return options[(making.choose(options.length) + making.variant) % Math.max(1, options.length)] ?? {}
}

function weight(schema: JsonObject): number {
  if (schema.type === 'null') return 0
  if (typeof schema.$ref === 'string' || schema.allOf !== undefined) return 4
  if (schema.type === 'object' || schema.properties !== undefined) return 3
  return schema.type === 'array' || schema.items !== undefined ? 2 : 1
}

function conditional(base: JsonObject, schema: JsonObject, making: Making): JsonObject {
  const then = isJsonObject(schema.then) ? schema.then : {}
  const otherwise = isJsonObject(schema.else) ? schema.else : {}
  if (making.variant % 2 === 0) return mergeSchemas(mergeSchemas(base, schema.if as JsonObject), then)
  return mergeSchemas(base, otherwise)
}

function typeOf(schema: JsonObject, making: Making): string {
  const { type } = schema
  if (typeof type === 'string') return type
  if (Array.isArray(type)) {
    const wanted = (type as readonly Json[]).filter((one) => one !== 'null')
    return String(wanted[making.variant % Math.max(1, wanted.length)] ?? 'null')
  }
  if (schema.properties !== undefined || schema.required !== undefined || schema.additionalProperties !== undefined) {
    return 'object'
  }
  if (schema.items !== undefined || schema.prefixItems !== undefined || schema.minItems !== undefined) return 'array'
  const isNumber = ['minimum', 'maximum', 'multipleOf', 'exclusiveMinimum', 'exclusiveMaximum'].some(
    (key) => key in schema,
  )
  return isNumber ? 'number' : 'string'
}
