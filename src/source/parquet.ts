import { open } from 'node:fs/promises'
import { UserError } from '../core/errors.ts'
import type { Json, JsonObject } from '../core/json.ts'
import { nearest } from '../core/nearest.ts'
import { listed, quoted } from '../core/phrase.ts'
import type { RowPlace, SourceRow } from '../core/row.ts'
import { FieldNames } from '../core/row-text.ts'
import { RowWriter } from '../core/write-row.ts'
import { oneByOne, TextRow } from './blocks.ts'
import { filesOf, PATH_OPTION, type SourceFile } from './files-of.ts'
import { ParquetError } from './parquet-bytes.ts'
import type { ParquetTable } from './parquet-file.ts'
import type { Source, SourceContext } from './source.ts'

export const parquet: Source = {
  type: 'parquet',
  about:
    'Parquet files, one row a record: dates become ISO texts, whole numbers beyond 2^53 and long decimals texts, bytes base64, NaN null; lists, maps and structs stay nested.',
  options: {
    type: 'object',
    required: ['path'],
    additionalProperties: false,
    properties: {
      path: { ...PATH_OPTION, examples: ['data/reviews.parquet', 'data/**/*.parquet'] },
      columns: {
        type: 'array',
        minItems: 1,
        uniqueItems: true,
        items: { type: 'string', minLength: 1 },
        description: 'Only these columns are read; all where it is left out.',
        examples: [['id', 'text']],
      },
      binary: {
        enum: ['base64', 'text'],
        description:
          'What columns of bytes without a text type become. Some older writers store texts this way: text reads them as UTF-8.',
        default: 'base64',
        examples: ['text'],
      },
    },
  },
  extensions: ['.parquet'],
  rows: (options, context) => oneByOne(blocksOf(options, context)),
  blocks: blocksOf,
}

async function* blocksOf(options: JsonObject, context: SourceContext): AsyncGenerator<Iterable<SourceRow>> {
  for await (const file of filesOf(options.path, context)) yield* blocksOfFile(file, options, context)
}

async function* blocksOfFile(
  file: SourceFile,
  options: JsonObject,
  { signal }: SourceContext,
): AsyncGenerator<Iterable<SourceRow>> {
  const place = { file: file.path }
  const handle = await open(file.absolute)
  try {
    // Loaded with the first file: most jobs read none, and every command would wait for the decoders.
    const { openParquet } = await import('./parquet-file.ts')
    const table = await openParquet(handle, file.size)
    const columns = chosenColumns(table, options.columns as readonly string[] | undefined, file.path)
    const rows = new TableRows(columns, file.path)
    for await (const block of table.blocks(columns, options.binary === 'text' ? 'text' : 'base64')) {
      signal.throwIfAborted()
      yield rows.of(block)
    }
  } catch (error) {
    // Damage in the footer shows as offsets and types that make no sense wherever they are used.
    const isDamage = error instanceof TypeError || error instanceof RangeError
    if (!isDamage && !(error instanceof ParquetError)) throw error
    throw new UserError({
      message: `${file.path} ${isDamage ? `is damaged (${String(error)})` : error.message}.`,
      hint: 'Write the file again; or leave the column out with the option "columns".',
      ...place,
    })
  } finally {
    await handle.close()
  }
}

/** The rows of one file. */
class TableRows {
  readonly #columns: readonly string[]
  readonly #names: FieldNames | undefined
  readonly #place: RowPlace & { readonly file: string }
  readonly #writer = new RowWriter()
  readonly #values: Json[] = []

  constructor(columns: readonly string[], file: string) {
    this.#columns = columns
    this.#names = FieldNames.inOrder(columns)
    this.#place = { file }
  }

  *of(block: readonly (readonly unknown[])[]): Generator<SourceRow> {
    const count = block[0]?.length ?? 0
    const values = this.#values
    for (let row = 0; row < count; row++) {
      let isFlat = true
      for (let i = 0; i < block.length; i++) {
        const value = plain(block[i]?.[row])
        values[i] = value
        isFlat &&= typeof value !== 'object' || value === null
      }
      // What is nested is looked through by whoever plans.
      if (isFlat && this.#names !== undefined) {
        yield new TextRow(this.#writer.writeValues(this.#names, values), this.#place.file)
        continue
      }
      const fields: Record<string, Json> = {}
      for (const [i, name] of this.#columns.entries()) fields[name] = values[i] as Json
      yield { fields, place: this.#place }
    }
  }
}

function chosenColumns(table: ParquetTable, wanted: readonly string[] | undefined, file: string): readonly string[] {
  const columns = wanted ?? table.columns
  for (const [index, name] of columns.entries()) {
    if (!table.columns.includes(name)) {
      const near = nearest(name, table.columns)
      throw new UserError({
        message: `${file} has no column ${quoted(name)}.`,
        hint: near ? `Did you mean ${quoted(near)}?` : `Its columns are ${listed(table.columns.map(quoted), 'and')}.`,
        file,
      })
    }
    if (name === '__proto__' || columns.indexOf(name) !== index) {
      throw new UserError({
        message: `${file} has ${name === '__proto__' ? 'a column' : 'two columns'} named ${quoted(name)}.`,
        hint: 'Rename the column.',
        file,
      })
    }
  }
  return columns
}

/** Values are JSON already; what is missing inside lists and structs is undefined. */
function plain(value: unknown): Json {
  if (value === undefined || value === null) return null
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]))
  return value as Json
}
