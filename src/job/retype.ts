/** Texts that stand for a number or a switch, and numbers that stand for a text. */

import { isJsonObject, type Json } from '../core/json.ts'
import { pointerParts } from '../core/pointer.ts'
import { valueAt } from './finding.ts'
import { parseYaml } from './parse.ts'
import type { Catalog } from './schema.ts'
import type { Setting } from './set.ts'
import { typesWanted } from './validate.ts'

/**
 * `limit: ${LIMIT}` means a number, though the environment has only texts; `--set name=2024` means a text, though YAML
 * reads a number. Where the schema refuses such a value for its type, the other reading is taken.
 */
export function retype(
  data: Json,
  catalog: Catalog,
  settings: readonly Setting[],
  written: ReadonlyMap<string, string>,
): Json {
  let result = data
  for (const [pointer, text] of written) {
    const value = valueAt(data, pointer)
    const isWhole = /^\$\{[^}]*\}$/.test(text)
    if (!isWhole || typeof value !== 'string') continue
    const other = parseYaml(value).data
    const isOther = typeof other === 'number' || typeof other === 'boolean'
    if (isOther && wants(result, catalog, pointer, ['number', 'integer', 'boolean']))
      result = withValue(result, pointer, other)
  }
  for (const { pointer, text, value } of settings) {
    if (typeof value !== 'number' && typeof value !== 'boolean') continue
    if (valueAt(result, pointer) === value && wants(result, catalog, pointer, ['string']))
      result = withValue(result, pointer, text)
  }
  return result
}

function wants(data: Json, catalog: Catalog, pointer: string, types: readonly string[]): boolean {
  return typesWanted(data, catalog, pointer).some((type) => types.includes(type))
}

function withValue(data: Json, pointer: string, value: Json): Json {
  const [name, ...rest] = pointerParts(pointer)
  if (name === undefined) return value
  const inner = `/${rest.map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1')).join('/')}`
  const next = (member: Json | undefined): Json => withValue(member ?? null, rest.length === 0 ? '' : inner, value)
  if (Array.isArray(data)) return data.with(Number(name), next(data[Number(name)]))
  return isJsonObject(data) ? { ...data, [name]: next(data[name]) } : data
}
