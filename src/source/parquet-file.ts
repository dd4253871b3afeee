// Reads a Parquet file row by row while only one page of each column is in memory: the only door of hyparquet, whose own
// reader decodes a whole row group (often a million rows) at once.

import type { FileHandle } from 'node:fs/promises'
import { parquetMetadataAsync, parquetSchema } from 'hyparquet'
import { assembleLists, assembleNested } from 'hyparquet/src/assemble.js'
import { parquetHeader } from 'hyparquet/src/column.js'
import { DEFAULT_PARSERS } from 'hyparquet/src/convert.js'
import { decompressPage, readDataPage, readDataPageV2 } from 'hyparquet/src/datapage.js'
import { readPlain } from 'hyparquet/src/plain.js'
import { getTreePath } from 'hyparquet/src/schema.js'
import type {
  ColumnChunk,
  ColumnDecoder,
  ColumnMetaData,
  DataPage,
  FileMetaData,
  PageHeader,
  SchemaTree,
} from 'hyparquet/src/types.js'
import { compressors } from 'hyparquet-compressors'
import { type ConvertValue, converterFor, ParquetValueError } from './parquet-values.ts'

/** What is wrong with a file, in words that follow its name. */
export class ParquetError extends Error {}

export interface ParquetTable {
  /** The top-level columns, in their order. */
  readonly columns: readonly string[]
  /** Blocks of rows as values of the chosen columns, in the order of `chosen`. Throws ParquetError. */
  blocks(chosen: readonly string[], binary: 'base64' | 'text'): AsyncGenerator<unknown[][]>
}

/** Rows handed on at a time, at most; fewer where the pages end. */
const BLOCK_ROWS = 4096
const HEADER_BYTES = 32 * 1024
const MAX_HEADER_BYTES = 32 * 1024 * 1024
const MAX_PAGE_BYTES = 1024 * 1024 * 1024

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
        yield* blocksOfGroup(columns, Number(group.num_rows))
      }
    },
  }
}

