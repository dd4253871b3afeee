// Which keys the job's schema has, and which a job uses: both as JSON pointers, `*` for items and for free names.

import { isJsonObject, type Json, type JsonObject } from '../../src/core/json.ts'

/** Every key of a schema. */
export function keysOf(schema: JsonObject, pointer = '', found = new Set<string>()): Set<string> {
  for (const [name, property] of Object.entries((schema.properties as JsonObject | undefined) ?? {})) {
    if (!isJsonObject(property)) continue
    found.add(`${pointer}/${name}`)
    keysOf(property, `${pointer}/${name}`, found)
  }
  for (const keyword of ['anyOf', 'oneOf', 'allOf'])
    for (const branch of (schema[keyword] as JsonObject[] | undefined) ?? []) keysOf(branch, pointer, found)
  for (const keyword of ['then', 'else']) if (isJsonObject(schema[keyword])) keysOf(schema[keyword], pointer, found)
  for (const keyword of ['items', 'additionalProperties'])
    if (isJsonObject(schema[keyword])) keysOf(schema[keyword], `${pointer}/*`, found)
  return found
}

/** Every key of a job. Where one or a list of them may stand, either counts for both. */
export function usedKeys(job: Json): Set<string> {
  const used = new Set<string>()
  collect(job, '', used)
  return new Set([...used].flatMap((key) => [key, ...otherForms(key)]))
}

function otherForms(key: string): string[] {
  const match = /^(\/prices\/\*|\/messages\/\*\/content)(\/\*)?(\/.+)$/.exec(key)
  return match === null ? [] : [`${match[1]}${match[3]}`, `${match[1]}/*${match[3]}`]
}

function collect(value: Json, pointer: string, used: Set<string>): void {
  if (Array.isArray(value)) for (const item of value) collect(item as Json, `${pointer}/*`, used)
  else if (isJsonObject(value)) {
    for (const [name, member] of Object.entries(value)) {
      // A name of the user's own choice stands for `*` as well as for itself.
      for (const at of [`${pointer}/${name}`, `${pointer}/*`]) {
        used.add(at)
        collect(member, at, used)
      }
    }
  }
}
