import { isUtf8 } from 'node:buffer'
import { UserError } from '../core/errors.ts'
import { isJsonObject, type Json, valueAtPath } from '../core/json.ts'
import { describeValue, listed, quoted } from '../core/phrase.ts'
import type { SourceRow } from '../core/row.ts'
import { invalidUtf8, utf8Pieces } from './encoding.ts'
import { filesOf, PATH_OPTION, type SourceFile } from './files-of.ts'
import { parseJsonText } from './json-text.ts'
import { readPieces } from './pieces.ts'
import type { Source, SourceContext } from './source.ts'

export const json: Source = {
  type: 'json',
  about: 'JSON files that hold a list of objects, one row an object. A file is read as a whole, up to 256 MB.',
  options: {
    type: 'object',
    required: ['path'],
    additionalProperties: false,
    properties: {
      path: { ...PATH_OPTION, examples: ['data/reviews.json', 'data/*.json.gz'] },
      at: {
        type: 'string',
        pattern: '^[^.]+(\\.[^.]+)*$',
        description: 'Where in the file the list is: names joined by dots. Left out: the file itself is the list.',
        examples: ['data.items'],
      },
    },
  },
  extensions: ['.json'],
  async *rows(options, context) {
    const at = typeof options.at === 'string' ? options.at : undefined
    for await (const file of filesOf(options.path, context)) yield* rowsOfFile(file, at, context)
  },
}

const MAX_BYTES = 256 * 1024 * 1024

async function* rowsOfFile(
  file: SourceFile,
  at: string | undefined,
  context: SourceContext,
): AsyncGenerator<SourceRow> {
  const value = parseWhole(await readWhole(file, context), file.path)
  const list = at === undefined ? value : valueAtPath(value, at)
  if (!Array.isArray(list)) throw noList(value, list, at, file.path)
  for (const [index, fields] of (list as readonly Json[]).entries()) {
    context.signal.throwIfAborted()
    if (!isJsonObject(fields)) {
      throw new UserError({
        message: `Item ${index + 1} of the list is ${describeValue(fields)}; every item has to be an object.`,
        hint: 'Write {"name": value, …}.',
        file: file.path,
      })
    }
    yield { fields, place: { file: file.path } }
  }
}

async function readWhole(file: SourceFile, context: SourceContext): Promise<Buffer> {
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of utf8Pieces(readPieces(file, context.signal), 'utf-8', file.path)) {
    bytes += piece.length
    if (bytes > MAX_BYTES) {
      throw new UserError({
        message: `${file.path} is larger than ${MAX_BYTES / 1024 / 1024} MB, and a JSON file is read as a whole.`,
        hint: 'Convert it to JSON Lines, which is read line by line: jq -c ".[]" file.json > file.jsonl',
        file: file.path,
      })
    }
    pieces.push(Buffer.from(piece))
  }
  return Buffer.concat(pieces)
}

function parseWhole(bytes: Buffer, file: string): Json {
  if (!isUtf8(bytes)) throw firstInvalidLine(bytes, file)
  const text = bytes.toString('utf8')
  if (text.trim() === '')
    throw new UserError({ message: `${file} is empty.`, hint: 'A dataset without rows is [].', file, line: 1 })
  try {
    return parseJsonText(text, { file, line: 1 })
  } catch (error) {
    if (!(error instanceof UserError) || !looksLikeLines(text)) throw error
    const hint = 'The file seems to hold one object a line; read it with type: jsonl.'
    throw new UserError(error.problems.map((problem) => ({ ...problem, hint })))
  }
}

function firstInvalidLine(bytes: Buffer, file: string): UserError {
  let start = 0
  for (let line = 1; ; line++) {
    const newline = bytes.indexOf(10, start)
    const text = bytes.subarray(start, newline < 0 ? bytes.length : newline)
    if (newline < 0 || !isUtf8(text)) return invalidUtf8(file, line, text)
    start = newline + 1
  }
}

function looksLikeLines(text: string): boolean {
  return /^\s*\{.*\}\s*\n\s*\{/.test(text.slice(0, 1_000_000))
}

function noList(value: Json, found: Json | undefined, at: string | undefined, file: string): UserError {
  const lists = isJsonObject(value) ? Object.keys(value).filter((name) => Array.isArray(value[name])) : []
  return new UserError({
    message:
      at === undefined
        ? `${file} is ${describeValue(value)}; it has to be a list of objects.`
        : `${quoted(at)} in ${file} is ${describeValue(found)}; it has to be a list of objects.`,
    hint:
      lists.length > 0
        ? `Name the list with the option "at": ${listed(lists.map(quoted))}.`
        : 'Write [{"name": value, …}, …].',
    file,
  })
}
