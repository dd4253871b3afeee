// Reads the pages of one leaf column in one row group of a Parquet file, one after the other.

import type { FileHandle } from 'node:fs/promises'
import {
  type ColumnMetaData,
  getMaxDefinitionLevel,
  getMaxRepetitionLevel,
  type PageHeader,
  parquetHeader,
  type SchemaTree,
} from './hyparquet.ts'
import { PageBytes } from './page-bytes.ts'
import { damaged, ParquetError, readBytes, viewOf } from './parquet-bytes.ts'
import { type Collector, TextCollector, ValueCollector } from './parquet-collectors.ts'
import { readerOf } from './parquet-encodings.ts'
import { type Leaf, plainReader, type ReadValues } from './parquet-plain.ts'
import { RunReader } from './parquet-runs.ts'
import type { ColumnValues } from './parquet-texts.ts'
import { type PackedPage, unpackPage } from './parquet-unpack.ts'
import { converterFor, holdsTexts, ParquetValueError } from './parquet-values.ts'

/** Entries of a column, of which those whose definition level is the highest have a value. */
export interface Entries {
  readonly count: number
  /** undefined: all are 0. */
  readonly repetitions: Int32Array | undefined
  /** undefined: every entry has a value. */
  readonly definitions: Int32Array | undefined
  /** Of the entries that have one. */
  readonly values: ColumnValues
}

const HEADER_BYTES = 32 * 1024
const MAX_HEADER_BYTES = 32 * 1024 * 1024
const MAX_PAGE_BYTES = 1024 * 1024 * 1024
/** Decoded at a time: that many entries, or fewer where they are long. */
const CHUNK_ENTRIES = 1024
const CHUNK_BYTES = 4 * 1024 * 1024

interface Page {
  readonly bytes: PageBytes
  /** Bytes of an entry, on average. */
  readonly entryBytes: number
  readonly repetitions: RunReader | undefined
  readonly definitions: RunReader | undefined
  readonly values: ReadValues
  /** Entries that were not read. */
  left: number
}

export class PageReader {
  readonly path: string
  /** The highest levels of the column. */
  readonly repetitions: number
  readonly definitions: number
  /** A column of single values, present or missing; else they are in lists, maps or structs. */
  readonly isFlat: boolean
  readonly #file: FileHandle
  readonly #chunk: ColumnMetaData
  readonly #leaf: Leaf
  readonly #end: number
  #position: number
  /** Entries that the pages to come may have. */
  #entriesLeft: number
  #dictionary: ColumnValues = []
  #page: Page | undefined

