// Parquet's run-length encoding, which holds levels and dictionary indexes. Never reads past its bytes, whatever they say.

import { unpackBits } from './packed-bits.ts'
import type { PageBytes } from './page-bytes.ts'

export class RunReader {
  readonly #bytes: PageBytes
  readonly #width: number
  /** Numbers that are decoded, and which of them are next. */
  readonly #decoded = new Int32Array(DECODED)
  #at = 0
  #end = 0
  /** What is left of the run: `#repeated` that many times; undefined: that many packed numbers. */
  #left = 0
  #repeated: number | undefined

  /** `width`: bits of a number. Throws RangeError for one that is too wide. */
  constructor(bytes: PageBytes, width: number) {
    if (width > 32) throw new RangeError('a run of numbers is wider than 32 bits')
    this.#bytes = bytes
    this.#width = width
  }

  /** The next `count` numbers. Throws RangeError where the bytes end too early. */
  async next(count: number): Promise<Int32Array> {
    const numbers = new Int32Array(count)
    if (this.#width === 0) return numbers
    for (let filled = 0; filled < count; ) {
      if (this.#at === this.#end) await this.#decode(count - filled)
      const length = Math.min(count - filled, this.#end - this.#at)
      numbers.set(this.#decoded.subarray(this.#at, this.#at + length), filled)
      this.#at += length
      filled += length
    }
    return numbers
  }

  /** Decodes some numbers of the run: at least one. */
  async #decode(wanted: number): Promise<void> {
    if (this.#left === 0) await this.#startRun()
    this.#at = 0
    this.#end = Math.min(this.#left, DECODED)
    if (this.#repeated !== undefined) this.#decoded.fill(this.#repeated, 0, this.#end)
    else await this.#unpack(wanted)
    this.#left -= this.#end
  }

  async #unpack(wanted: number): Promise<void> {
    const bytes = this.#bytes
    const size = (this.#end / 8) * this.#width
    await bytes.fill(size)
    // Some writers leave out the numbers that would fill the last group.
    const there = Math.floor(((bytes.end - bytes.at) * 8) / this.#width)
    if (there < Math.min(wanted, this.#end)) throw new RangeError('a run of numbers is cut off')
    this.#end = Math.min(this.#end, there)
    unpackBits(bytes.bytes, bytes.at, this.#width, this.#decoded, 0, this.#end)
    bytes.at = Math.min(bytes.end, bytes.at + size)
  }

  async #startRun(): Promise<void> {
    const bytes = this.#bytes
    await bytes.fill(MOST_HEAD_BYTES)
    const head = readVarInt(bytes)
    this.#left = head & 1 ? (head >>> 1) * 8 : head >>> 1
    if (this.#left === 0) throw new RangeError('a run of numbers is empty')
    this.#repeated = undefined
    if (head & 1) return
    let value = 0
    for (let i = 0; i < (this.#width + 7) >> 3; i++) value |= readByte(bytes) << (i * 8)
    this.#repeated = value
  }
}

/** Whole groups of eight. */
const DECODED = 1024
/** A length and a number. */
const MOST_HEAD_BYTES = 9

/** A whole number of 32 bits, seven in a byte. The caller has made its bytes readable. Throws RangeError. */
function readVarInt(bytes: PageBytes): number {
  let value = 0
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = readByte(bytes)
    value |= (byte & 0x7f) << shift
    if (byte < 0x80) return value >>> 0
  }
  throw new RangeError('a run of numbers has an impossible length')
}

function readByte(bytes: PageBytes): number {
  if (bytes.at >= bytes.end) throw new RangeError('a run of numbers is cut off')
  return bytes.bytes[bytes.at++] ?? 0
}
