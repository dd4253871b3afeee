// The views under which a query sees local files: read strictly, nothing guessed.

import { UserError } from '../core/errors.ts'
import type { Json } from '../core/json.ts'
import { csvHeader } from './csv.ts'
import { filesBelow, type SourceFile } from './files-of.ts'
import { unpackedName } from './pieces.ts'
import type { SourceContext } from './source.ts'

/**
 * SQL that makes the files a view of this name. CSV and TSV: every column a text, empty values are empty texts.
 * JSON and JSON Lines: one column `json`, each object as it stands. Parquet: its own columns and types.
 * Throws UserError for files of another kind, and for what `filesBelow` refuses.
 */
export async function createView(name: string, path: Json, context: SourceContext): Promise<string> {
  const files: SourceFile[] = []
  for await (const file of filesBelow(path, context)) files.push(file)
  const kinds = new Set(files.map((file) => kindOf(file.path)))
  const [kind] = kinds
  if (kinds.size !== 1 || kind === undefined) {
    throw new UserError({
      message: `The files of "${name}" are of different kinds: ${[...kinds].join(', ')}.`,
      hint: 'Give each kind a name of its own in "files".',
      file: context.jobFile,
      path: '/dataset/files',
    })
  }
  return `create view ${identifier(name)} as ${await reader(kind, files, context)}`
}

export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

async function reader(kind: string, files: readonly SourceFile[], context: SourceContext): Promise<string> {
  const list = `[${files.map((file) => literal(file.absolute)).join(', ')}]`
  if (kind === '.parquet') return `select * from read_parquet(${list})`
  if (kind === '.jsonl' || kind === '.ndjson')
    return `select json from read_ndjson_objects(${list}, maximum_object_size = ${MAX_JSON_BYTES})`
  if (kind === '.json')
    return `select json from read_json_objects(${list}, format = 'array', maximum_object_size = ${MAX_JSON_BYTES})`
  const delimiter = kind === '.csv' ? ',' : '\t'
  const names = (await commonHeader(files, delimiter, context)).map(literal)
  return `select * from read_csv(${list}, auto_detect = false, header = true, delim = ${literal(delimiter)}, quote = '"', escape = '"',
    columns = {${names.map((name) => `${name}: 'VARCHAR'`).join(', ')}}, force_not_null = [${names.join(', ')}], max_line_size = ${MAX_LINE_BYTES}, buffer_size = ${2 * MAX_LINE_BYTES})`
}

/** DuckDB would take the columns of another order for those of the first file. */
async function commonHeader(
  files: readonly SourceFile[],
  delimiter: string,
  context: SourceContext,
): Promise<readonly string[]> {
  let common: readonly string[] | undefined
  for (const file of files) {
    const columns = await csvHeader(file, delimiter, context)
    common ??= columns
    if (columns.join('\n') !== common.join('\n')) {
      throw new UserError({
        message: `The header of ${file.path} differs from that of ${files[0]?.path}.`,
        hint: 'Files under one name need the same columns in the same order; give it a name of its own in "files".',
        file: file.path,
        line: 1,
      })
    }
  }
  return common ?? []
}

/** Longer records are an error that says so. DuckDB takes memory for several of them at once. */
const MAX_LINE_BYTES = 16 * 1024 * 1024
const MAX_JSON_BYTES = 32 * 1024 * 1024

const KINDS = ['.csv', '.tsv', '.tab', '.jsonl', '.ndjson', '.json', '.parquet']

function kindOf(path: string): string {
  const name = unpackedName(path).toLowerCase()
  const kind = KINDS.find((ending) => name.endsWith(ending))
  if (kind !== undefined) return kind
  throw new UserError({
    message: `${path} is no file that a query can read.`,
    hint: `Its name has to end in ${KINDS.join(', ')} (.gz allowed for texts).`,
    path: '/dataset/files',
  })
}
