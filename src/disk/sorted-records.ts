// Looks into a file of sorted records of fixed size.

/** A file that is read anywhere. */
export interface RecordReader {
  read(start: number, end: number): Promise<Uint8Array>
}

/** Records between two samples in memory: a look-up in a large file reads that many at once. */
const BLOCK_RECORDS = 128
const PREFIXES = 2 ** 32
const WHOLE_BYTES = 64 * 1024 * 1024

/** A sorted file to look into; files of up to 64 MB are held in memory, of larger ones every 128th record's key. */
export class SortedRecords {
  readonly #reader: RecordReader
  readonly #size: number
  readonly #keyBytes: number
  readonly #count: number
  readonly #whole: Buffer | undefined
  readonly #samples: Buffer

  private constructor(
    reader: RecordReader,
    size: number,
    keyBytes: number,
    count: number,
    whole: Buffer | undefined,
    samples: Buffer,
  ) {
    this.#reader = reader
    this.#size = size
    this.#keyBytes = keyBytes
    this.#count = count
    this.#whole = whole
    this.#samples = samples
  }

  static async open(
    reader: RecordReader,
    bytes: number,
    size: number,
    keyBytes: number,
    wholeBytes = WHOLE_BYTES,
  ): Promise<SortedRecords> {
    const count = Math.floor(bytes / size)
    if (bytes <= wholeBytes) {
      const whole = Buffer.from(await reader.read(0, count * size))
      return new SortedRecords(reader, size, keyBytes, count, whole, Buffer.alloc(0))
    }
    const samples = Buffer.allocUnsafe(Math.ceil(count / BLOCK_RECORDS) * keyBytes)
    for (let block = 0; block * BLOCK_RECORDS < count; block += 1) {
      const start = block * BLOCK_RECORDS * size
      samples.set(await reader.read(start, start + keyBytes), block * keyBytes)
    }
    return new SortedRecords(reader, size, keyBytes, count, undefined, samples)
  }

  get count(): number {
    return this.#count
  }

  /** The record with this key; undefined: there is none. A promise only for files that are not in memory. */
  find(key: Buffer): Buffer | undefined | Promise<Buffer | undefined> {
    if (this.#count === 0) return undefined
    if (this.#whole !== undefined) return this.#search(this.#whole, this.#count, key)
    const block = lastAtMost(this.#samples, this.#keyBytes, this.#samples.length / this.#keyBytes, key)
    if (block < 0) return undefined
    return this.#findIn(block, key)
  }

  async #findIn(block: number, key: Buffer): Promise<Buffer | undefined> {
    const from = block * BLOCK_RECORDS
    const count = Math.min(BLOCK_RECORDS, this.#count - from)
    const bytes = await this.#reader.read(from * this.#size, (from + count) * this.#size)
    return this.#search(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), count, key)
  }

  #search(records: Buffer, count: number, key: Buffer): Buffer | undefined {
    const at = lastAtMost(records, this.#size, count, key)
    if (at < 0) return undefined
    const record = records.subarray(at * this.#size, (at + 1) * this.#size)
    return record.compare(key, 0, this.#keyBytes, 0, this.#keyBytes) === 0 ? record : undefined
  }
}

/** The last of `count` records whose key is not greater; -1: there is none. */
function lastAtMost(records: Buffer, size: number, count: number, key: Buffer): number {
  const first = key.readUInt32BE(0)
  // Keys are digests, spread evenly: the place is mostly near to where an even spread would have it.
  const guess = Math.floor((first / PREFIXES) * count)
  const reach = 4 * Math.ceil(Math.sqrt(count))
  const below = guess - reach
  const above = guess + reach
  let low = below > 0 && records.readUInt32BE(below * size) < first ? below : 0
  let high = above < count && records.readUInt32BE(above * size) > first ? above : count - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const at = middle * size
    // Four bytes tell nearly all keys apart, and cost a tenth of a comparison.
    const prefix = records.readUInt32BE(at)
    const isAtMost = prefix === first ? records.compare(key, 0, key.length, at, at + key.length) <= 0 : prefix < first
    if (isAtMost) low = middle + 1
    else high = middle - 1
  }
  return high
}