  /** Throws ParquetError for a column that cannot be read. */
  constructor(file: FileHandle, chunk: ColumnMetaData, schemaPath: SchemaTree[], binary: 'base64' | 'text') {
    const leaf = schemaPath.at(-1)
    if (leaf === undefined) throw new ParquetError('has an empty schema')
    this.path = chunk.path_in_schema.join('.')
    this.repetitions = getMaxRepetitionLevel(schemaPath)
    this.definitions = getMaxDefinitionLevel(schemaPath)
    this.isFlat = schemaPath.length <= 2 && this.repetitions === 0
    this.#file = file
    this.#chunk = chunk
    const dataStart = Number(chunk.data_page_offset)
    this.#position = Math.min(Number(chunk.dictionary_page_offset || dataStart), dataStart)
    this.#end = this.#position + Number(chunk.total_compressed_size)
    this.#entriesLeft = Number(chunk.num_values)
    this.#leaf = this.explain(() => {
      if (schemaPath.some(({ element }) => element.logical_type?.type === 'VARIANT'))
        throw new ParquetValueError('its type VARIANT is not supported')
      const convert = converterFor(leaf.element, binary)
      const areTexts = this.isFlat && holdsTexts(leaf.element, binary)
      const newCollector = (): Collector => (areTexts ? new TextCollector() : new ValueCollector(convert))
      return { type: chunk.type, length: leaf.element.type_length ?? 0, convert, newCollector }
    })
  }

  get isAtEnd(): boolean {
    return this.#page === undefined && this.#position >= this.#end - 1
  }

  /** The next entries, at least one; undefined: there are none. Throws ParquetError. */
  async next(): Promise<Entries | undefined> {
    try {
      while (this.#page === undefined && !this.isAtEnd) this.#page = await this.#nextPage()
      return this.#page && (await this.#entriesOf(this.#page))
    } catch (cause) {
      throw this.#explained(cause)
    }
  }

  /** Does the work; what goes wrong in it is reported with the column. */
  explain<T>(work: () => T): T {
    try {
      return work()
    } catch (cause) {
      throw this.#explained(cause)
    }
  }

  async close(): Promise<void> {
    await this.#page?.bytes.close()
  }

  #explained(cause: unknown): unknown {
    // A disk that cannot be read says nothing of the file.
    if ((cause as NodeJS.ErrnoException).syscall !== undefined) return cause
    if (cause instanceof ParquetValueError)
      return new ParquetError(`cannot be used: column "${this.path}": ${cause.message}`, { cause })
    return damaged(`in the column "${this.path}"`, cause)
  }

  async #entriesOf(page: Page): Promise<Entries> {
    const fitting = Math.max(1, Math.floor(CHUNK_BYTES / page.entryBytes))
    const count = Math.min(page.left, CHUNK_ENTRIES, fitting)
    const repetitions = await page.repetitions?.next(count)
    const definitions = await page.definitions?.next(count)
    const present = definitions === undefined ? count : countOf(definitions, this.definitions)
    const values = await page.values(present)
    page.left -= count
    if (page.left === 0) {
      this.#page = undefined
      await page.bytes.close()
    }
    const isFull = present === count && repetitions === undefined
    return { count, repetitions, definitions: isFull ? undefined : definitions, values }
  }

  /** undefined: a page without entries, such as a dictionary. */
  async #nextPage(): Promise<Page | undefined> {
    const { header, size: headerSize } = await this.#readHeader()
    const packedSize = header.compressed_page_size
    const start = this.#position + headerSize
    const size = header.uncompressed_page_size
    if (packedSize < 0 || start + packedSize > this.#end || size < 0 || size > MAX_PAGE_BYTES)
      throw new ParquetError(`is damaged: a page of the column "${this.path}" has an impossible size`)
    this.#position = start + packedSize
    const packed = { start, packedSize, size, codec: this.#chunk.codec }
    if (header.dictionary_page_header !== undefined) {
      await this.#readDictionary(header.dictionary_page_header.num_values, packed)
      return undefined
    }
    const v2 = header.data_page_header_v2
    const head = header.data_page_header ?? v2
    if (head === undefined || head.num_values === 0) return undefined
    const count = head.num_values
    // A count that was damaged would keep the decoder busy for ever.
    this.#entriesLeft -= count
    if (count < 0 || this.#entriesLeft < 0) throw new Error('a page has more values than its column')
    const { bytes, repetitions, definitions } =
      v2 === undefined ? await this.#openFirst(packed) : await this.#openSecond(packed, v2)
    const values = await readerOf(head.encoding, this.#leaf, bytes, count, this.#dictionary)
    return { bytes, entryBytes: size / count, repetitions, definitions, values, left: count }
  }

  async #readDictionary(count: number, packed: PackedPage): Promise<void> {
    if (count > packed.size) throw new Error('its dictionary has more values than bytes')
    const bytes = await unpackPage(this.#file, packed)
    this.#dictionary = await plainReader(this.#leaf, bytes)(count)
    await bytes.close()
  }

  /** In version 1 the levels stand in the packed part, each with its length. */
  async #openFirst(packed: PackedPage): Promise<Pick<Page, 'bytes' | 'repetitions' | 'definitions'>> {
    const bytes = await unpackPage(this.#file, packed)
    const levels = async (highest: number): Promise<RunReader | undefined> => {
      if (highest === 0) return undefined
      const length = Buffer.from(await bytes.take(4)).readUInt32LE()
      return levelReader(await bytes.take(length), highest)
    }
    return { bytes, repetitions: await levels(this.repetitions), definitions: await levels(this.definitions) }
  }

  /** In version 2 they stand before it. */
  async #openSecond(
    { start, packedSize, size, codec }: PackedPage,
    head: NonNullable<PageHeader['data_page_header_v2']>,
  ): Promise<Pick<Page, 'bytes' | 'repetitions' | 'definitions'>> {
    const { repetition_levels_byte_length: first, definition_levels_byte_length: second } = head
    const before = first + second
    if (first < 0 || second < 0 || before > packedSize) throw new RangeError('levels are cut off')
    const levels = await readBytes(this.#file, start, before)
    const bytes = await unpackPage(this.#file, {
      start: start + before,
      packedSize: packedSize - before,
      size: size - before,
      codec: head.is_compressed === false ? 'UNCOMPRESSED' : codec,
    })
    return {
      bytes,
      repetitions: levelReader(levels.subarray(0, first), this.repetitions),
      definitions: levelReader(levels.subarray(first), this.definitions),
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
        if (length < wanted || wanted >= MAX_HEADER_BYTES) throw cause
      }
    }
  }
}

function levelReader(bytes: Uint8Array, highest: number): RunReader | undefined {
  if (highest === 0) return undefined
  return new RunReader(new PageBytes(bytes, bytes.length), 32 - Math.clz32(highest))
}

function countOf(levels: Int32Array, wanted: number): number {
  let count = 0
  for (const level of levels) if (level === wanted) count++
  return count
}
