import { open } from 'node:fs/promises'
import { UserError } from '../core/errors.ts'
import type { Json, JsonObject } from '../core/json.ts'
import { nearest } from '../core/nearest.ts'
import { listed, quoted } from '../core/phrase.ts'
import type { RowPlace, SourceRow } from '../core/row.ts'
import { FieldNames, type RowText } from '../core/row-text.ts'
import { TextRow } from '../core/text-row.ts'
import { RowWriter } from '../core/write-row.ts'
import { oneByOne } from './blocks.ts'
import { filesOf, PATH_OPTION, type SourceFile } from './files-of.ts'
import { ParquetError } from './parquet-bytes.ts'
import type { ParquetTable } from './parquet-file.ts'
import { type ColumnValues, TextColumn } from './parquet-texts.ts'
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

  constructor(columns: readonly string[], file: string) {
    this.#columns = columns
    this.#names = FieldNames.inOrder(columns)
    this.#place = { file }
  }

  *of(block: readonly ColumnValues[]): Generator<SourceRow> {
    const count = block[0]?.length ?? 0
    const others = block.filter((column): column is readonly unknown[] => !(column instanceof TextColumn))
    for (let row = 0; row < count; row++) {
      // What is nested is looked through by whoever plans.
      const isFlat = others.every((column) => typeof column[row] !== 'object' || column[row] === null)
      if (isFlat && this.#names !== undefined) yield new TextRow(this.#write(this.#names, block, row), this.#place.file)
      else yield { fields: this.#fieldsOf(block, row), place: this.#place }
    }
  }

  #write(names: FieldNames, block: readonly ColumnValues[], row: number): RowText {
    const writer = this.#writer
    writer.begin(names)
    for (let at = 0; at < block.length; at += 1) {
      const column = block[at] as ColumnValues
      if (!(column instanceof TextColumn)) writer.addValue((column[row] ?? null) as Json)
      else if (column.from(row) < 0) writer.addValue(null)
      else writer.addText(column.bytes, column.from(row), column.to(row), column.view)
    }
    return writer.end()
  }

  #fieldsOf(block: readonly ColumnValues[], row: number): JsonObject {
    const fields: Record<string, Json> = {}
    for (const [at, name] of this.#columns.entries()) {
      const column = block[at]
      fields[name] = column instanceof TextColumn ? column.textAt(row) : plain(column?.[row])
    }
    return fields
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
