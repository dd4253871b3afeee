// The encodings that values of a Parquet column are stored in: each gives the next of them.

import type { PageBytes } from './page-bytes.ts'
import { DeltaReader } from './parquet-delta.ts'
import { fixedType, type Leaf, plainReader, type ReadValues } from './parquet-plain.ts'
import { RunReader } from './parquet-runs.ts'
import { type ColumnValues, TextColumn } from './parquet-texts.ts'
import { ParquetValueError } from './parquet-values.ts'

/** @param most entries of the page: no encoding holds more values */
export async function readerOf(
  encoding: string,
  leaf: Leaf,
  bytes: PageBytes,
  most: number,
  dictionary: ColumnValues,
): Promise<ReadValues> {
  switch (encoding) {
    case 'PLAIN':
      return plainReader(leaf, bytes)
    case 'PLAIN_DICTIONARY':
    case 'RLE_DICTIONARY':
      return lookUps(await runsAfterWidth(bytes), dictionary)
    case 'RLE':
      return booleansOf(new RunReader(await afterLength(bytes), 1))
    case 'BYTE_STREAM_SPLIT':
      return splitReader(leaf, bytes)
    case 'DELTA_BINARY_PACKED': {
      const numbers = new DeltaReader(bytes, leaf.type === 'INT32' ? 32 : 64)
      return async (count) => (await numbers.next(count)).map(leaf.convert)
    }
    case 'DELTA_LENGTH_BYTE_ARRAY':
      return lengthReader(leaf, bytes, await new DeltaReader(bytes, 32).rest(most))
    case 'DELTA_BYTE_ARRAY': {
      const prefixes = await new DeltaReader(bytes, 32).rest(most)
      return prefixReader(leaf, bytes, prefixes, await new DeltaReader(bytes, 32).rest(most))
    }
    default:
      throw new ParquetValueError(`its encoding ${encoding} is not supported`)
  }
}

async function runsAfterWidth(bytes: PageBytes): Promise<RunReader> {
  // A page of missing values only may be empty.
  await bytes.fill(1)
  const width = bytes.end > bytes.at ? (bytes.bytes[bytes.at++] ?? 0) : 0
  return new RunReader(bytes, width)
}

async function afterLength(bytes: PageBytes): Promise<PageBytes> {
  await bytes.fill(4)
  bytes.at = Math.min(bytes.end, bytes.at + 4)
  return bytes
}

function lookUps(indexes: RunReader, dictionary: ColumnValues): ReadValues {
  if (dictionary instanceof TextColumn) return async (count) => dictionary.pick(await indexes.next(count))
  return async (count) =>
    Array.from(await indexes.next(count), (index) => {
      if (index < 0 || index >= dictionary.length) throw new RangeError('a value points outside the dictionary')
      return dictionary[index]
    })
}

function booleansOf(runs: RunReader): ReadValues {
  return async (count) => Array.from(await runs.next(count), (bit) => bit === 1)
}

/** First bytes of all values, then all second bytes, and so on. */
async function splitReader(leaf: Leaf, bytes: PageBytes): Promise<ReadValues> {
  const { size, read } = fixedType(leaf)
  const all = await bytes.take(bytes.left)
  const most = Math.floor(all.length / size)
  const value = Buffer.alloc(size)
  let at = 0
  return async (count) => {
    if (at + count > most) throw new RangeError('it ends too early')
    return Array.from({ length: count }, () => {
      for (let byte = 0; byte < size; byte++) value[byte] = all[byte * most + at] ?? 0
      at++
      return leaf.convert(read(value, 0))
    })
  }
}

function lengthReader(leaf: Leaf, bytes: PageBytes, lengths: Int32Array): ReadValues {
  const collector = leaf.newCollector()
  let at = 0
  return async (count) => {
    collector.begin(count)
    for (const end = at + count; at < end; at++) {
      const length = await readable(bytes, lengths[at])
      bytes.at += length
      collector.add(bytes.bytes, bytes.at - length, bytes.at)
    }
    return collector.end()
  }
}

/** Of each value only what differs from the beginning of the one before. */
function prefixReader(leaf: Leaf, bytes: PageBytes, prefixes: Int32Array, suffixes: Int32Array): ReadValues {
  const collector = leaf.newCollector()
  let at = 0
  let last = Buffer.alloc(0)
  return async (count) => {
    collector.begin(count)
    for (const end = at + count; at < end; at++) {
      const shared = prefixes[at] ?? 0
      if (shared < 0 || shared > last.length) throw new RangeError('a value begins as none before it')
      const length = await readable(bytes, suffixes[at])
      bytes.at += length
      last = Buffer.concat([last.subarray(0, shared), bytes.bytes.subarray(bytes.at - length, bytes.at)])
      collector.add(last, 0, last.length)
    }
    return collector.end()
  }
}

/** Makes so many bytes readable, and answers how many. */
async function readable(bytes: PageBytes, length: number | undefined): Promise<number> {
  if (length === undefined || length < 0) throw new RangeError('it ends too early')
  if (bytes.end - bytes.at < length) await bytes.need(length)
  return length
}
