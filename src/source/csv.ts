import { isUtf8 } from 'node:buffer'
import { pipeline, Readable } from 'node:stream'
import { UserError } from '../core/errors.ts'
import type { Json, JsonObject } from '../core/json.ts'
import { quoted } from '../core/phrase.ts'
import type { SourceRow } from '../core/row.ts'
import { lineBlocks } from '../disk/lines.ts'
import { oneByOne } from './blocks.ts'
import { checkSeparated, separatedOptions } from './csv-options.ts'
import { CsvRows, checkedHeader, withoutHeader } from './csv-rows.ts'
import { type CsvDialect, CsvError, type CsvRecord, CsvTokenizer } from './csv-tokenizer.ts'
import { type Encoding, invalidUtf8, utf8Pieces } from './encoding.ts'
import { filesOf, type SourceFile } from './files-of.ts'
import { readPieces } from './pieces.ts'
import type { Source, SourceContext } from './source.ts'

export const csv: Source = {
  type: 'csv',
  about: 'Comma-separated values with a header line, one row a record.',
  options: separatedOptions(','),
  extensions: ['.csv'],
  check: checkSeparated,
  rows: (options, context) => oneByOne(separatedBlocks(options, context, ',')),
  blocks: (options, context) => separatedBlocks(options, context, ','),
}

/** A record is held in memory; one that grows past this is a quote that was never closed. */
const MAX_RECORD_BYTES = 256 * 1024 * 1024

interface Dialect extends CsvDialect {
  /** The character that stands before a quote inside quotes; the quote itself where the file doubles it. */
  readonly escape: string
}

/** The rows of files whose values are separated by `delimiter`, unless the options name another. */
export async function* separatedBlocks(
  options: JsonObject,
  context: SourceContext,
  delimiter: string,
): AsyncGenerator<Iterable<SourceRow>> {
  const quote = textOr(options.quote, '"')
  const dialect: Dialect = {
    delimiter: textOr(options.delimiter, delimiter),
    quote,
    escape: textOr(options.escape, quote),
    maxRecordBytes: MAX_RECORD_BYTES,
  }
  const columns = options.columns as readonly string[] | undefined
  const encoding = textOr(options.encoding, 'utf-8') as Encoding
  for await (const file of filesOf(options.path, context)) {
    const bytes = utf8Pieces(readPieces(file, context.signal), encoding, file.path)
    const records = isPlain(dialect) ? plainRecords(bytes, dialect, file) : oddRecords(bytes, dialect, file)
    yield* new CsvRows(file.path, columns, options.types).blocks(records, context.signal)
  }
}

/** The names of a UTF-8 file's columns. Throws UserError as reading the file would. */
export async function csvHeader(
  file: SourceFile,
  delimiter: string,
  context: SourceContext,
): Promise<readonly string[]> {
  const bytes = utf8Pieces(readPieces(file, context.signal), 'utf-8', file.path)
  const dialect = { delimiter, quote: '"', maxRecordBytes: MAX_RECORD_BYTES }
  for await (const records of plainRecords(bytes, dialect, file)) {
    for (const { values, line } of records) return checkedHeader(values, file.path, line)
  }
  throw withoutHeader(file.path)
}

/** Our tokenizer reads the common dialects about five times as fast as csv-parse, which reads all. */
function isPlain(dialect: Dialect): boolean {
  const { delimiter, quote } = dialect
  return isAsciiLetter(delimiter) && (quote === '' || isAsciiLetter(quote)) && dialect.escape === quote
}

function isAsciiLetter(text: string): boolean {
  return text.length === 1 && text.charCodeAt(0) < 128
}

async function* plainRecords(
  pieces: AsyncIterable<Buffer>,
  dialect: CsvDialect,
  file: SourceFile,
): AsyncGenerator<Iterable<CsvRecord>> {
  const tokenizer = new CsvTokenizer(dialect)
  for await (const piece of pieces) yield explaining(tokenizer.push(piece), file.path)
  yield explaining(tokenizer.finish(), file.path)
}

function* explaining(records: Iterable<CsvRecord>, file: string): Generator<CsvRecord> {
  try {
    yield* records
  } catch (error) {
    throw error instanceof CsvError ? explained(error, file) : error
  }
}

function explained({ fault }: CsvError, file: string): UserError {
  const place = { file, line: fault.line }
  if (fault.kind === 'encoding') return invalidUtf8(file, fault.line, fault.bytes)
  if (fault.kind === 'after-quote')
    return new UserError({
      message: `A quoted field is followed by ${quoted(fault.found)}; only the delimiter or the end of the line may follow.`,
      hint: 'Double the quotes inside a quoted field (""), or switch quoting off with quote: "".',
      ...place,
    })
  return new UserError({
    message:
      fault.kind === 'unclosed'
        ? 'The quote that opens here is never closed; the file ends inside the field.'
        : `The record that begins here is longer than ${MAX_RECORD_BYTES / 1024 / 1024} MB; a quote in it may never be closed.`,
    hint: 'Close the quote; or, where quotes are ordinary letters in this file, switch quoting off with quote: "".',
    ...place,
  })
}

/** Delimiters of several bytes and escape characters, through csv-parse. */
async function* oddRecords(
  pieces: AsyncIterable<Buffer>,
  dialect: Dialect,
  file: SourceFile,
): AsyncGenerator<CsvRecord[]> {
  const { CsvError: CsvParseError, parse } = await import('csv-parse')
  const parser = parse({
    delimiter: dialect.delimiter,
    quote: dialect.quote === '' ? null : dialect.quote,
    escape: dialect.escape === '' ? null : dialect.escape,
    record_delimiter: ['\r\n', '\n'],
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: dialect.maxRecordBytes,
    info: true,
  })
  // Errors of the bytes reach the loop below through the parser; nobody else waits for the pipeline.
  pipeline(Readable.from(validUtf8(pieces, file.path)), parser, () => undefined)
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      const lineBreaks = record.reduce((sum, value) => sum + value.split('\n').length - 1, 0)
      yield [{ values: record, line: info.lines - lineBreaks }]
    }
  } catch (error) {
    if (!(error instanceof CsvParseError)) throw error
    const line = Number(/at line (\d+)/.exec(error.message)?.[1] ?? 1)
    throw new UserError({
      message: `${error.message}.`,
      hint: 'Check the options "delimiter", "quote" and "escape" against the file.',
      file: file.path,
      line,
    })
  }
}

/** Whole lines, each checked. */
async function* validUtf8(pieces: AsyncIterable<Buffer>, file: string): AsyncGenerator<string> {
  let line = 1
  for await (const lines of lineBlocks(pieces, MAX_RECORD_BYTES, (at) => tooLong(file, at))) {
    for (const bytes of lines) {
      if (!isUtf8(bytes)) throw invalidUtf8(file, line, bytes)
      line++
    }
    yield `${lines.map((bytes) => bytes.toString('utf8')).join('\n')}\n`
  }
}

function tooLong(file: string, line: number): UserError {
  return new UserError({ message: `The line is longer than ${MAX_RECORD_BYTES / 1024 / 1024} MB.`, file, line })
}

function textOr(value: Json | undefined, fallback: string): string {
  return typeof value === 'string' ? value : fallback
}
