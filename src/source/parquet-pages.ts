// Reads the pages of one leaf column in one row group of a Parquet file, one after the other.

import type { FileHandle } from 'node:fs/promises'
import {
  byteStreamSplit,
  type ColumnMetaData,
  compressors,
  decompressPage,
  deltaBinaryUnpack,
  deltaByteArray,
  deltaLengthByteArray,
  getMaxDefinitionLevel,
  getMaxRepetitionLevel,
  type PageHeader,
  parquetHeader,
  readPlain,
  type SchemaTree,
  snappyUncompress,
} from './hyparquet.ts'
import type { PageMemory } from './page-memory.ts'
import { damaged, ParquetError, readBytes, viewOf } from './parquet-bytes.ts'
import { decodeRuns, LevelReader } from './parquet-levels.ts'
import { type ConvertValue, converterFor, ParquetValueError } from './parquet-values.ts'

/** A data page: `count` entries, of which those whose definition level is the highest have a value. */
export interface Page {
  readonly count: number
  /** undefined: all are 0. */
  readonly repetitions: Int32Array | undefined
  /** undefined: every entry has a value. */
  readonly definitions: Int32Array | undefined
  /** The next values as JSON. Decoded when they are taken: some writers put a million into one page. */
  take(count: number): unknown[]
}

/** Where pages are kept: a packed one until it is unpacked, an unpacked one until all its values are taken. */
export interface PageMemories {
  readonly packed: PageMemory
  readonly unpacked: PageMemory
}

const HEADER_BYTES = 32 * 1024
const MAX_HEADER_BYTES = 32 * 1024 * 1024
const LARGE_PAGE_BYTES = 4 * 1024 * 1024
const MAX_PAGE_BYTES = 1024 * 1024 * 1024

export class PageReader {
  readonly path: string
  /** The highest levels of the column. */
  readonly repetitions: number
  readonly definitions: number
  readonly #file: FileHandle
  readonly #chunk: ColumnMetaData
  readonly #typeLength: number | undefined
  readonly #convert: ConvertValue
  readonly #memories: PageMemories
  readonly #end: number
  #position: number
  /** Entries that the pages to come may have. */
  #entriesLeft: number
  #dictionary: readonly unknown[] = []

