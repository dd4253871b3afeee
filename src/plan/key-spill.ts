// Keys on disk, spread over partition files by their hash: equal keys meet in one partition, which fits into memory.

import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ViewOf, WORD } from '../core/four-bytes.ts'
import { type KeyRecords, type KeyUse, type RecordBytes, recordBytes } from './key-record.ts'

/** A use of a key that an earlier row has. */
export interface Repetition {
  readonly key: string
  readonly first: KeyUse
  readonly second: KeyUse
}

export interface KeySpill {
  /** Copies the record that stands in `bytes` from `from` to `to`. */
  add(hash: number, bytes: Buffer, from: number, to: number): void
  /** Every use of a key after its first. Once, when all have been added. */
  repeated(): AsyncGenerator<Repetition>
  /** Removes the files. */
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
  readonly buffer: Buffer
  /** Of the buffer. */
  readonly view: DataView
  used: number
  keys: number
}

class Spill implements KeySpill {
  readonly #folder: string
  readonly #records: KeyRecords
  readonly #partitions = new Map<number, Partition>()
  /** What a file is read into, piece after piece. */
  #memory: Buffer = Buffer.alloc(0)
  #isClosed = false
  readonly #views = new ViewOf()

  constructor(folder: string, records: KeyRecords) {
    this.#folder = folder
    this.#records = records
  }

  /** Synchronous: it is called for every row, and writes one block in several hundred calls. */
  add(hash: number, bytes: Buffer, from: number, to: number): void {
    const partition = this.#partition(hash % PARTITIONS)
    if (partition.used + to - from > BUFFER_BYTES) flush(partition)
    if (to - from > BUFFER_BYTES) writeAll(partition.descriptor, bytes.subarray(from, to))
    else {
      // A record is short: a call out of JavaScript would take longer than the copying.
      const { buffer, view } = partition
      const source = this.#views.get(bytes)
      const { offset } = this.#views
      let { used } = partition
      let at = from
      for (; at + WORD <= to; at += WORD, used += WORD) view.setInt32(used, source.getInt32(offset + at))
      for (; at < to; at += 1) buffer[used++] = bytes[at] as number
      partition.used = used
    }
    partition.keys++
  }

  async *repeated(): AsyncGenerator<Repetition> {
    this.#close()
    this.#memory = Buffer.allocUnsafeSlow(READ_BYTES)
    for (const { path, keys } of this.#partitions.values()) {
      const suspects = await this.#repeatedHashes(path, keys)
      if (suspects.size === 0) continue
      const seen = new Map<string, KeyUse>()
      const found: Repetition[] = []
      await this.#each(path, (bytes, at) => {
        if (!suspects.has(this.#records.hash(bytes, at))) return
        const { key, use } = this.#records.read(bytes, at)
        const first = seen.get(key)
        if (first === undefined) seen.set(key, use)
        else found.push({ key, first, second: use })
      })
      yield* found
    }
  }

  async remove(): Promise<void> {
    this.#close()
    for (const { path } of this.#partitions.values()) await rm(path, { force: true })
    this.#partitions.clear()
  }

  /** The hashes that occur more than once: 8 bytes of memory a key. */
  async #repeatedHashes(path: string, keys: number): Promise<ReadonlySet<number>> {
    const hashes = new Float64Array(keys)
    let count = 0
    await this.#each(path, (bytes, at) => {
      hashes[count++] = this.#records.hash(bytes, at)
    })
    hashes.sort()
    const repeated = new Set<number>()
    for (let i = 1; i < count; i++) {
      const hash = hashes[i] ?? 0
      if (hash === hashes[i - 1]) repeated.add(hash)
    }
    return repeated
  }

  async #each(path: string, visit: (bytes: RecordBytes, at: number) => void): Promise<void> {
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
          visit(bytes, at)
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

  #partition(index: number): Partition {
    let partition = this.#partitions.get(index)
    if (partition === undefined) {
      const path = join(this.#folder, `keys-${String(index).padStart(3, '0')}`)
      const descriptor = openSync(path, 'w')
      const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES)
      partition = { path, descriptor, buffer, view: new DataView(buffer.buffer), used: 0, keys: 0 }
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

function flush(partition: Partition): void {
  writeAll(partition.descriptor, partition.buffer.subarray(0, partition.used))
  partition.used = 0
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let offset = 0; offset < bytes.length; ) offset += writeSync(descriptor, bytes, offset)
}
