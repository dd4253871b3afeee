// The one door to the package hyparquet-writer: typed columns in, a Parquet file out.

import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer'
import type { Json } from '../core/json.ts'
import { type AtomicFile, createAtomicFile } from '../disk/atomic-file.ts'
import type { ParquetColumn, ParquetFile } from './parquet-writer.ts'
import type { ValueType } from './value-type.ts'

/** What was encoded, kept in memory until the row group is complete, then written at once. */
class FileBytes extends ByteWriter {
  readonly #file: AtomicFile

  constructor(file: AtomicFile) {
    super()
    this.#file = file
  }

  async flush(): Promise<void> {
    await this.#file.write(this.getBytes())
    this.index = 0
  }

  override finish(): Promise<void> {
    return this.flush()
  }
}

export async function createParquetFile(path: string, columns: readonly ParquetColumn[]): Promise<ParquetFile> {
  const file = await createAtomicFile(path)
  const schema = [
    { name: 'root', num_children: columns.length },
    ...columns.flatMap(({ name, type }) => elementsOf(name, type)),
  ]
  const writer = new ParquetWriter({ writer: new FileBytes(file), schema, createdBy: 'batchwright' })
  return {
    async writeGroup(values) {
      const columnData = columns.map(({ name, type }, index) => ({
        name,
        data: (values[index] ?? []).map((value) => encoded(value, type)),
        // The bounds of JSON texts are kept whole in the footer, however long they are.
        statistics: !holdsJson(type),
      }))
      await writer.write({ columnData, rowGroupSize: values[0]?.length ?? 0 })
    },
    async commit() {
      await writer.finish()
      await file.commit()
    },
    abort: () => file.abort(),
  }
}

/** The column's part of the file's schema, in preorder; everything may be null. */
function elementsOf(name: string, type: ValueType): SchemaElement[] {
  const element = { name, repetition_type: 'OPTIONAL' } as const
  switch (type.kind) {
    case 'boolean':
      return [{ ...element, type: 'BOOLEAN' }]
    case 'integer':
      return [{ ...element, type: 'INT64' }]
    case 'double':
      return [{ ...element, type: 'DOUBLE' }]
    case 'json':
      return [{ ...element, type: 'BYTE_ARRAY', converted_type: 'JSON' }]
    case 'list': {
      const list = { name: 'list', repetition_type: 'REPEATED', num_children: 1 } as const
      return [{ ...element, converted_type: 'LIST', num_children: 1 }, list, ...elementsOf('element', type.element)]
    }
    case 'struct': {
      const fields = [...type.fields].flatMap(([field, fieldType]) => elementsOf(field, fieldType))
      return [{ ...element, num_children: type.fields.size }, ...fields]
    }
    default:
      return [{ ...element, type: 'BYTE_ARRAY', converted_type: 'UTF8' }]
  }
}

/** The value as the encoder takes it for the type. */
function encoded(value: Json | undefined, type: ValueType): unknown {
  if (value === null || value === undefined) return null
  switch (type.kind) {
    case 'integer':
      return BigInt(value as number)
    case 'text':
      return typeof value === 'string' ? value : JSON.stringify(value)
    case 'list':
      return (value as readonly Json[]).map((member) => encoded(member, type.element))
    case 'struct': {
      const source = value as Readonly<Record<string, Json>>
      const object: Record<string, unknown> = Object.create(null)
      for (const [name, field] of type.fields)
        object[name] = Object.hasOwn(source, name) ? encoded(source[name], field) : null
      return object
    }
    default:
      return value
  }
}

function holdsJson(type: ValueType): boolean {
  if (type.kind === 'list') return holdsJson(type.element)
  return type.kind === 'json' || (type.kind === 'struct' && [...type.fields.values()].some(holdsJson))
}
