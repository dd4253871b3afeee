// The plain encoding of a Parquet column's values: one after the other, as they are.

import type { ColumnMetaData } from './hyparquet.ts'
import type { PageBytes } from './page-bytes.ts'
import type { Collector } from './parquet-collectors.ts'
import type { ColumnValues } from './parquet-texts.ts'
import { type ConvertValue, ParquetValueError } from './parquet-values.ts'

/** The next `count` values of a page. Throws RangeError where there are fewer, and what the conversion throws. */
export type ReadValues = (count: number) => Promise<ColumnValues>

/** A column's stored type and its conversion. */
export interface Leaf {
  readonly type: ColumnMetaData['type']
  /** Bytes of a value of fixed length. */
  readonly length: number
  readonly convert: ConvertValue
  /** Of values that are bytes, one for each page: what it gave is kept until it is used again. */
  newCollector(): Collector
}

export function plainReader(leaf: Leaf, bytes: PageBytes): ReadValues {
  if (leaf.type === 'BOOLEAN') return bitReader(bytes)
  if (leaf.type === 'BYTE_ARRAY') return byteArrayReader(leaf, bytes)
  const { size, read } = fixedType(leaf)
  return async (count) => {
    const values: unknown[] = []
    while (values.length < count) {
      await bytes.need(size)
      const end = Math.min(bytes.end - size, bytes.at + (count - values.length - 1) * size)
      for (; bytes.at <= end; bytes.at += size) values.push(leaf.convert(read(bytes.bytes, bytes.at)))
    }
    return values
  }
}

/** Throws ParquetValueError. */
export function fixedType({ type, length }: Leaf): {
  readonly size: number
  readonly read: (bytes: Buffer, at: number) => unknown
} {
  switch (type) {
    case 'INT32':
      return { size: 4, read: (bytes, at) => bytes.readInt32LE(at) }
    case 'INT64':
      return { size: 8, read: (bytes, at) => bytes.readBigInt64LE(at) }
    case 'INT96':
      return { size: 12, read: (bytes, at) => (BigInt(bytes.readInt32LE(at + 8)) << 64n) | bytes.readBigUInt64LE(at) }
    case 'FLOAT':
      return { size: 4, read: (bytes, at) => bytes.readFloatLE(at) }
    case 'DOUBLE':
      return { size: 8, read: (bytes, at) => bytes.readDoubleLE(at) }
    case 'FIXED_LEN_BYTE_ARRAY':
      if (length < 1) throw new RangeError('its values have no length')
      return { size: length, read: (bytes, at) => bytes.subarray(at, at + length) }
    default:
      throw new ParquetValueError(`its type ${type} is not supported`)
  }
}

/** Each value with its length before it. */
function byteArrayReader(leaf: Leaf, bytes: PageBytes): ReadValues {
  const collector = leaf.newCollector()
  return async (count) => {
    collector.begin(count)
    for (let left = count; left > 0; left -= 1) {
      if (bytes.end - bytes.at < 4) await bytes.need(4)
      const length = bytes.bytes.readUInt32LE(bytes.at)
      if (bytes.end - bytes.at < 4 + length) await bytes.need(4 + length)
      const start = bytes.at + 4
      bytes.at = start + length
      collector.add(bytes.bytes, start, bytes.at)
    }
    return collector.end()
  }
}

function bitReader(bytes: PageBytes): ReadValues {
  let byte = 0
  let left = 0
  return async (count) => {
    await bytes.need(Math.ceil((count - left) / 8))
    return Array.from({ length: count }, () => {
      if (left === 0) {
        byte = bytes.bytes[bytes.at++] ?? 0
        left = 8
      }
      return ((byte >> (8 - left--)) & 1) === 1
    })
  }
}
