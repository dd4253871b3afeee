// Outcomes as the JSON rows that PostgreSQL turns into its types, and what of them it cannot take.

import { UserError } from '../core/errors.ts'
import type { Json, JsonObject } from '../core/json.ts'
import type { Outcome } from '../core/result.ts'
import type { PostgresTable } from './postgres-table.ts'
import { TABLE_KEYS } from './sql-table.ts'

/** One outcome as JSON text: {"k": key, "c0": …}. Throws UserError for a text that PostgreSQL cannot hold, unless it is to be replaced. */
export function rowJson(outcome: Outcome, table: PostgresTable, replaceInvalidText: boolean): string {
  const row: Record<string, Json> = { k: outcome.key }
  for (const [index, column] of table.columns.entries()) {
    const value = column.read(outcome) ?? null
    const type = table.types[index + TABLE_KEYS.length] ?? 'text'
    // An answer that broke its schema may hold anything; the row's other columns are worth keeping.
    row[`c${index}`] = outcome.status === 'succeeded' || fits(value, type) ? value : null
  }
  const json = JSON.stringify(row)
  // NUL and lone surrogates are the only characters that JSON.stringify writes so; a backslash before is looked at below.
  if (!json.includes('\\u0000') && !/\\ud[89a-f]/.test(json)) return json
  const names = new Map(table.columns.map((column, index) => [`c${index}`, column.name]))
  return JSON.stringify(
    mapTexts(row, (text, name) => {
      const replaced = text.replaceAll(INVALID, '\ufffd')
      if (replaced === text || replaceInvalidText) return replaced
      throw new UserError({
        message: `The row "${outcome.key}" has a text in "${names.get(name) ?? 'key'}" that PostgreSQL cannot hold: it contains ${text.includes('\u0000') ? 'a NUL character' : 'half a character (a lone surrogate)'}.`,
        hint: 'Set "invalid_text: replace" on the sink to have such characters replaced by U+FFFD; the other sinks keep them.',
      })
    }),
  )
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: NUL is what is looked for.
const INVALID = /[\u0000\p{Surrogate}]/gu

function fits(value: Json, type: string): boolean {
  if (value === null) return true
  if (/^(smallint|integer|bigint)$/.test(type)) return Number.isInteger(value)
  if (/^(double precision|real|numeric)/.test(type)) return typeof value === 'number'
  return type !== 'boolean' || typeof value === 'boolean'
}

/** The row with every text in it, names of members included, replaced; `replace` is told in which field of the row. */
function mapTexts(row: JsonObject, replace: (text: string, field: string) => string): JsonObject {
  const map = (value: Json, field: string): Json => {
    if (typeof value === 'string') return replace(value, field)
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return value.map((member) => map(member, field))
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [replace(name, field), map(member, field)]))
  }
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, map(value, name)]))
}
