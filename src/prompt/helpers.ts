// The helpers that templates may use: functions of values, the same everywhere and at every time.

import { canonicalJson, type Json } from '../core/json.ts'
import { describeValue } from '../core/phrase.ts'
import { formatDate } from './date-format.ts'
import { HelperError } from './template-error.ts'

export interface Helper {
  readonly name: string
  /** For the docs: how it is written, and what it does in one sentence. */
  readonly usage: string
  readonly about: string
  /** How many values it takes. */
  readonly least: number
  readonly most: number
  /** Named options such as `indent=2`. */
  readonly options?: readonly string[]
  /**
   * What a missing value is to it: `need` an error, `may` undefined where it is missing below the top level, `any`
   * undefined for all values but the last.
   */
  readonly reads: 'need' | 'may' | 'any'
  /** Throws HelperError. */
  call(values: readonly unknown[], options: Readonly<Record<string, unknown>>): unknown
}

export const HELPERS: readonly Helper[] = [
  {
    name: 'json',
    usage: '{{json value}} {{json value indent=2}}',
    about: 'The value as JSON text.',
    least: 1,
    most: 1,
    options: ['indent'],
    reads: 'need',
    call: ([value], { indent = 0 }) => JSON.stringify(value, null, wholeNumber('json', 'indent', indent, 10)),
  },
  {
    name: 'truncate',
    usage: '{{truncate text 500}} {{truncate text 500 suffix=" [cut]"}}',
    about: 'The text cut to at most so many characters; what was cut ends with the suffix, which counts: "…".',
    least: 2,
    most: 2,
    options: ['suffix'],
    reads: 'need',
    call: ([value, length], { suffix = '…' }) =>
      truncate(textFor('truncate', value), wholeNumber('truncate', 'its length', length), String(suffix)),
  },
  {
    name: 'default',
    usage: '{{default nickname "friend"}}',
    about: 'The first value that exists and is neither null nor an empty text.',
    least: 2,
    most: Number.POSITIVE_INFINITY,
    reads: 'any',
    call: (values) => values.find((value) => value !== undefined && value !== null && value !== '') ?? values.at(-1),
  },
  comparison('eq', 'Whether two values are equal; a text that is a number equals that number.', (a, b) =>
    isEqual(a, b),
  ),
  comparison('ne', 'Whether two values differ.', (a, b) => !isEqual(a, b)),
  comparison(
    'gt',
    'Whether the first is greater: numbers as numbers, texts by their letters.',
    (a, b) => order('gt', a, b) > 0,
  ),
  comparison('lt', 'Whether the first is less.', (a, b) => order('lt', a, b) < 0),
  {
    name: 'and',
    usage: '{{#if (and a b)}}',
    about: 'The first value that is false, empty or missing, else the last.',
    least: 1,
    most: Number.POSITIVE_INFINITY,
    reads: 'may',
    call: (values) => values.find((value) => !isTruthy(value)) ?? (values.every(isTruthy) ? values.at(-1) : false),
  },
  {
    name: 'or',
    usage: '{{#if (or a b)}}',
    about: 'The first value that is neither false nor empty nor missing, else the last.',
    least: 1,
    most: Number.POSITIVE_INFINITY,
    reads: 'may',
    call: (values) => values.find(isTruthy) ?? values.at(-1),
  },
  {
    name: 'not',
    usage: '{{#if (not a)}}',
    about: 'Whether the value is false, empty or missing.',
    least: 1,
    most: 1,
    reads: 'may',
    call: ([value]) => !isTruthy(value),
  },
  {
    name: 'join',
    usage: '{{join list ", "}}',
    about: 'The items of a list as one text, with the separator between them: ", ".',
    least: 1,
    most: 2,
    reads: 'need',
    call: ([list, separator = ', ']) => join(list, String(separator)),
  },
  textHelper('upper', 'The text in capital letters.', (text) => text.toUpperCase()),
  textHelper('lower', 'The text in small letters.', (text) => text.toLowerCase()),
  textHelper('trim', 'The text without blanks and line ends around it.', (text) => text.trim()),
  {
    name: 'date',
    usage: '{{date created_at}} {{date created_at "D MMMM YYYY, HH:mm"}}',
    about: 'An ISO 8601 date or milliseconds since 1970 in the given format, in UTC: "YYYY-MM-DD".',
    least: 1,
    most: 2,
    reads: 'need',
    call: ([value, format = 'YYYY-MM-DD']) => formatDate(value, String(format)),
  },
  {
    name: 'indent',
    usage: '{{indent text 4}}',
    about: 'Every line of the text that is not empty, moved right by so many blanks.',
    least: 2,
    most: 2,
    reads: 'need',
    call: ([value, blanks]) =>
      textFor('indent', value).replace(
        /^(?=[^\r\n])/gm,
        ' '.repeat(wholeNumber('indent', 'its number of blanks', blanks, MOST_BLANKS)),
      ),
  },
]

