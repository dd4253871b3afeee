// Bytes looked at four at a time, as a number whose lowest byte is the first one, on every machine.

export const WORD = 4
/** The highest bit of each byte, and the lowest. */
export const HIGH = 0x80808080 | 0
export const LOW = 0x01010101
/** Four times the same. */
export const BACKSLASHES = 0x5c5c5c5c

const LAST_BIT = 31

/** Which of four bytes is the first whose highest bit is set; at least one is. */
export function firstHigh(found: number): number {
  return (LAST_BIT - Math.clz32(found & -found)) >> 3
}

const QUOTES = 0x22222222
const SPACES = 0x20202020

/** Of a JSON text: the highest bit of each of four bytes that is a quote, a backslash or a control character; above one, perhaps of others. */
export function meaningIn(word: number): number {
  return (((word ^ QUOTES) - LOW) | ((word ^ BACKSLASHES) - LOW) | (word - SPACES)) & ~word & HIGH
}

/**
 * Where the first byte stands that is the one of `four`, which has it four times; `end`: nowhere before there.
 *
 * @param view of the memory of `bytes`, which begin at `offset` in it
 */
export function findByte(
  bytes: Uint8Array,
  view: DataView,
  offset: number,
  from: number,
  end: number,
  four: number,
): number {
  let at = from
  for (; at + WORD <= end; at += WORD) {
    const word = view.getInt32(offset + at, true) ^ four
    const found = (word - LOW) & ~word & HIGH
    if (found !== 0) return at + firstHigh(found)
  }
  const byte = four & 255
  while (at < end && bytes[at] !== byte) at += 1
  return at
}

/** A byte four times. */
export function fourTimes(byte: number): number {
  return Math.imul(byte, LOW)
}

/** The memory that bytes lie in, seen so that several of them can be read in a step; made anew only where it is another. */
export class ViewOf {
  /** Where the bytes that were asked for last begin in their memory. */
  offset = 0
  #bytes: Uint8Array | undefined
  #view: DataView = new DataView(new ArrayBuffer(0))

  /** From the beginning of the memory, which is `byteOffset` before that of the bytes. */
  get(bytes: Uint8Array): DataView {
    // To ask bytes for their memory takes longer than a hundred of them.
    if (bytes === this.#bytes) return this.#view
    this.#bytes = bytes
    this.offset = bytes.byteOffset
    if (this.#view.buffer !== bytes.buffer) this.#view = new DataView(bytes.buffer)
    return this.#view
  }
}
