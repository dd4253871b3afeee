/** Texts that stand for a number or a switch, and numbers that stand for a text. */

import { isJsonObject, type Json } from '../core/json.ts'
import { pointerParts } from '../core/pointer.ts'
import { valueAt } from './finding.ts'
import type { Catalog } from './schema.ts'
import type { Setting } from './set.ts'
import { wrongTypes } from './validate.ts'

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
  const others = new Map([...fromEnvironment(data, written), ...fromSettings(data, settings)])
  if (others.size === 0) return data
  let result = data
  for (const [pointer, types] of wrongTypes(data, catalog)) {
    const other = others.get(pointer)
    if (other !== undefined && types.some((type) => fits(other, type))) result = withValue(result, pointer, other)
  }
  return result
}

const NUMBER_OR_SWITCH = /^(?:true|false|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/

/** Texts that are nothing but a variable whose value reads as a number or a switch. */
function fromEnvironment(data: Json, written: ReadonlyMap<string, string>): [pointer: string, other: Json][] {
  return [...written].flatMap(([pointer, text]): [string, Json][] => {
    const value = /^\$\{[^}]*\}$/.test(text) ? valueAt(data, pointer) : undefined
    return typeof value === 'string' && NUMBER_OR_SWITCH.test(value) ? [[pointer, JSON.parse(value) as Json]] : []
  })
}

/** Numbers and switches of the command line, as the texts that they were. */
function fromSettings(data: Json, settings: readonly Setting[]): [pointer: string, other: Json][] {
  return settings
    .filter(
      ({ pointer, value }) =>
        typeof value !== 'string' && typeof value !== 'object' && valueAt(data, pointer) === value,
    )
    .map(({ pointer, text }) => [pointer, text])
}

function fits(value: Json, type: string): boolean {
  return type === 'integer' ? Number.isInteger(value) : typeof value === type
}

function withValue(data: Json, pointer: string, value: Json): Json {
  const [name, ...rest] = pointerParts(pointer)
  if (name === undefined) return value
  const inner = `/${rest.map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1')).join('/')}`
  const next = (member: Json | undefined): Json => withValue(member ?? null, rest.length === 0 ? '' : inner, value)
  if (Array.isArray(data)) return data.with(Number(name), next(data[Number(name)]))
  return isJsonObject(data) ? { ...data, [name]: next(data[name]) } : data
}
