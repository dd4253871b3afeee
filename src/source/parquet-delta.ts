// Parquet's delta encoding of whole numbers: blocks of differences, each packed into as few bits as it needs.

import { readBits } from './packed-bits.ts'
import type { PageBytes } from './page-bytes.ts'

export class DeltaReader {
  readonly #bytes: PageBytes
  /** Wraps a sum as the stored type does. */
  readonly #wrap: (sum: bigint) => bigint
  /** Numbers of a miniblock; 0: nothing is read yet. */
  #perMiniblock = 0
  #miniblocks = 0
  /** Numbers that the encoding has still to give. */
  #left = 0
  #value = 0n
  #leastDelta = 0n
  /** Of the miniblocks of this block, and which of them is next. */
  #widths: Uint8Array = new Uint8Array(0)
  #miniblock = 0
  #decoded: readonly bigint[] = []
  #at = 0

  constructor(bytes: PageBytes, bits: 32 | 64) {
    this.#bytes = bytes
    this.#wrap = (sum) => BigInt.asIntN(bits, sum)
  }

  /** The next `count` numbers. Throws RangeError where there are fewer. */
  async next(count: number): Promise<bigint[]> {
    if (this.#perMiniblock === 0 && count > 0) await this.#start()
    const numbers: bigint[] = []
    while (numbers.length < count) {
      if (this.#at === this.#decoded.length) await this.#decode()
      const end = Math.min(this.#decoded.length, this.#at + count - numbers.length)
      for (; this.#at < end; this.#at++) numbers.push(this.#decoded[this.#at] ?? 0n)
    }
    return numbers
  }

  /** All numbers: no more than `most`. Throws RangeError. */
  async rest(most: number): Promise<Int32Array> {
    await this.#start()
    const count = this.#left + 1
    if (count > most) throw new RangeError('it has more values than it says')
    const numbers = new Int32Array(count)
    for (let at = 0; at < count; at += CHUNK)
      numbers.set((await this.next(Math.min(CHUNK, count - at))).map(Number), at)
    return numbers
  }

  async #start(): Promise<void> {
    await this.#bytes.fill(4 * MOST_NUMBER_BYTES)
    const perBlock = Number(readUnsigned(this.#bytes))
    this.#miniblocks = Number(readUnsigned(this.#bytes))
    this.#left = Number(readUnsigned(this.#bytes)) - 1
    this.#value = readSigned(this.#bytes)
    this.#perMiniblock = perBlock / this.#miniblocks
    if (!Number.isInteger(this.#perMiniblock / 8) || perBlock === 0 || perBlock > MOST_PER_BLOCK)
      throw new RangeError('its blocks of differences have an impossible size')
    this.#miniblock = this.#miniblocks
    this.#decoded = [this.#wrap(this.#value)]
  }

  async #decode(): Promise<void> {
    if (this.#left <= 0) throw new RangeError('it has fewer values than it says')
    if (this.#miniblock === this.#miniblocks) await this.#startBlock()
    const width = this.#widths[this.#miniblock++] ?? 0
    if (width > 64) throw new RangeError('a difference is wider than 64 bits')
    const count = Math.min(this.#perMiniblock, this.#left)
    const size = (this.#perMiniblock * width) / 8
    await this.#bytes.fill(size)
    const { bytes, at, end } = this.#bytes
    if ((end - at) * 8 < count * width) throw new RangeError('a block of differences is cut off')
    this.#decoded = Array.from({ length: count }, (_, index) => {
      this.#value = this.#wrap(this.#value + this.#leastDelta + readWide(bytes, at * 8 + index * width, width))
      return this.#value
    })
    this.#bytes.at = Math.min(end, at + size)
    this.#left -= count
    this.#at = 0
  }

  async #startBlock(): Promise<void> {
    await this.#bytes.fill(MOST_NUMBER_BYTES)
    this.#leastDelta = readSigned(this.#bytes)
    this.#widths = Uint8Array.from(await this.#bytes.take(this.#miniblocks))
    this.#miniblock = 0
  }
}

/** Seven bits in a byte, of 64. */
const MOST_NUMBER_BYTES = 10
/** Decoded at a time where all are wanted. */
const CHUNK = 1024
/** Writers take 128 to some thousands. */
const MOST_PER_BLOCK = 1024 * 1024

function readWide(bytes: Uint8Array, bit: number, width: number): bigint {
  if (width <= 32) return BigInt(readBits(bytes, bit, width))
  return BigInt(readBits(bytes, bit, 32)) | (BigInt(readBits(bytes, bit + 32, width - 32)) << 32n)
}

/** The caller has made its bytes readable. */
function readUnsigned(bytes: PageBytes): bigint {
  let value = 0n
  for (let i = 0; i < MOST_NUMBER_BYTES; i++) {
    if (bytes.at >= bytes.end) break
    const byte = bytes.bytes[bytes.at++] ?? 0
    value |= BigInt(byte & 0x7f) << BigInt(7 * i)
    if (byte < 0x80) return value
  }
  throw new RangeError('a number is cut off')
}

function readSigned(bytes: PageBytes): bigint {
  const zigzag = readUnsigned(bytes)
  return (zigzag >> 1n) ^ -(zigzag & 1n)
}
