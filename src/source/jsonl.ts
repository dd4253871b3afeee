import { isUtf8 } from 'node:buffer'
import { type Problem, UserError } from '../core/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../core/json.ts'
import { describeValue } from '../core/phrase.ts'
import type { SourceRow } from '../core/row.ts'
import { RowScanner, trimmedEnd } from '../core/scan-row.ts'
import { TextRow } from '../core/text-row.ts'
import { wholeLines } from '../disk/lines.ts'
import { oneByOne } from './blocks.ts'
import { invalidUtf8, utf8Pieces } from './encoding.ts'
import { filesOf, PATH_OPTION, type SourceFile } from './files-of.ts'
import { parseJsonText } from './json-text.ts'
import { readPieces } from './pieces.ts'
import type { Source, SourceContext } from './source.ts'

export const jsonl: Source = {
  type: 'jsonl',
  about: 'JSON Lines: one object a line, one row an object.',
  options: {
    type: 'object',
    required: ['path'],
    additionalProperties: false,
    properties: { path: PATH_OPTION },
  },
  extensions: ['.jsonl', '.ndjson'],
  rows: (options, context) => oneByOne(blocksOf(options.path, context)),
  blocks: (options, context) => blocksOf(options.path, context),
}

async function* blocksOf(path: Json | undefined, context: SourceContext): AsyncGenerator<Iterable<SourceRow>> {
  for await (const file of filesOf(path, context)) yield* new Lines(file, context).blocks()
}

/** A line becomes one JavaScript string, which can hold about twice this. */
const MAX_LINE_BYTES = 256 * 1024 * 1024
/** A file is read on after a bad line, to report several at once; not for ever. */
const MAX_PROBLEMS = 20

/** The lines of one file. Most are only scanned; a line that the scanner does not take is parsed, or refused with its place. */
class Lines {
  readonly #file: SourceFile
  readonly #context: SourceContext
  readonly #scanner = new RowScanner()
  readonly #ending = { isLineFeed: true, isOver: false }
  readonly #problems: Problem[] = []
  #line = 0

  constructor(file: SourceFile, context: SourceContext) {
    this.#file = file
    this.#context = context
  }

  async *blocks(): AsyncGenerator<Iterable<SourceRow>> {
    const { path } = this.#file
    const pieces = watched(utf8Pieces(readPieces(this.#file, this.#context.signal), 'utf-8', path), this.#ending)
    const tooLongHere = (): Error => tooLong(path, this.#line + 1)
    for await (const block of wholeLines(pieces, MAX_LINE_BYTES, tooLongHere)) yield this.#rowsOf(block)
    if (this.#problems.length > 0) throw new UserError(this.#problems)
  }

  *#rowsOf(block: Buffer): Generator<SourceRow> {
    const { path } = this.#file
    const canBeScanned = isUtf8(block)
    this.#context.signal.throwIfAborted()
    for (let start = 0; start < block.length; ) {
      const newline = block.indexOf(NEWLINE, start)
      const end = newline < 0 ? block.length : newline
      this.#line++
      const text = canBeScanned ? this.#scanner.scan(block, start, trimmedEnd(block, start, end)) : undefined
      const row = text === undefined ? this.#parse(block.subarray(start, end)) : new TextRow(text, path, this.#line)
      if (row !== undefined && this.#problems.length === 0) yield row
      start = end + 1
    }
  }

  /** undefined: a blank line, or one that is wrong; twenty of those are collected before the file is given up. */
  #parse(bytes: Buffer): SourceRow | undefined {
    const place = { file: this.#file.path, line: this.#line }
    // What comes after the last piece is the line that no line feed ended.
    const isCutOff = this.#ending.isOver && !this.#ending.isLineFeed
    try {
      const fields = parseLine(bytes, place.file, place.line, isCutOff)
      return fields && { fields, place }
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      this.#problems.push(...error.problems)
      if (this.#problems.length >= MAX_PROBLEMS) throw new UserError(this.#problems)
      return undefined
    }
  }
}

const NEWLINE = 10

/** Remembers whether the bytes so far end with a line feed, and whether they are all. */
async function* watched(
  pieces: AsyncIterable<Buffer>,
  ending: { isLineFeed: boolean; isOver: boolean },
): AsyncGenerator<Buffer> {
  for await (const piece of pieces) {
    if (piece.length > 0) ending.isLineFeed = piece[piece.length - 1] === 10
    yield piece
  }
  ending.isOver = true
}

/** The line's object; undefined for a blank line. */
function parseLine(bytes: Buffer, file: string, line: number, isCutOff: boolean): JsonObject | undefined {
  if (!isUtf8(bytes)) throw invalidUtf8(file, line, bytes)
  const text = bytes.toString('utf8')
  if (text.trim() === '') return undefined
  const value = parseJsonText(text, { file, line, isCutOff })
  if (isJsonObject(value)) return value
  throw new UserError({
    message: `Every line has to be a JSON object; this one is ${describeValue(value)}.`,
    hint: Array.isArray(value)
      ? 'Write {"name": value, …}; a file that is one list of objects is read with type: json.'
      : 'Write {"name": value, …}.',
    file,
    line,
    column: 1,
  })
}

function tooLong(file: string, line: number): UserError {
  return new UserError({
    message: `The line is longer than ${MAX_LINE_BYTES / 1024 / 1024} MB.`,
    hint: 'A row is one request; put large contents into files and name them in "documents".',
    file,
    line,
  })
}
