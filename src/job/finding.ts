import type { Json, JsonObject } from '../core/json.ts'
import { isJsonObject } from '../core/json.ts'
import { pointerParts } from '../core/pointer.ts'

/** A problem of the job before it has a line: it knows where in the data it is. */
export interface Finding {
  /** JSON pointer into the job. */
  readonly path: string
  /** Whether the caret stands under the key or under its value. */
  readonly at: 'key' | 'value'
  readonly message: string
  readonly hint?: string
}

/** What stands at a JSON pointer; undefined: nothing. */
export function valueAt(data: Json | undefined, pointer: string): Json | undefined {
  let at = data
  for (const part of pointerParts(pointer)) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return undefined
    at = (at as JsonObject)[part]
  }
  return at
}

/** The mappings in the list `data[name]`, each with its pointer; whatever else stands there is left out. */
export function mappingsIn(data: JsonObject, name: string): (readonly [pointer: string, mapping: JsonObject])[] {
  const list = data[name]
  if (!Array.isArray(list)) return []
  return list.flatMap((item: Json, index) => (isJsonObject(item) ? [[`/${name}/${index}`, item] as const] : []))
}