/** What {{#if}} takes for true: not false, null, missing, "", 0 or an empty list. */
export function isTruthy(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value)
}

function comparison(name: string, about: string, holds: (a: unknown, b: unknown) => boolean): Helper {
  return { name, usage: `{{#if (${name} a b)}}`, about, least: 2, most: 2, reads: 'may', call: ([a, b]) => holds(a, b) }
}

function textHelper(name: string, about: string, change: (text: string) => string): Helper {
  return {
    name,
    usage: `{{${name} text}}`,
    about,
    least: 1,
    most: 1,
    reads: 'need',
    call: ([value]) => change(textFor(name, value)),
  }
}

function textFor(helper: string, value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw new HelperError(`The helper ${helper} needs a text; it was given ${describeValue(value)}.`)
}

/** Few enough that a template cannot ask for gigabytes of blanks. */
const MOST_BLANKS = 1000

function wholeNumber(helper: string, what: string, value: unknown, most = Number.MAX_SAFE_INTEGER): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof number === 'number' && Number.isInteger(number) && number >= 0 && number <= most) return number
  const range = most === Number.MAX_SAFE_INTEGER ? 'from 0' : `from 0 to ${most}`
  throw new HelperError(
    `The helper ${helper} needs ${what} as a whole number ${range}; it was given ${describeValue(value)}.`,
  )
}

function truncate(text: string, length: number, suffix: string): string {
  if (text.length <= length) return text
  const letters = [...text]
  if (letters.length <= length) return text
  const room = length - [...suffix].length
  return room < 0 ? letters.slice(0, length).join('') : letters.slice(0, room).join('') + suffix
}

function join(list: unknown, separator: string): string {
  if (!Array.isArray(list)) throw new HelperError(`The helper join needs a list; it was given ${describeValue(list)}.`)
  return list
    .map((item, index) => {
      if (typeof item === 'string' || typeof item === 'number' || typeof item === 'boolean') return String(item)
      throw new HelperError(
        `The helper join needs a list of texts; item ${index + 1} is ${describeValue(item)}.`,
        'Write {{#each}} around the items, or {{json list}}.',
      )
    })
    .join(separator)
}

/** CSV gives texts where JSON gives numbers, so "5" equals 5. */
function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a === 'number' && typeof b === 'string') return numberIn(b) === a
  if (typeof a === 'string' && typeof b === 'number') return numberIn(a) === b
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  return canonicalJson(a as Json) === canonicalJson(b as Json)
}

/** Less than, equal to or greater than 0; NaN where one is missing, so that neither gt nor lt holds. */
function order(helper: string, a: unknown, b: unknown): number {
  if (a === undefined || a === null || b === undefined || b === null) return Number.NaN
  for (const value of [a, b]) {
    if (typeof value !== 'string' && typeof value !== 'number') {
      throw new HelperError(`The helper ${helper} compares numbers or texts; it was given ${describeValue(value)}.`)
    }
  }
  const x = numberIn(a)
  const y = numberIn(b)
  if (x !== undefined && y !== undefined) return x - y
  const [left, right] = [String(a), String(b)]
  return left < right ? -1 : left > right ? 1 : 0
}

function numberIn(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  if (typeof value !== 'string' || value.trim() === '') return undefined
  const number = Number(value)
  return Number.isNaN(number) ? undefined : number
}
