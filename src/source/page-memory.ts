// Memory for the pages of a Parquet file that is used again: a thrown-away page of a hundred megabytes would stay until
// the garbage collector comes by, and the next page beside it.

export class PageMemory {
  #bytes = new Uint8Array(0)

  /** `length` bytes with any content, good until the next call. */
  take(length: number): Uint8Array {
    // A little more than asked for: pages of one column are nearly, not exactly, of one size.
    if (this.#bytes.length < length) this.#bytes = new Uint8Array(Math.ceil(length * GROWTH))
    return this.#bytes.subarray(0, length)
  }
}

const GROWTH = 1.0625
