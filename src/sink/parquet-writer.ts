// Gathers outcomes in a spool file first: a Parquet file begins with nothing and ends with its types, which only all rows together tell.

import { createReadStream } from 'node:fs'
import type { Json, JsonObject } from '../core/json.ts'
import { lineBlocks } from '../disk/lines.ts'
import { claim } from './claim.ts'
import { type ColumnKind, kindOfColumn } from './column-kind.ts'
import { type Column, columnsOf } from './columns.ts'
import { createPieceFile, type PieceFile } from './piece-file.ts'
import type { PartId, SinkContext, SinkPart, SinkWriter } from './sink.ts'
import { targetPath } from './target-path.ts'
import { IGNORED_PART, PartOrder } from './text-file.ts'
import { JSON_TYPE, NO_TYPE, settled, type ValueType, withValue } from './value-type.ts'

export interface ParquetColumn {
  readonly name: string
  readonly type: ValueType
}

/** A Parquet file in the making. */
export interface ParquetFile {
  /** One row group: for each column its values. */
  writeGroup(values: readonly (readonly (Json | undefined)[])[]): Promise<void>
  commit(): Promise<void>
  abort(): Promise<void>
}

export type CreateParquetFile = (path: string, columns: readonly ParquetColumn[]) => Promise<ParquetFile>

/** A row group ends with whichever comes first: it is held in memory whole. */
const GROUP_ROWS = 20_000
const GROUP_BYTES = 8 << 20
const LINE_BYTES = 1 << 29

export async function openParquet(
  options: JsonObject,
  context: SinkContext,
  createFile: CreateParquetFile,
): Promise<SinkWriter> {
  const { path, location } = await targetPath(String(options.path), context)
  const columns = columnsOf(options, context)
  const kinds = columns.map((column) => kindOfColumn(column, context.outputSchema))
  const release = claim(path, location)
  try {
    const file = await createPieceFile(`${path}.rows`, { isReadBack: true })
    return new SpoolingWriter({ path, location, columns, kinds, file, release, createFile })
  } catch (error) {
    release()
    throw error
  }
}

interface Spooling {
  readonly path: string
  readonly location: string
  readonly columns: readonly Column[]
  readonly kinds: readonly ColumnKind[]
  readonly file: PieceFile
  readonly release: () => void
  readonly createFile: CreateParquetFile
}

class SpoolingWriter implements SinkWriter {
  readonly location: string
  readonly #spooling: Spooling
  readonly #order = new PartOrder()
  #types: readonly ValueType[]
  #target: ParquetFile | undefined

  constructor(spooling: Spooling) {
    this.location = spooling.location
    this.#spooling = spooling
    this.#types = spooling.kinds.map((kind) => FIRST_TYPES[kind])
  }

  async openPart(part: PartId): Promise<SinkPart> {
    if (!this.#order.isNew(part)) return IGNORED_PART
    const { columns, file } = this.#spooling
    const types = [...this.#types]
    return {
      write: (outcome) => {
        const values = columns.map((column) => column.read(outcome) ?? null)
        for (const [index, value] of values.entries()) types[index] = withValue(types[index] ?? NO_TYPE, value)
        return file.add(`${JSON.stringify(values)}\n`)
      },
      commit: async () => {
        await file.keep()
        this.#types = types
        this.#order.committed(part)
      },
      abort: async () => {
        await file.undo().catch(() => undefined)
      },
    }
  }

  async finish(): Promise<void> {
    const { columns, kinds, path, file, createFile, release } = this.#spooling
    await file.flush()
    const typed = columns.map(({ name }, index) => ({ name, type: this.#typeOf(index, kinds[index]) }))
    this.#target = await createFile(path, typed)
    let rows: Json[][] = []
    let bytes = 0
    for await (const lines of lineBlocks(
      createReadStream(file.temporary, { highWaterMark: 1 << 20 }),
      LINE_BYTES,
      tooLong,
    )) {
      for (const line of lines) {
        rows.push(JSON.parse(line.toString()) as Json[])
        bytes += line.length
        if (rows.length < GROUP_ROWS && bytes < GROUP_BYTES) continue
        await this.#target.writeGroup(transposed(rows, columns.length))
        rows = []
        bytes = 0
      }
    }
    if (rows.length > 0) await this.#target.writeGroup(transposed(rows, columns.length))
    await this.#target.commit()
    await file.abort()
    release()
  }

  async abort(): Promise<void> {
    await this.#target?.abort()
    await this.#spooling.file.abort()
    this.#spooling.release()
  }

  /** Without a single value, what is known beforehand decides. */
  #typeOf(index: number, kind: ColumnKind | undefined): ValueType {
    const type = this.#types[index] ?? NO_TYPE
    return type.kind === 'none' && kind === 'json' ? JSON_TYPE : settled(type)
  }
}

const FIRST_TYPES: Readonly<Record<ColumnKind, ValueType>> = {
  text: { kind: 'text' },
  double: { kind: 'double' },
  integer: { kind: 'integer' },
  boolean: { kind: 'boolean' },
  json: NO_TYPE,
  unknown: NO_TYPE,
}

function transposed(rows: readonly (readonly Json[])[], columns: number): Json[][] {
  return Array.from({ length: columns }, (_, column) => rows.map((row) => row[column] ?? null))
}

function tooLong(line: number): Error {
  return new Error(`Row ${line} has more than ${LINE_BYTES} bytes, which is more than a Parquet file is written with.`)
}
