// CSV knows only texts; the option `types` says which of them are numbers, yes/no or JSON.

import { UserError } from '../core/errors.ts'
import type { Json, JsonObject } from '../core/json.ts'
import { nearest } from '../core/nearest.ts'
import { listed, quoted } from '../core/phrase.ts'
import { mayChangeNumbers, scanJson } from './json-scan.ts'

/** Turns one value of a column into JSON; undefined: it is not of the column's type. */
export type Convert = (text: string) => Json | undefined

const COLUMN_TYPES = ['string', 'number', 'boolean', 'json'] as const

export const TYPES_OPTION: JsonObject = {
  description:
    'What the values become. strings: all stay as they are written, leading zeros too. auto: values that look like a number of at most 15 digits without leading zeros, true or false are converted, each by itself. A mapping gives the type of single columns (an empty number, boolean or json becomes null); the others stay texts.',
  default: 'strings',
  oneOf: [
    { enum: ['strings', 'auto'] },
    { type: 'object', minProperties: 1, additionalProperties: { enum: [...COLUMN_TYPES] } },
  ],
  examples: ['auto', { stars: 'number', verified: 'boolean' }],
}

/**
 * One conversion for each column; undefined: the text stays. Throws UserError for a type given to a column that the
 * file does not have.
 */
export function convertersFor(
  types: Json | undefined,
  columns: readonly string[],
  file: string,
): (Convert | undefined)[] {
  if (types === undefined || types === 'strings') return columns.map(() => undefined)
  if (types === 'auto') return columns.map(() => guessed)
  const byColumn = types as Readonly<Record<string, string>>
  const unknown = Object.keys(byColumn).find((name) => !columns.includes(name))
  if (unknown !== undefined) {
    const near = nearest(unknown, columns)
    throw new UserError({
      message: `${file} has no column ${quoted(unknown)}, which "types" names.`,
      hint:
        near !== undefined ? `Did you mean ${quoted(near)}?` : `Its columns are ${listed(columns.map(quoted), 'and')}.`,
      file,
      line: 1,
    })
  }
  return columns.map((name) => (Object.hasOwn(byColumn, name) ? CONVERT[byColumn[name] ?? ''] : undefined))
}

const CONVERT: Readonly<Record<string, Convert | undefined>> = {
  number: (text) => (text === '' ? null : exactNumber(text.trim())),
  boolean: (text) => (text === '' ? null : BOOLEANS.get(text.trim().toLowerCase())),
  json: (text) => (text === '' ? null : parsed(text)),
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
])

/** Fifteen significant digits are what a double holds without change. */
function guessed(text: string): Json {
  if (text.length <= 17 && PLAIN_NUMBER.test(text) && digitsOf(text) <= 15) return Number(text)
  return BOOLEANS.get(text) ?? text
}

function exactNumber(text: string): number | undefined {
  if (!JSON_NUMBER.test(text)) return undefined
  const value = Number(text)
  if (!Number.isFinite(value)) return undefined
  return /^-?\d+$/.test(text) && !Number.isSafeInteger(value) ? undefined : value
}

/** undefined also where a number in it would become another one. */
function parsed(text: string): Json | undefined {
  try {
    const value = JSON.parse(text) as Json
    return mayChangeNumbers(text) && scanJson(text, 'number') !== undefined ? undefined : value
  } catch {
    return undefined
  }
}

function digitsOf(text: string): number {
  return text.replace(/^-?0?\.?0*/, '').replace('.', '').length
}

const PLAIN_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?$/
const JSON_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/
