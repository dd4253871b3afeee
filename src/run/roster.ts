// Which row of an attempt a custom_id names.

import { ordinalInCustomId, ordinalOfCustomId } from '../core/custom-id.ts'
import type { RequestHead } from '../core/request-line.ts'
import type { RunHeader } from '../core/run.ts'

/** Positions 0 … n-1 of the requests that travelled in one attempt, found by custom_id. Holds numbers, not strings. */
export class Roster {
  readonly #isExact: boolean
  readonly #tag: string
  readonly #tagBytes: Buffer
  /** Of requests with consecutive ordinals only the first is kept, and how many they are. */
  readonly #first: number
  readonly #count: number
  readonly #ordinals: number[] = []
  /** Only with `custom_id: exact`, where the id does not contain the ordinal. */
  readonly #positions = new Map<string, number>()

  /** @param range requests that have consecutive ordinals, from `first` on; none: they are added one by one */
  constructor(header: RunHeader, range = { first: 0, count: 0 }) {
    this.#first = range.first
    this.#count = range.count
    this.#isExact = header.job.batch.customId === 'exact'
    this.#tag = header.tag
    this.#tagBytes = Buffer.from(header.tag)
  }

  get size(): number {
    return this.#count + this.#ordinals.length
  }

  add(line: RequestHead): void {
    if (this.#isExact) this.#positions.set(line.key, this.#ordinals.length)
    this.#ordinals.push(line.ordinal)
  }

  /** undefined: no request of this attempt has that id. */
  positionOf(customId: string): number | undefined {
    if (this.#isExact) return this.#positions.get(customId)
    return this.positionOfOrdinal(ordinalOfCustomId(customId, this.#tag))
  }

  /** The same for an id that stands in these bytes, without escapes. */
  positionIn(bytes: Buffer, start: number, end: number): number | undefined {
    if (this.#isExact) return this.#positions.get(bytes.toString('utf8', start, end))
    return this.positionOfOrdinal(ordinalInCustomId(bytes, start, end, this.#tagBytes))
  }

  positionOfOrdinal(ordinal: number | undefined): number | undefined {
    if (ordinal === undefined) return undefined
    if (this.#count > 0) return isWithin(ordinal - this.#first, this.#count) ? ordinal - this.#first : undefined
    const ordinals = this.#ordinals
    // Ordinals are nearly always consecutive: try the exact place before searching.
    const first = ordinals[0]
    if (first !== undefined && ordinals[ordinal - first] === ordinal) return ordinal - first
    let low = 0
    let high = ordinals.length - 1
    while (low <= high) {
      const middle = (low + high) >> 1
      const at = ordinals[middle] as number
      if (at === ordinal) return middle
      if (at < ordinal) low = middle + 1
      else high = middle - 1
    }
    return undefined
  }
}

function isWithin(position: number, count: number): boolean {
  return position >= 0 && position < count
}
