// The keys of the last rows, in two stretches of memory: a million texts that live a while would keep the garbage
// collector busier than all the rest of planning does.

import type { RowPlace } from '../core/row.ts'
import { hashOf, KeyRecords, type KeyUse, type RecordBytes, recordBytes } from './key-record.ts'

const FIRST_BYTES = 64 * 1024
/** Keys are held until they take so much. */
const MAX_BYTES = 4 * 1024 * 1024

export class RecentKeys {
  readonly records = new KeyRecords()
  readonly #most: number
  /** Where a record begins, plus 1, at the place of its hash or behind it; 0: free. At most half of them are taken. */
  readonly #table: Int32Array
  readonly #mask: number
  #arena: RecordBytes = recordBytes(Buffer.allocUnsafeSlow(FIRST_BYTES))
  #used = 0
  #count = 0

  /** @param most keys that are held at once */
  constructor(most: number) {
    this.#most = most
    const places = 2 ** Math.ceil(Math.log2(2 * most + 1))
    this.#table = new Int32Array(places)
    this.#mask = places - 1
  }

  get isFull(): boolean {
    return this.#count >= this.#most || this.#used >= MAX_BYTES
  }

  /** Adds a key, unless it is held already: then the answer is its earlier use. */
  add(key: string, ordinal: number, place: RowPlace | undefined): KeyUse | undefined {
    const hash = hashOf(key)
    let slot = hash & this.#mask
    for (let at = this.#table[slot] as number; at !== 0; at = this.#table[slot] as number) {
      const isSame = this.records.hash(this.#arena, at - 1) === hash && this.records.isOf(this.#arena, at - 1, key)
      if (isSame) return this.records.read(this.#arena, at - 1).use
      slot = (slot + 1) & this.#mask
    }
    const most = this.#used + this.records.sizeOf(key, place)
    if (most > this.#arena.bytes.length) this.#grow(2 * most)
    this.#table[slot] = this.#used + 1
    this.#used = this.records.write(this.#arena, this.#used, hash, key, { ordinal, place })
    this.#count += 1
    return undefined
  }

  /** Hands out the records of all keys that are held, and holds them no more. */
  take(visit: (hash: number, bytes: Buffer, from: number, to: number) => void): void {
    for (let at = 0; at < this.#used; ) {
      const end = this.records.endOf(this.#arena, at) as number
      visit(this.records.hash(this.#arena, at), this.#arena.bytes, at, end)
      at = end
    }
    this.clear()
  }

  clear(): void {
    this.#table.fill(0)
    this.#used = 0
    this.#count = 0
  }

  #grow(bytes: number): void {
    const larger = Buffer.allocUnsafeSlow(bytes)
    this.#arena.bytes.copy(larger, 0, 0, this.#used)
    this.#arena = recordBytes(larger)
  }
}
