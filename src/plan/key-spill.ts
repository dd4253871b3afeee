// Keys on disk, spread over partition files by their hash: equal keys meet in one partition, which fits into memory.

import { closeSync, createReadStream, mkdirSync, openSync, writeSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { RowPlace } from '../core/row.ts'

/** Where a key was used. */
export interface KeyUse {
  readonly ordinal: number
  readonly place?: RowPlace
}

export interface KeySpill {
  add(key: string, use: KeyUse): void
  /** Each use of a key after its first, with that first one. Once, when all have been added. */
  repeated(): AsyncGenerator<[key: string, first: KeyUse, second: KeyUse]>
  /** Removes the files. */
  remove(): Promise<void>
}

/** 100,000,000 rows make partitions of about 800,000 keys. */
const PARTITIONS = 128
const BUFFER_BYTES = 32 * 1024
/** hash, ordinal: 8 bytes each; line, lengths of file and key: 4 bytes each. */
const HEAD_BYTES = 28
/** Stands for a place without a line, and for the file's length where there is no place. */
const NONE = 0xffffffff

export function createKeySpill(folder: string): KeySpill {
  mkdirSync(folder, { recursive: true })
  return new Spill(folder)
}

interface Partition {
  readonly path: string
  readonly descriptor: number
  readonly buffer: Buffer
  used: number
  keys: number
}

interface SpilledKey {
  readonly hash: number
  readonly key: string
  readonly use: KeyUse
}

class Spill implements KeySpill {
  readonly #folder: string
  readonly #partitions = new Map<number, Partition>()
  #isClosed = false

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Synchronous: it is called for every row, and writes one block in a thousand calls. */
  add(key: string, use: KeyUse): void {
    const hash = hashOf(key)
    const partition = this.#partition(hash % PARTITIONS)
    const record = encode(hash, key, use)
    if (partition.used + record.length > BUFFER_BYTES) flush(partition)
    if (record.length > BUFFER_BYTES) writeAll(partition.descriptor, record)
    else partition.used += record.copy(partition.buffer, partition.used)
    partition.keys++
  }

  async *repeated(): AsyncGenerator<[string, KeyUse, KeyUse]> {
    this.#close()
    for (const { path, keys } of this.#partitions.values()) {
      const suspects = await repeatedHashes(path, keys)
      if (suspects.size === 0) continue
      const seen = new Map<string, KeyUse>()
      for await (const { hash, key, use } of spilledKeys(path)) {
        if (!suspects.has(hash)) continue
        const first = seen.get(key)
        if (first === undefined) seen.set(key, use)
        else yield [key, first, use]
      }
    }
  }

  async remove(): Promise<void> {
    this.#close()
    for (const { path } of this.#partitions.values()) await rm(path, { force: true })
    this.#partitions.clear()
  }

  #partition(index: number): Partition {
    let partition = this.#partitions.get(index)
    if (partition === undefined) {
      const path = join(this.#folder, `keys-${String(index).padStart(3, '0')}`)
      const descriptor = openSync(path, 'w')
      partition = { path, descriptor, buffer: Buffer.allocUnsafe(BUFFER_BYTES), used: 0, keys: 0 }
      this.#partitions.set(index, partition)
    }
    return partition
  }

  #close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const partition of this.#partitions.values()) {
      flush(partition)
      closeSync(partition.descriptor)
    }
  }
}

/** The hashes that occur more than once: 8 bytes of memory a key. */
async function repeatedHashes(path: string, keys: number): Promise<ReadonlySet<number>> {
  const hashes = new Float64Array(keys)
  let count = 0
  for await (const { hash } of spilledKeys(path)) hashes[count++] = hash
  hashes.sort()
  const repeated = new Set<number>()
  for (let i = 1; i < count; i++) {
    const hash = hashes[i] ?? 0
    if (hash === hashes[i - 1]) repeated.add(hash)
  }
  return repeated
}

async function* spilledKeys(path: string): AsyncGenerator<SpilledKey> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const piece of createReadStream(path, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) {
    const bytes: Buffer = rest.length === 0 ? piece : Buffer.concat([rest, piece])
    let at = 0
    for (;;) {
      const end = endOfRecord(bytes, at)
      if (end === undefined) break
      yield decode(bytes, at, end)
      at = end
    }
    rest = bytes.subarray(at)
  }
}

function encode(hash: number, key: string, { ordinal, place }: KeyUse): Buffer {
  const file = place?.file ?? ''
  const fileBytes = Buffer.byteLength(file)
  const keyBytes = Buffer.byteLength(key)
  const record = Buffer.allocUnsafe(HEAD_BYTES + fileBytes + keyBytes)
  record.writeDoubleLE(hash, 0)
  record.writeDoubleLE(ordinal, 8)
  record.writeUInt32LE(place === undefined ? NONE : fileBytes, 16)
  record.writeUInt32LE(place?.line ?? NONE, 20)
  record.writeUInt32LE(keyBytes, 24)
  record.write(file, HEAD_BYTES)
  record.write(key, HEAD_BYTES + fileBytes)
  return record
}

function decode(bytes: Buffer, at: number, end: number): SpilledKey {
  const fileField = bytes.readUInt32LE(at + 16)
  const line = bytes.readUInt32LE(at + 20)
  const fileBytes = fileField === NONE ? 0 : fileField
  const file = bytes.toString('utf8', at + HEAD_BYTES, at + HEAD_BYTES + fileBytes)
  const key = bytes.toString('utf8', at + HEAD_BYTES + fileBytes, end)
  const ordinal = bytes.readDoubleLE(at + 8)
  const place = line === NONE ? { file } : { file, line }
  return { hash: bytes.readDoubleLE(at), key, use: fileField === NONE ? { ordinal } : { ordinal, place } }
}

/** Where the record that begins at `at` ends; undefined: not in these bytes. */
function endOfRecord(bytes: Buffer, at: number): number | undefined {
  if (at + HEAD_BYTES > bytes.length) return undefined
  const fileField = bytes.readUInt32LE(at + 16)
  const end = at + HEAD_BYTES + (fileField === NONE ? 0 : fileField) + bytes.readUInt32LE(at + 24)
  return end > bytes.length ? undefined : end
}

function flush(partition: Partition): void {
  writeAll(partition.descriptor, partition.buffer.subarray(0, partition.used))
  partition.used = 0
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let offset = 0; offset < bytes.length; ) offset += writeSync(descriptor, bytes, offset)
}

/** 53 bits (cyrb53): what a double holds. Equal hashes are only a suspicion; the keys themselves decide. */
function hashOf(text: string): number {
  let a = 0xdeadbeef
  let b = 0x41c6ce57
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    a = Math.imul(a ^ unit, 2654435761)
    b = Math.imul(b ^ unit, 1597334677)
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909)
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909)
  return 4294967296 * (2097151 & b) + (a >>> 0)
}
