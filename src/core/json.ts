/** JSON as TypeScript sees it, and the few operations on it that more than one room needs. */

/** Any JSON value. */
export type Json = string | number | boolean | null | JsonArray | JsonObject
export interface JsonArray extends ReadonlyArray<Json> {}
export interface JsonObject {
  readonly [name: string]: Json
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value's JSON text with object keys sorted at every depth: equal values give equal texts, whatever their key order. */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${(value as JsonArray).map(canonicalJson).join(',')}]`
  if (!isJsonObject(value)) return JSON.stringify(value)
  const members = Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonicalJson(value[name] as Json)}`)
  return `{${members.join(',')}}`
}

/** Freezes a value and everything in it. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const member of Object.values(value)) deepFreeze(member)
  }
  return value
}

/**
 * Reads a dotted path ("output.title", "row.tags.0") out of a value; undefined where any step is missing.
 * Only own properties are followed, so a path never reaches a prototype.
 */
export function valueAtPath(value: Json | undefined, path: string): Json | undefined {
  let at: Json | undefined = value
  for (const name of path.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined
    at = (at as JsonObject)[name]
  }
  return at
}
