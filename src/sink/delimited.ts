// Text with delimiters as RFC 4180 describes it, which csv and tsv share.

import type { JsonSchema } from '../core/component.ts'
import type { Problem } from '../core/errors.ts'
import type { Json, JsonObject } from '../core/json.ts'
import { COLUMNS_OPTION, checkColumns, columnsOf } from './columns.ts'
import type { SinkContext } from './sink.ts'
import type { TextFormat } from './text-file.ts'

/** The options of both, beside `path`. */
export const DELIMITED_OPTIONS: Readonly<Record<string, JsonSchema>> = {
  columns: {
    ...COLUMNS_OPTION,
    description: `${COLUMNS_OPTION.description} Default: key, status, the output (or each property of its schema), error, cost_usd.`,
  },
  formulas: {
    enum: ['keep', 'escape'],
    default: 'keep',
    description:
      "Texts that begin with = + - @, a tab or a carriage return, which a spreadsheet runs as a formula: keep them as they are, or escape them with a leading ' (apostrophe).",
    examples: ['escape'],
  },
  newline: {
    enum: ['lf', 'crlf'],
    default: 'lf',
    description: 'What ends a line.',
    examples: ['crlf'],
  },
  bom: {
    type: 'boolean',
    default: false,
    description: 'Begin with a byte order mark, so that Excel reads the file as UTF-8.',
    examples: [true],
  },
}

/** One character that means nothing else in the format. */
export const DELIMITER_OPTION: JsonSchema = {
  type: 'string',
  minLength: 1,
  maxLength: 1,
  default: ',',
  description: 'The character between two values; no quote and no newline.',
  examples: [';'],
}

export function checkDelimited(options: JsonObject): readonly Problem[] {
  const delimiter = options.delimiter
  const isUsable = delimiter === undefined || !['"', '\n', '\r'].includes(String(delimiter))
  return [
    ...checkColumns(options),
    ...(isUsable
      ? []
      : [{ message: 'The delimiter cannot be a quote or a newline, which quoting needs itself.', path: '/delimiter' }]),
  ]
}

export function delimitedFormat(options: JsonObject, context: SinkContext, defaultDelimiter: string): TextFormat {
  const columns = columnsOf(options, context)
  const delimiter = String(options.delimiter ?? defaultDelimiter)
  const newline = options.newline === 'crlf' ? '\r\n' : '\n'
  const quote = quoter(delimiter)
  const cell = options.formulas === 'escape' ? (value: Json | undefined) => quote(withoutFormula(value)) : quote
  const line = (cells: readonly string[]): string =>
    // A single empty cell would be an empty line, which readers skip.
    `${cells.length === 1 && cells[0] === '' ? '""' : cells.join(delimiter)}${newline}`
  return {
    head: (options.bom === true ? '\uFEFF' : '') + line(columns.map((column) => quote(column.name))),
    item: (outcome) => line(columns.map((column) => cell(column.read(outcome)))),
    tail: () => '',
  }
}

/** Null is nothing at all, an empty text is "": readers that tell them apart can. Nested values are JSON text. */
function quoter(delimiter: string): (value: Json | undefined) => string {
  const inClass = delimiter.replace(/[\]\\^-]/, '\\$&')
  const special = new RegExp(`["\\n\\r${inClass}]|^\\s|\\s$|^$`)
  return (value) => {
    if (value === null || value === undefined) return ''
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    return special.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  }
}

function withoutFormula(value: Json | undefined): Json | undefined {
  return typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
}
