// Strings, numbers and lists that keep to what a schema says of them.

import type { Json, JsonObject } from '../../core/json.ts'
import { textForFormat } from './format-text.ts'
import { listOf, mergeSchemas } from './merge.ts'
import { textForPattern } from './pattern-text.ts'
import type { Making } from './schema-value.ts'

/** Lists of no stated length have up to so many items. */
const SOME_ITEMS = 3

export function stringFor(schema: JsonObject, making: Making): string {
  const least = typeof schema.minLength === 'number' ? schema.minLength : 0
  const most = typeof schema.maxLength === 'number' ? schema.maxLength : Number.POSITIVE_INFINITY
  const fits = (text: string) => lengthOf(text) >= least && lengthOf(text) <= most
  if (typeof schema.format === 'string') {
    const text = textForFormat(schema.format, making.choose)
    if (text !== undefined && fits(text) && matches(schema.pattern, text)) return text
  }
  if (typeof schema.pattern === 'string') {
    const phrase = making.phrase()
    if (matches(schema.pattern, phrase) && fits(phrase)) return phrase
    for (let extra = 0; extra <= Math.min(200, least + 4); extra++) {
      const text = textForPattern(schema.pattern, making.choose, extra)
      if (text !== undefined && fits(text) && matches(schema.pattern, text)) return text
    }
  }
  let text = making.phrase()
  while (lengthOf(text) < least) text = text === '' ? 'x'.repeat(least) : `${text} ${making.phrase()}`
  return lengthOf(text) > most ? [...text].slice(0, most).join('') : text
}

function matches(pattern: Json | undefined, text: string): boolean {
  if (typeof pattern !== 'string') return true
  try {
    return new RegExp(pattern, 'u').test(text)
  } catch {
    return new RegExp(pattern).test(text)
  }
}

/** JSON Schema counts characters, not the units of UTF-16. */
function lengthOf(text: string): number {
  return [...text].length
}

export function numberFor(schema: JsonObject, isInteger: boolean, making: Making): number {
  const bound = (key: string) => (typeof schema[key] === 'number' ? schema[key] : undefined)
  const step = bound('multipleOf') ?? (isInteger ? 1 : 0)
  const low = Math.max(
    bound('minimum') ?? Number.NEGATIVE_INFINITY,
    bound('exclusiveMinimum') ?? Number.NEGATIVE_INFINITY,
  )
  const high = Math.min(
    bound('maximum') ?? Number.POSITIVE_INFINITY,
    bound('exclusiveMaximum') ?? Number.POSITIVE_INFINITY,
  )
  if (step <= 0) return tidy(between(low, high, 0.5, (1 + making.choose(7)) / 8, making))
  // In steps, with a step's distance from a bound that does not belong to the range.
  let first = Math.ceil(low / step - 1e-9)
  let last = Math.floor(high / step + 1e-9)
  if (tidy(first * step) <= (bound('exclusiveMinimum') ?? Number.NEGATIVE_INFINITY)) first++
  if (tidy(last * step) >= (bound('exclusiveMaximum') ?? Number.POSITIVE_INFINITY)) last--
  if (!Number.isFinite(first)) first = Number.isFinite(last) ? last - 100 : 0
  if (!Number.isFinite(last)) last = first + 100
  const number = tidy((first + making.choose(Math.min(Math.max(1, last - first + 1), 1_000_000))) * step)
  return isInteger ? Math.round(number) : number
}

/** Inside the range and not on its bounds, where there is room. */
function between(low: number, high: number, step: number, share: number, making: Making): number {
  const steps = (1 + making.choose(200)) * step
  if (Number.isFinite(low) && Number.isFinite(high)) return low + (high - low) * share
  if (Number.isFinite(low)) return low + steps
  return Number.isFinite(high) ? high - steps : steps
}

/** Without the dust of binary fractions. */
function tidy(number: number): number {
  return Number(number.toPrecision(12))
}

export function arrayFor(schema: JsonObject, depth: number, making: Making): Json[] {
  const prefix = listOf(schema.prefixItems ?? (Array.isArray(schema.items) ? schema.items : undefined))
  const rest: Json = Array.isArray(schema.items) ? (schema.additionalItems ?? true) : (schema.items ?? true)
  const contains = schema.contains
  const contained = contains === undefined ? 0 : typeof schema.minContains === 'number' ? schema.minContains : 1
  const least = Math.max(typeof schema.minItems === 'number' ? schema.minItems : 0, contained)
  const most = typeof schema.maxItems === 'number' ? schema.maxItems : Number.POSITIVE_INFINITY
  const usual = making.isLean(depth) ? least : Math.max(least, prefix.length, 1 + making.choose(SOME_ITEMS))
  const count = rest === false ? Math.min(usual, prefix.length) : Math.min(usual, most)
  const items: Json[] = []
  const seen = new Set<string>()
  for (let at = 0; at < count; at++) {
    const own = prefix[at] ?? rest
    const isContained = at >= count - contained && contains !== undefined
    const wanted = isContained ? mergeSchemas(asObject(own), asObject(contains)) : own
    let item = making.make(wanted, depth + 1)
    for (let tries = 0; schema.uniqueItems === true && seen.has(JSON.stringify(item)) && tries < 50; tries++) {
      item = making.make(wanted, depth + 1)
    }
    if (schema.uniqueItems === true && seen.has(JSON.stringify(item)) && items.length >= least) break
    seen.add(JSON.stringify(item))
    items.push(item)
  }
  return items
}

function asObject(schema: Json): JsonObject {
  return typeof schema === 'object' && schema !== null && !Array.isArray(schema) ? (schema as JsonObject) : {}
}
