/** Reads one file with a JSON Schema and knows where in it everything stands. */

import { extname } from 'node:path'
import type { Problem } from '../core/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../core/json.ts'
import { MAX_TEXT_BYTES } from './content-problem.ts'
import { jsonSyntaxError } from './json-text.ts'
import { type ParsedYaml, parseYaml } from './parse.ts'
import { readText } from './read-text.ts'
import { schemaMistakes } from './schema-mistakes.ts'
import { textLines } from './text-lines.ts'

export interface SchemaFile {
  readonly schema: JsonObject
  /** Gives a problem its place in the file: `pointer` is relative to the file's whole content. */
  place(pointer: string, message: string, hint?: string): Problem
}

/** Either the schema, or all that is wrong with the file; a problem without a line is about the file as a whole. */
export async function readSchemaFile(
  path: string,
  name: string,
  shown: string,
): Promise<{ file?: SchemaFile; problems: readonly Problem[] }> {
  const read = await readText(path, name, MAX_TEXT_BYTES)
  if (read.problem !== undefined) return { problems: [read.problem] }
  const isYaml = ['.yaml', '.yml'].includes(extname(path).toLowerCase())
  const broken = isYaml ? undefined : jsonSyntaxError(read.text)
  if (broken !== undefined) {
    const lines = textLines(read.text)
    const place = lines.place(broken.offset, broken.offset + 1)
    return { problems: [{ message: broken.message, file: shown, ...place, excerpt: lines.line(place.line) }] }
  }
  // JSON is YAML, but for tabs: read so, every value has its place.
  const parsed = parseYaml(isYaml ? read.text : read.text.replaceAll('\t', ' '))
  if (parsed.problems.length > 0) return { problems: parsed.problems.map((problem) => ({ ...problem, file: shown })) }
  const place = (pointer: string, message: string, hint?: string): Problem =>
    placeIn(parsed, shown, pointer, message, hint)
  const schema = (isYaml ? parsed.data : JSON.parse(read.text)) as Json
  if (!isJsonObject(schema))
    return { problems: [place('', 'A JSON Schema is an object; this file holds something else.')] }
  const wrong = schemaMistakes(schema).map(({ path: at, message, hint }) => place(at, message, hint))
  return wrong.length > 0 ? { problems: wrong } : { file: { schema, place }, problems: [] }
}

function placeIn(parsed: ParsedYaml, file: string, pointer: string, message: string, hint?: string): Problem {
  const place = parsed.locate(pointer, 'value')
  return { message, ...(hint === undefined ? {} : { hint }), file, ...place, excerpt: parsed.line(place.line) }
}