async function readMetadata(file: FileHandle, size: number): Promise<FileMetaData> {
  const start = size < 12 ? '' : (await readBytes(file, 0, 4)).toString('latin1')
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

async function* blocksOfGroup(columns: readonly Column[], rows: number): AsyncGenerator<unknown[][]> {
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
      return new LeafCursor(file, chunk.meta_data, getTreePath(root, leaf.path), binary)
    })
  }

  async available(): Promise<number> {
    let count = Number.POSITIVE_INFINITY
    for (const leaf of this.#leaves) count = Math.min(count, await leaf.available())
    return count
  }

  take(count: number): unknown[] {
    const [first] = this.#leaves
    if (this.#schema.children.length === 0 && first !== undefined) return first.take(count)
    const values = new Map<string, unknown[]>()
    for (const leaf of this.#leaves) values.set(leaf.path, leaf.take(count))
    assembleNested(values, this.#schema, DEFAULT_PARSERS)
    return values.get(this.#schema.path.join('.')) ?? []
  }
}

/** Walks the pages of one leaf column in one row group. */
class LeafCursor {
  readonly path: string
  readonly #file: FileHandle
  readonly #decoder: ColumnDecoder
  readonly #convert: ConvertValue
  #position: number
  readonly #end: number
  /** That the column's later pages may hold. */
  #valuesLeft: number
  #dictionary: unknown[] | undefined
  /** Decoded and not yet taken. A nested column's last row may go on in the next page, so it is not given out before. */
  #values: unknown[] = []
  #at = 0
  readonly #mayContinue: boolean

  constructor(file: FileHandle, chunk: ColumnMetaData, schemaPath: SchemaTree[], binary: 'base64' | 'text') {
    const leaf = schemaPath.at(-1)
    if (leaf === undefined) throw new ParquetError('has an empty schema')
    this.path = chunk.path_in_schema.join('.')
    this.#file = file
    const start = Math.min(
      Number(chunk.dictionary_page_offset || chunk.data_page_offset),
      Number(chunk.data_page_offset),
    )
    this.#position = start
    this.#end = start + Number(chunk.total_compressed_size)
    this.#valuesLeft = Number(chunk.num_values)
    this.#mayContinue = schemaPath.some(({ element }) => element.repetition_type === 'REPEATED')
    this.#decoder = {
      pathInSchema: chunk.path_in_schema,
      type: chunk.type,
      element: leaf.element,
      schemaPath,
      codec: chunk.codec,
      parsers: DEFAULT_PARSERS,
      compressors,
    }
    this.#convert = this.#explained(() => {
      if (schemaPath.some(({ element }) => element.logical_type?.type === 'VARIANT'))
        throw new ParquetValueError('its type VARIANT is not supported')
      return converterFor(leaf.element, binary)
    })
  }

  /** Rows that can be taken; 0: the column has ended. */
  async available(): Promise<number> {
    while (this.#ready() === 0 && this.#position < this.#end - 1) await this.#readPage()
    return this.#ready()
  }

  take(count: number): unknown[] {
    const taken = this.#values.slice(this.#at, this.#at + count)
    this.#at += count
    return taken
  }

  #ready(): number {
    const isOpen = this.#mayContinue && this.#position < this.#end - 1
    return Math.max(0, this.#values.length - this.#at - (isOpen ? 1 : 0))
  }

  async #readPage(): Promise<void> {
    const { header, size } = await this.#readHeader()
    const pageSize = header.compressed_page_size
    if (pageSize < 0 || this.#position + size + pageSize > this.#end || header.uncompressed_page_size > MAX_PAGE_BYTES)
      throw new ParquetError(`is damaged: a page of the column "${this.path}" has an impossible size`)
    const bytes = await readBytes(this.#file, this.#position + size, pageSize)
    this.#position += size + pageSize
    this.#explained(() => this.#decode(header, bytes))
  }

  async #readHeader(): Promise<{ header: PageHeader; size: number }> {
    for (let wanted = HEADER_BYTES; ; wanted *= 4) {
      const length = Math.min(wanted, this.#end - this.#position)
      const bytes = await readBytes(this.#file, this.#position, length)
      const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 }
      try {
        return { header: parquetHeader(reader), size: reader.offset }
      } catch (cause) {
        // A header with long statistics does not fit into the first bytes.
        if (length < wanted || wanted >= MAX_HEADER_BYTES) throw damaged(`in the column "${this.path}"`, cause)
      }
    }
  }

  #decode(header: PageHeader, bytes: Buffer): void {
    if (header.dictionary_page_header !== undefined) {
      const page = this.#unpacked(header, bytes)
      const reader = { view: new DataView(page.buffer, page.byteOffset, page.byteLength), offset: 0 }
      const { num_values: count } = header.dictionary_page_header
      if (count > this.#valuesLeft) throw new Error('its dictionary has more values than the column')
      this.#dictionary = this.#convertAll(
        readPlain(reader, this.#decoder.type, count, this.#decoder.element.type_length),
      )
      return
    }
    const head = header.data_page_header ?? header.data_page_header_v2
    if (head === undefined || head.num_values === 0) return
    // A count that was damaged would keep the decoder busy for ever.
    this.#valuesLeft -= head.num_values
    if (this.#valuesLeft < 0) throw new Error('a page has more values than its column')
    const page: DataPage =
      header.data_page_header === undefined
        ? readDataPageV2(bytes, header, this.#decoder)
        : readDataPage(this.#unpacked(header, bytes), header.data_page_header, this.#decoder)
    const values = head.encoding.endsWith('_DICTIONARY') ? this.#lookUp(page.dataPage) : this.#convertAll(page.dataPage)
    // What is left of the page before: only the open row of a nested column.
    const open = this.#values.slice(this.#at)
    const { definitionLevels, repetitionLevels } = page
    this.#values = assembleLists(
      open,
      definitionLevels,
      repetitionLevels,
      values,
      this.#decoder.schemaPath,
    ) as unknown[]
    this.#at = 0
  }

  #unpacked(header: PageHeader, bytes: Buffer): Uint8Array {
    return decompressPage(bytes, header.uncompressed_page_size, this.#decoder.codec, compressors)
  }

  #convertAll(raw: ArrayLike<unknown>): unknown[] {
    const values = new Array<unknown>(raw.length)
    for (let i = 0; i < raw.length; i++) values[i] = this.#convert(raw[i])
    return values
  }

  #lookUp(indexes: ArrayLike<unknown>): unknown[] {
    const dictionary = this.#dictionary ?? []
    const values = new Array<unknown>(indexes.length)
    for (let i = 0; i < indexes.length; i++) {
      const index = Number(indexes[i])
      if (!(index < dictionary.length)) throw new Error('a value points outside the dictionary')
      values[i] = dictionary[index]
    }
    return values
  }

  #explained<T>(work: () => T): T {
    try {
      return work()
    } catch (cause) {
      if (cause instanceof ParquetValueError)
        throw new ParquetError(`cannot be used: column "${this.path}": ${cause.message}`, { cause })
      throw damaged(`in the column "${this.path}"`, cause)
    }
  }
}

function leavesOf(schema: SchemaTree): SchemaTree[] {
  return schema.children.length === 0 ? [schema] : schema.children.flatMap(leavesOf)
}

async function readBytes(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(Math.max(0, length))
  let read = 0
  while (read < bytes.length) {
    const { bytesRead } = await file.read(bytes, read, bytes.length - read, position + read)
    if (bytesRead === 0) throw new ParquetError('is cut off')
    read += bytesRead
  }
  return bytes
}

function damaged(where: string, cause: unknown): ParquetError {
  return cause instanceof ParquetError ? cause : new ParquetError(`is damaged: ${where} (${String(cause)})`, { cause })
}
