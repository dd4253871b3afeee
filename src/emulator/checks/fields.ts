// The small questions that every check asks of a field, and the API's words when the answer is no.

import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts'
import { invalidRequest } from '../api-error.ts'

/** Throws ApiError unless it is an object. `place` names it as the API does: messages.0.content.1 */
export function objectAt(value: Json | undefined, place: string): JsonObject {
  if (value === undefined) throw invalidRequest(`${place}: Field required`)
  if (!isJsonObject(value)) throw invalidRequest(`${place}: Input should be a valid dictionary`)
  return value
}

export function listAt(value: Json | undefined, place: string): readonly Json[] {
  if (value === undefined) throw invalidRequest(`${place}: Field required`)
  if (!Array.isArray(value)) throw invalidRequest(`${place}: Input should be a valid list`)
  return value as readonly Json[]
}

export function stringAt(value: Json | undefined, place: string): string {
  if (value === undefined) throw invalidRequest(`${place}: Field required`)
  if (typeof value !== 'string') throw invalidRequest(`${place}: Input should be a valid string`)
  return value
}

export function integerAt(value: Json | undefined, place: string): number {
  if (value === undefined) throw invalidRequest(`${place}: Field required`)
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    throw invalidRequest(`${place}: Input should be a valid integer`)
  }
  return value
}

export function oneOf(value: Json | undefined, allowed: readonly string[], place: string): string {
  if (value === undefined) throw invalidRequest(`${place}: Field required`)
  if (typeof value !== 'string' || !allowed.includes(value)) {
    throw invalidRequest(`${place}: Input should be ${orList(allowed)}`)
  }
  return value
}

/** Throws for the first key that is not allowed. */
export function onlyKeys(value: JsonObject, allowed: readonly string[], place: string): void {
  for (const key of Object.keys(value)) {
    if (!allowed.includes(key)) {
      throw invalidRequest(`${place === '' ? key : `${place}.${key}`}: Extra inputs are not permitted`)
    }
  }
}

/** 'a', 'b' or 'c' */
function orList(names: readonly string[]): string {
  const quoted = names.map((name) => `'${name}'`)
  const last = quoted.at(-1) ?? ''
  return quoted.length < 2 ? last : `${quoted.slice(0, -1).join(', ')} or ${last}`
}
