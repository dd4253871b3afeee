// How long an answer is that has to fit a schema: JSON tells much of its length before anybody has written it.

import { isJsonObject, type Json, type JsonObject } from '../core/json.ts'
import { pointerParts } from '../core/pointer.ts'

/** Bytes of JSON. */
export interface AnswerSize {
  /** With what is required alone, every text empty. */
  readonly low: number
  readonly likely: number
}

/** A text of which the schema says nothing: a sentence. */
const TEXT_BYTES = 80
/** Texts that a schema gives a format. */
const FORMAT_BYTES: Readonly<Record<string, number>> = {
  date: 10,
  time: 8,
  'date-time': 20,
  email: 24,
  uri: 40,
  uuid: 36,
}
const ITEMS = 3
/** Deeper values, as in schemas that contain themselves, are taken for nothing, and so is what comes after so many. */
const MAX_DEPTH = 8
const MAX_PARTS = 5000

export function answerSize(schema: JsonObject): AnswerSize {
  return sizeOf(schema, { root: schema, parts: 0 }, 0)
}

interface Walk {
  readonly root: JsonObject
  /** Parts of the schema that have been looked at. */
  parts: number
}

function sizeOf(schema: Json | undefined, walk: Walk, depth: number): AnswerSize {
  walk.parts += 1
  if (!isJsonObject(schema) || depth > MAX_DEPTH || walk.parts > MAX_PARTS) return { low: 2, likely: 2 }
  const inner = (part: Json | undefined): AnswerSize => sizeOf(part, walk, depth + 1)
  if (typeof schema.$ref === 'string') return inner(referred(walk.root, schema.$ref))
  if (schema.const !== undefined) return exactly([schema.const])
  if (Array.isArray(schema.enum)) return exactly(schema.enum)
  const choices = schema.anyOf ?? schema.oneOf
  if (Array.isArray(choices) && choices.length > 0) {
    const sizes = choices.map(inner)
    return { low: Math.min(...sizes.map(({ low }) => low)), likely: sum(sizes, 'likely') / sizes.length }
  }
  const types = Array.isArray(schema.type) ? schema.type : [schema.type]
  switch (types.find((type) => type !== 'null')) {
    case 'object':
      return objectSize(schema, inner)
    case 'array':
      return arraySize(schema, inner)
    case 'string':
      return textSize(schema)
    case 'boolean':
      return { low: 4, likely: 5 }
    case 'number':
    case 'integer':
      return { low: 1, likely: 4 }
    default:
      return isJsonObject(schema.properties) ? objectSize(schema, inner) : { low: 2, likely: TEXT_BYTES }
  }
}

/** Of references within the schema, which is whole; undefined: there is no such part. */
function referred(root: JsonObject, ref: string): Json | undefined {
  return pointerParts(ref.replace(/^#/, '')).reduce<Json | undefined>(
    (part, name) => (isJsonObject(part) ? part[name] : undefined),
    root,
  )
}

type Inner = (part: Json | undefined) => AnswerSize

/** Quotes, colon and comma stand around each member. */
function objectSize({ properties, required }: JsonObject, inner: Inner): AnswerSize {
  const names = Array.isArray(required) ? required : []
  let low = 2
  let likely = 2
  for (const [name, part] of Object.entries(isJsonObject(properties) ? properties : {})) {
    const member = inner(part)
    const frame = Buffer.byteLength(name) + 4
    likely += frame + member.likely
    if (names.includes(name)) low += frame + member.low
  }
  return { low, likely }
}

function arraySize({ items, minItems, maxItems }: JsonObject, inner: Inner): AnswerSize {
  const item = inner(items)
  const least = numberOr(minItems, 0)
  const count = Math.min(Math.max(ITEMS, least), numberOr(maxItems, Number.POSITIVE_INFINITY))
  return { low: 2 + least * (item.low + 1), likely: 2 + count * (item.likely + 1) }
}

function textSize({ format, minLength, maxLength }: JsonObject): AnswerSize {
  const usual = (typeof format === 'string' ? FORMAT_BYTES[format] : undefined) ?? TEXT_BYTES
  const least = numberOr(minLength, 0)
  const most = numberOr(maxLength, Number.POSITIVE_INFINITY)
  return { low: 2 + least, likely: 2 + Math.min(Math.max(usual, least), most) }
}

function exactly(values: readonly Json[]): AnswerSize {
  const lengths = values.map((value) => Buffer.byteLength(JSON.stringify(value)))
  return { low: Math.min(...lengths), likely: lengths.reduce((all, length) => all + length, 0) / lengths.length }
}

function sum(sizes: readonly AnswerSize[], of: keyof AnswerSize): number {
  return sizes.reduce((all, size) => all + size[of], 0)
}

function numberOr(value: Json | undefined, other: number): number {
  return typeof value === 'number' ? value : other
}
