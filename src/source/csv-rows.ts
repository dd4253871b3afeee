// From records to rows: the header gives the names, and every record has to have as many values.

import { type Problem, UserError } from '../core/errors.ts'
import type { Json, JsonObject } from '../core/json.ts'
import { counted, quoted } from '../core/phrase.ts'
import type { SourceRow } from '../core/row.ts'
import { FieldNames } from '../core/row-text.ts'
import { TextRow } from '../core/text-row.ts'
import { RowWriter } from '../core/write-row.ts'
import type { CsvRecord } from './csv-tokenizer.ts'
import { convertersFor } from './csv-types.ts'

/** A file is read on after a bad record, to report several at once; not for ever. */
const MAX_PROBLEMS = 20

/** The rows of one file. */
export class CsvRows {
  readonly #file: string
  readonly #isGiven: boolean
  readonly #types: Json | undefined
  readonly #problems: Problem[] = []
  #names: readonly string[] | undefined
  #converters: ReturnType<typeof convertersFor> = []
  /** Where every value stays a text, and the names stand in a row in the order of the columns. */
  #fieldNames: FieldNames | undefined
  readonly #writer = new RowWriter()

  /** @param columns the names where the file has no header */
  constructor(file: string, columns: readonly string[] | undefined, types: Json | undefined) {
    this.#file = file
    this.#isGiven = columns !== undefined
    this.#types = types
    if (columns !== undefined) this.#name(columns)
  }

  /**
   * Throws UserError: no header, a name twice or empty, records with more or fewer values than names (the first twenty at
   * once), values that are not of their column's type.
   */
  async *blocks(records: AsyncIterable<Iterable<CsvRecord>>, signal: AbortSignal): AsyncGenerator<Iterable<SourceRow>> {
    for await (const block of records) {
      signal.throwIfAborted()
      yield this.#rowsOf(block)
    }
    if (this.#problems.length > 0) throw new UserError(this.#problems)
    if (this.#names === undefined) throw withoutHeader(this.#file)
  }

  *#rowsOf(block: Iterable<CsvRecord>): Generator<SourceRow> {
    const file = this.#file
    for (const record of block) {
      const { fields: texts, line } = record
      const names = this.#names
      if (names === undefined) {
        this.#name(checkedHeader(record.values, file, line))
        continue
      }
      if ((texts?.count ?? record.values.length) !== names.length) {
        this.#problems.push(ragged(names.length, record.values, this.#isGiven, file, line))
        if (this.#problems.length >= MAX_PROBLEMS) throw new UserError(this.#problems)
        continue
      }
      // After a problem nothing is used any more; the rest is read to name the other bad records.
      if (this.#problems.length > 0) continue
      if (this.#fieldNames !== undefined) {
        const writer = this.#writer
        const text =
          texts === undefined
            ? writer.writeValues(this.#fieldNames, record.values)
            : writer.writeFields(this.#fieldNames, texts)
        yield new TextRow(text, file, line)
        continue
      }
      const fields = this.#fieldsOf(names, record.values, line)
      if (fields !== undefined) yield { fields, place: { file, line } }
    }
  }

  /** undefined: a value is not of its column's type. */
  #fieldsOf(names: readonly string[], values: readonly string[], line: number): JsonObject | undefined {
    const fields: Record<string, Json> = {}
    for (let i = 0; i < names.length; i++) {
      const name = names[i] as string
      const convert = this.#converters[i]
      const text = values[i] as string
      const value = convert === undefined ? text : convert(text)
      if (value === undefined) this.#problems.push(wrongType(this.#types as JsonObject, name, text, this.#file, line))
      else fields[name] = value
    }
    return this.#problems.length > 0 ? undefined : fields
  }

  #name(names: readonly string[]): void {
    this.#names = names
    this.#converters = convertersFor(this.#types, names, this.#file)
    const areTexts = this.#converters.every((convert) => convert === undefined)
    this.#fieldNames = areTexts ? FieldNames.inOrder(names) : undefined
  }
}

export function withoutHeader(file: string): UserError {
  return new UserError({
    message: `${file} is empty; its first line has to name the columns.`,
    hint: 'For a file without a header give the names in the option "columns".',
    file,
    line: 1,
  })
}

/** The names, each there and only once; throws UserError. */
export function checkedHeader(names: readonly string[], file: string, line: number): readonly string[] {
  if (names.some((name) => /\r(?!\n)/.test(name)))
    throw new UserError({ message: 'The lines end with carriage returns alone.', hint: RETURN_HINT, file, line })
  if (names.some((name) => name.includes('\0')))
    throw new UserError({ message: 'The header contains bytes that are 0.', hint: ZERO_HINT, file, line })
  const seen = new Map<string, number>()
  const problems: Problem[] = []
  for (const [index, name] of names.entries()) {
    const before = seen.get(name)
    if (name === '') problems.push({ message: `Column ${index + 1} has no name.`, hint: NAME_HINT, file, line })
    else if (name === '__proto__')
      problems.push({ message: `Column ${index + 1} is named "__proto__".`, hint: 'Rename the column.', file, line })
    else if (before !== undefined)
      problems.push({
        message: `Columns ${before} and ${index + 1} are both named ${quoted(name)}.`,
        hint: NAME_HINT,
        file,
        line,
      })
    else seen.set(name, index + 1)
  }
  if (problems.length > 0) throw new UserError(problems)
  return names
}

const NAME_HINT =
  'Every column needs a name of its own; rename it, or give all names in the option "columns" after taking the header line off.'
const ZERO_HINT = 'The file may be UTF-16 without its mark: try the option encoding: utf-16le.'
const RETURN_HINT = 'Convert the file to line feeds, for example with: tr "\\r" "\\n".'

function ragged(expected: number, values: readonly string[], isGiven: boolean, file: string, line: number): Problem {
  const found = values.length
  const by = isGiven ? 'the option "columns"' : 'the header'
  const hint =
    found === 1 && expected > 1
      ? 'Check the option "delimiter", or complete the line.'
      : found > expected
        ? 'A value that contains the delimiter has to stand in quotes.'
        : 'Complete the line; an empty value still needs its delimiter.'
  return { message: `Expected ${counted(expected, 'field')} by ${by}, found ${found}.`, hint, file, line }
}

function wrongType(types: JsonObject, column: string, text: string, file: string, line: number): Problem {
  const type = String(types[column])
  return {
    message: `The value of ${quoted(column)} is ${quoted(text)}, which is no ${type === 'json' ? 'JSON' : type}.`,
    hint: `"types" makes the column ${type}. Correct the value, or leave the column a string.`,
    file,
    line,
  }
}
