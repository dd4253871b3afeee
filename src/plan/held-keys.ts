// The keys of the first rows, in one stretch of memory: thousands of texts that live on would keep the garbage collector busy.

import type { RowPlace } from '../core/row.ts'
import { hashOf, type KeyRecords, type RecordBytes, recordBytes } from './key-record.ts'
import type { VisitRecord } from './repeated-keys.ts'

const FIRST_BYTES = 64 * 1024
/** Keys are held until they take so much. */
const MAX_BYTES = 4 * 1024 * 1024

export class HeldKeys {
  readonly #records: KeyRecords
  readonly #most: number
  #memory: RecordBytes = recordBytes(Buffer.allocUnsafeSlow(FIRST_BYTES))
  #used = 0
  #count = 0

  /** @param most keys that are held */
  constructor(records: KeyRecords, most: number) {
    this.#records = records
    this.#most = most
  }

  get count(): number {
    return this.#count
  }

  get isFull(): boolean {
    return this.#count >= this.#most || this.#used >= MAX_BYTES
  }

  add(key: string, ordinal: number, place: RowPlace | undefined): void {
    const most = this.#used + this.#records.sizeOf(key, place)
    if (most > this.#memory.bytes.length) this.#grow(2 * most)
    this.#used = this.#records.write(this.#memory, this.#used, hashOf(key), key, ordinal, place)
    this.#count += 1
  }

  each(visit: VisitRecord): void {
    for (let at = 0; at < this.#used; ) {
      const end = this.#records.endOf(this.#memory, at) as number
      visit(this.#memory, at, end)
      at = end
    }
  }

  clear(): void {
    this.#memory = recordBytes(Buffer.allocUnsafeSlow(0))
    this.#used = this.#count = 0
  }

  #grow(bytes: number): void {
    const larger = Buffer.allocUnsafeSlow(bytes)
    this.#memory.bytes.copy(larger, 0, 0, this.#used)
    this.#memory = recordBytes(larger)
  }
}
