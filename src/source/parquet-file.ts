// A Parquet file as blocks of rows, with no more than a piece of a page of each column in memory.

import type { FileHandle } from 'node:fs/promises'
import {
  assembleNested,
  type ColumnChunk,
  DEFAULT_PARSERS,
  type FileMetaData,
  getTreePath,
  parquetMetadataAsync,
  parquetSchema,
  type SchemaTree,
} from './hyparquet.ts'
import { damaged, ParquetError, readBytes } from './parquet-bytes.ts'
import { type LeafCursor, leafCursor } from './parquet-leaf.ts'
import { PageReader } from './parquet-pages.ts'
import type { ColumnValues } from './parquet-texts.ts'

export interface ParquetTable {
  /** The top-level columns, in their order. */
  readonly columns: readonly string[]
  /**
   * Blocks of rows as values of the chosen columns, in the order of `chosen`; each is good until the next is asked for.
   * Throws ParquetError.
   */
  blocks(chosen: readonly string[], binary: 'base64' | 'text'): AsyncGenerator<ColumnValues[]>
}

/** Rows handed on at a time, at most; fewer where the pages end. */
const BLOCK_ROWS = 1024

/** Reads the footer. Throws ParquetError for what is no Parquet file. The caller closes the handle. */
export async function openParquet(file: FileHandle, size: number): Promise<ParquetTable> {
  const metadata = await readMetadata(file, size)
  const schema = parquetSchema(metadata)
  return {
    columns: schema.children.map((child) => child.element.name),
    async *blocks(chosen, binary) {
      const children = chosen.map((name) => schema.children.find((child) => child.element.name === name))
      for (const group of metadata.row_groups) {
        const columns = children.map((child) => {
          if (child === undefined) throw new ParquetError('lost a column')
          return new Column(file, child, schema, group.columns, binary)
        })
        if (columns.length === 0) throw new ParquetError('has no columns')
        try {
          yield* blocksOfGroup(columns, Number(group.num_rows))
        } finally {
          for (const column of columns) await column.close()
        }
      }
    },
  }
}

async function readMetadata(file: FileHandle, size: number): Promise<FileMetaData> {
  const start = size < 12 ? '' : Buffer.from(await readBytes(file, 0, 4)).toString('latin1')
  if (start === 'PARE') throw new ParquetError('is encrypted')
  if (start !== 'PAR1') throw new ParquetError('is no Parquet file: it does not begin with PAR1')
  const bytes = {
    byteLength: size,
    slice: async (from: number, to = size): Promise<ArrayBuffer> => {
      const { buffer, byteOffset, byteLength } = await readBytes(file, from, to - from)
      return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer
    },
  }
  try {
    return await parquetMetadataAsync(bytes, { geoparquet: false })
  } catch (cause) {
    throw damaged('its end cannot be read, it may be cut off', cause)
  }
}

async function* blocksOfGroup(columns: readonly Column[], rows: number): AsyncGenerator<ColumnValues[]> {
  for (let left = rows; left > 0; ) {
    let count = Math.min(left, BLOCK_ROWS)
    for (const column of columns) count = Math.min(count, await column.available())
    if (count === 0) throw new ParquetError('is damaged: a column ends before the others')
    yield columns.map((column) => column.take(count))
    left -= count
  }
}

/** A top-level column of one row group: one leaf, or the leaves of lists, maps and structs put together. */
class Column {
  readonly #schema: SchemaTree
  readonly #leaves: readonly LeafCursor[]

  constructor(
    file: FileHandle,
    schema: SchemaTree,
    root: SchemaTree,
    chunks: readonly ColumnChunk[],
    binary: 'base64' | 'text',
  ) {
    this.#schema = schema
    this.#leaves = leavesOf(schema).map((leaf) => {
      const path = leaf.path.join('.')
      const chunk = chunks.find(({ meta_data }) => meta_data?.path_in_schema.join('.') === path)
      if (chunk?.meta_data === undefined)
        throw new ParquetError(`has no readable data for the column "${path}"; it may be encrypted`)
      if (chunk.file_path) throw new ParquetError(`keeps the column "${path}" in another file`)
      const schemaPath = getTreePath(root, leaf.path)
      return leafCursor(new PageReader(file, chunk.meta_data, schemaPath, binary), schemaPath)
    })
  }

  async available(): Promise<number> {
    let count = Number.POSITIVE_INFINITY
    for (const leaf of this.#leaves) count = Math.min(count, await leaf.available())
    return count
  }

  async close(): Promise<void> {
    for (const leaf of this.#leaves) await leaf.close()
  }

  take(count: number): ColumnValues {
    const [first] = this.#leaves
    if (this.#schema.children.length === 0 && first !== undefined) return first.take(count)
    const values = new Map<string, unknown[]>()
    // Only texts that are not nested come as a column of their own.
    for (const leaf of this.#leaves) values.set(leaf.path, leaf.take(count) as unknown[])
    assembleNested(values, this.#schema, DEFAULT_PARSERS)
    return values.get(this.#schema.path.join('.')) ?? []
  }
}

function leavesOf(schema: SchemaTree): SchemaTree[] {
  return schema.children.length === 0 ? [schema] : schema.children.flatMap(leavesOf)
}
