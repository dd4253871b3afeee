import { isUtf8 } from 'node:buffer'
import { type Problem, UserError } from '../core/errors.ts'
import { isJsonObject, type JsonObject } from '../core/json.ts'
import { describeValue } from '../core/phrase.ts'
import type { SourceRow } from '../core/row.ts'
import { lineBlocks } from '../disk/lines.ts'
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
  async *rows(options, context) {
    for await (const file of filesOf(options.path, context)) yield* rowsOfFile(file, context)
  },
}

/** A line becomes one JavaScript string, which can hold about twice this. */
const MAX_LINE_BYTES = 256 * 1024 * 1024
/** A file is read on after a bad line, to report several at once; not for ever. */
const MAX_PROBLEMS = 20

async function* rowsOfFile(file: SourceFile, context: SourceContext): AsyncGenerator<SourceRow> {
  const ending = { isLineFeed: true, isOver: false }
  const pieces = watched(utf8Pieces(readPieces(file, context.signal), 'utf-8', file.path), ending)
  const problems: Problem[] = []
  let line = 0
  for await (const lines of lineBlocks(pieces, MAX_LINE_BYTES, (at) => tooLong(file.path, at))) {
    for (const bytes of lines) {
      context.signal.throwIfAborted()
      line++
      // What comes after the last piece is the line that no line feed ended.
      const isCutOff = ending.isOver && !ending.isLineFeed
      try {
        const fields = parseLine(bytes, file.path, line, isCutOff)
        if (fields !== undefined && problems.length === 0) yield { fields, place: { file: file.path, line } }
      } catch (error) {
        if (!(error instanceof UserError)) throw error
        problems.push(...error.problems)
        if (problems.length >= MAX_PROBLEMS) throw new UserError(problems)
      }
    }
  }
  if (problems.length > 0) throw new UserError(problems)
}

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