  constructor(
    file: FileHandle,
    chunk: ColumnMetaData,
    schemaPath: SchemaTree[],
    binary: 'base64' | 'text',
    memories: PageMemories,
  ) {
    const leaf = schemaPath.at(-1)
    if (leaf === undefined) throw new ParquetError('has an empty schema')
    this.path = chunk.path_in_schema.join('.')
    this.repetitions = getMaxRepetitionLevel(schemaPath)
    this.definitions = getMaxDefinitionLevel(schemaPath)
    this.#file = file
    this.#chunk = chunk
    this.#memories = memories
    this.#typeLength = leaf.element.type_length
    const dataStart = Number(chunk.data_page_offset)
    this.#position = Math.min(Number(chunk.dictionary_page_offset || dataStart), dataStart)
    this.#end = this.#position + Number(chunk.total_compressed_size)
    this.#entriesLeft = Number(chunk.num_values)
    this.#convert = this.explain(() => {
      if (schemaPath.some(({ element }) => element.logical_type?.type === 'VARIANT'))
        throw new ParquetValueError('its type VARIANT is not supported')
      return converterFor(leaf.element, binary)
    })
  }

  get isAtEnd(): boolean {
    return this.#position >= this.#end - 1
  }

  /** The next data page with entries; undefined: there is none. */
  async next(): Promise<Page | undefined> {
    while (!this.isAtEnd) {
      const { header, size } = await this.#readHeader()
      const pageSize = header.compressed_page_size
      const start = this.#position + size
      if (pageSize < 0 || start + pageSize > this.#end || header.uncompressed_page_size > MAX_PAGE_BYTES)
        throw new ParquetError(`is damaged: a page of the column "${this.path}" has an impossible size`)
      const bytes = await readBytes(this.#file, start, pageSize, this.#memoryFor(header))
      this.#position = start + pageSize
      const page = this.explain(() => this.#pageOf(header, bytes))
      if (page !== undefined) return page
    }
    return undefined
  }

  /** Does the work; what goes wrong in it is reported with the column. */
  explain<T>(work: () => T): T {
    try {
      return work()
    } catch (cause) {
      if (cause instanceof ParquetValueError)
        throw new ParquetError(`cannot be used: column "${this.path}": ${cause.message}`, { cause })
      throw damaged(`in the column "${this.path}"`, cause)
    }
  }

  async #readHeader(): Promise<{ header: PageHeader; size: number }> {
    for (let wanted = HEADER_BYTES; ; wanted *= 4) {
      const length = Math.min(wanted, this.#end - this.#position)
      const reader = { view: viewOf(await readBytes(this.#file, this.#position, length)), offset: 0 }
      try {
        return { header: parquetHeader(reader), size: reader.offset }
      } catch (cause) {
        // A header with long statistics does not fit into the first bytes.
        if (length < wanted || wanted >= MAX_HEADER_BYTES) throw damaged(`in the column "${this.path}"`, cause)
      }
    }
  }

  /** Values of a page that is not packed are read out of its bytes, which must then be its own. */
  #memoryFor(header: PageHeader): PageMemory | undefined {
    const isPacked = this.#chunk.codec !== 'UNCOMPRESSED' && header.data_page_header_v2?.is_compressed !== false
    return isPacked ? this.#memories.packed : undefined
  }

  #pageOf(header: PageHeader, bytes: Uint8Array): Page | undefined {
    if (header.dictionary_page_header !== undefined) {
      const { num_values: count } = header.dictionary_page_header
      if (count > header.uncompressed_page_size) throw new Error('its dictionary has more values than bytes')
      this.#dictionary = this.#plainValues(this.#unpacked(header, bytes))(count)
      return undefined
    }
    const v2 = header.data_page_header_v2
    const head = header.data_page_header ?? v2
    if (head === undefined || head.num_values === 0) return undefined
    const count = head.num_values
    // A count that was damaged would keep the decoder busy for ever.
    this.#entriesLeft -= count
    if (count < 0 || this.#entriesLeft < 0) throw new Error('a page has more values than its column')
    // The levels of version 2 stand before the packed part, those of version 1 in it, each with its length.
    const body = v2 === undefined ? this.#unpacked(header, bytes) : bytes
    const levels = new LevelReader(body, count)
    const repetitions = levels.read(this.repetitions, v2?.repetition_levels_byte_length)
    const definitions = levels.read(this.definitions, v2?.definition_levels_byte_length)
    const rest = body.subarray(levels.at)
    const values = v2 === undefined || v2.is_compressed === false ? rest : this.#unpacked(header, rest, levels.at)
    const present = definitions === undefined ? count : countOf(definitions, this.definitions)
    const take = this.#valuesOf(head.encoding, values, present)
    return {
      count,
      repetitions,
      definitions: present === count && repetitions === undefined ? undefined : definitions,
      take: (wanted) => this.explain(() => take(wanted)),
    }
  }

  /** What gives the next values of a page. */
  #valuesOf(encoding: string, bytes: Uint8Array, present: number): (count: number) => unknown[] {
    const reader = { view: viewOf(bytes), offset: 0 }
    switch (encoding) {
      case 'PLAIN':
        // Booleans are bits, which cannot be read on from the middle of a byte.
        return this.#chunk.type === 'BOOLEAN' ? listed(this.#plainValues(bytes)(present)) : this.#plainValues(bytes)
      case 'PLAIN_DICTIONARY':
      case 'RLE_DICTIONARY':
        return this.#lookUps(decodeRuns(bytes, 1, bytes.length, bytes[0] ?? 0, present))
      case 'RLE':
        return listed(Array.from(decodeRuns(bytes, 4, bytes.length, 1, present), (bit) => bit === 1))
      case 'BYTE_STREAM_SPLIT':
        return this.#converted(byteStreamSplit(reader, present, this.#chunk.type, this.#typeLength))
      case 'DELTA_BINARY_PACKED': {
        const numbers = this.#chunk.type === 'INT32' ? new Int32Array(present) : new BigInt64Array(present)
        if (present > 0) deltaBinaryUnpack(reader, present, numbers)
        return this.#converted(numbers)
      }
      case 'DELTA_LENGTH_BYTE_ARRAY':
      case 'DELTA_BYTE_ARRAY': {
        const unpack = encoding === 'DELTA_BYTE_ARRAY' ? deltaByteArray : deltaLengthByteArray
        const texts = new Array<Uint8Array>(present)
        if (present > 0) unpack(reader, present, texts)
        return this.#converted(texts)
      }
      default:
        throw new ParquetValueError(`its encoding ${encoding} is not supported`)
    }
  }

  #plainValues(bytes: Uint8Array): (count: number) => unknown[] {
    const reader = { view: viewOf(bytes), offset: 0 }
    return (count) => this.#converted(readPlain(reader, this.#chunk.type, count, this.#typeLength))(count)
  }

  #converted(raw: ArrayLike<unknown>): (count: number) => unknown[] {
    let at = 0
    return (count) => {
      const values = new Array<unknown>(count)
      for (let i = 0; i < count; i++) values[i] = this.#convert(raw[at++])
      return values
    }
  }

  #lookUps(indexes: Int32Array): (count: number) => unknown[] {
    const dictionary = this.#dictionary
    let at = 0
    return (count) => {
      const values = new Array<unknown>(count)
      for (let i = 0; i < count; i++) {
        const index = indexes[at++] ?? -1
        if (index < 0 || index >= dictionary.length) throw new RangeError('a value points outside the dictionary')
        values[i] = dictionary[index]
      }
      return values
    }
  }

  /** `before`: bytes of the page that are never packed. */
  #unpacked(header: PageHeader, bytes: Uint8Array, before = 0): Uint8Array {
    const size = header.uncompressed_page_size - before
    // The faster decoder of Snappy keeps both sides of its largest page in memory for ever.
    const isLarge = this.#chunk.codec === 'SNAPPY' && size > LARGE_PAGE_BYTES
    if (!isLarge) return decompressPage(bytes, size, this.#chunk.codec, compressors)
    const unpacked = this.#memories.unpacked.take(size)
    snappyUncompress(bytes, unpacked)
    return unpacked
  }
}

function countOf(levels: Int32Array, wanted: number): number {
  let count = 0
  for (const level of levels) if (level === wanted) count++
  return count
}

function listed(values: readonly unknown[]): (count: number) => unknown[] {
  let at = 0
  return (count) => {
    at += count
    return values.slice(at - count, at)
  }
}
