// Keys on disk, spread over partition files by their hash: equal keys meet in one partition, which fits into memory.

import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { RowPlace } from '../core/row.ts'
import { hashOf, type KeyRecords, type RecordBytes, recordBytes } from './key-record.ts'
import { findRepeated, type Repetition, type VisitRecord } from './repeated-keys.ts'

export interface KeySpill {
  add(key: string, ordinal: number, place: RowPlace | undefined): void
  /** Copies the record that stands in memory from `at` to `end`. */
  copy(bytes: RecordBytes, at: number, end: number): void
  /** Tells every use of a key after its first. Once, when all have been added. */
  findRepeated(found: (repetition: Repetition) => void): Promise<void>
  /** Removes the files; what is not written yet never is. */
  remove(): Promise<void>
}

/** 100,000,000 rows make partitions of about 800,000 keys. */
const PARTITIONS = 128
const BUFFER_BYTES = 32 * 1024
const READ_BYTES = 1024 * 1024

/** @param records that made what is added */
export function createKeySpill(folder: string, records: KeyRecords): KeySpill {
  mkdirSync(folder, { recursive: true })
  return new Spill(folder, records)
}

interface Partition {
  readonly path: string
  readonly descriptor: number
  readonly memory: RecordBytes
  used: number
  keys: number
}

class Spill implements KeySpill {
  readonly #folder: string
  readonly #records: KeyRecords
  readonly #partitions: (Partition | undefined)[] = Array.from({ length: PARTITIONS })
  /** What a file is read into, piece after piece. */
  #memory: Buffer = Buffer.alloc(0)
  #isClosed = false

  constructor(folder: string, records: KeyRecords) {
    this.#folder = folder
    this.#records = records
  }

  /** Synchronous: it is called for every row, and writes one block in several hundred calls. */
  add(key: string, ordinal: number, place: RowPlace | undefined): void {
    const hash = hashOf(key)
    const partition = this.#partition(hash)
    const most = this.#records.sizeOf(key, place)
    if (partition.used + most > BUFFER_BYTES) flush(partition)
    if (most <= BUFFER_BYTES) {
      partition.used = this.#records.write(partition.memory, partition.used, hash, key, ordinal, place)
    } else {
      const memory = recordBytes(Buffer.allocUnsafeSlow(most))
      const end = this.#records.write(memory, 0, hash, key, ordinal, place)
      writeAll(partition.descriptor, memory.bytes.subarray(0, end))
    }
    partition.keys += 1
  }

  copy(bytes: RecordBytes, at: number, end: number): void {
    const partition = this.#partition(this.#records.hash(bytes, at))
    const record = bytes.bytes.subarray(at, end)
    if (partition.used + record.length > BUFFER_BYTES) flush(partition)
    if (record.length > BUFFER_BYTES) writeAll(partition.descriptor, record)
    else {
      partition.memory.bytes.set(record, partition.used)
      partition.used += record.length
    }
    partition.keys += 1
  }

  async findRepeated(found: (repetition: Repetition) => void): Promise<void> {
    for (const partition of this.#made) flush(partition)
    this.#close()
    this.#memory = Buffer.allocUnsafeSlow(READ_BYTES)
    for (const { path, keys: count } of this.#made) {
      await findRepeated({ count, each: (visit) => this.#each(path, visit) }, this.#records, found)
    }
  }

  async remove(): Promise<void> {
    this.#close()
    for (const { path } of this.#made) await rm(path, { force: true })
    this.#partitions.fill(undefined)
  }

  async #each(path: string, visit: VisitRecord): Promise<void> {
    const handle = await open(path)
    try {
      let held = 0
      for (;;) {
        const { bytesRead } = await handle.read(this.#memory, held, this.#memory.length - held)
        if (bytesRead === 0) return
        const filled = held + bytesRead
        const bytes = recordBytes(this.#memory.subarray(0, filled))
        let at = 0
        for (let end = this.#records.endOf(bytes, at); end !== undefined; end = this.#records.endOf(bytes, at)) {
          visit(bytes, at, end)
          at = end
        }
        this.#memory.copyWithin(0, at, filled)
        held = filled - at
        // A record that is longer than the memory.
        if (held === this.#memory.length) this.#memory = Buffer.concat([this.#memory], 2 * held)
      }
    } finally {
      await handle.close()
    }
  }

  #partition(hash: number): Partition {
    const index = hash % PARTITIONS
    let partition = this.#partitions[index]
    if (partition === undefined) {
      const path = join(this.#folder, `keys-${String(index).padStart(3, '0')}`)
      const memory = recordBytes(Buffer.allocUnsafeSlow(BUFFER_BYTES))
      partition = { path, descriptor: openSync(path, 'w'), memory, used: 0, keys: 0 }
      this.#partitions[index] = partition
    }
    return partition
  }

  #close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const { descriptor } of this.#made) closeSync(descriptor)
  }

  /** Partitions that have keys. */
  get #made(): Partition[] {
    return this.#partitions.filter((partition) => partition !== undefined)
  }
}

function flush(partition: Partition): void {
  writeAll(partition.descriptor, partition.memory.bytes.subarray(0, partition.used))
  partition.used = 0
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let offset = 0; offset < bytes.length; ) offset += writeSync(descriptor, bytes, offset)
}
