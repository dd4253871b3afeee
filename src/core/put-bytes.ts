// Short stretches of bytes, put together into a longer one. Each answers where what it wrote ends.

/** Shorter stretches are copied faster byte by byte than by a call out of JavaScript. */
const SHORT = 48
const SPACE = 32
const QUOTE = 34
const ZERO = 48
const BACKSLASH = 92
const DELETE = 127
/** Below this a division by ten is one of whole numbers. */
const SMALL = 2 ** 31

/**
 * Copies out of memory that stays the same for many copies. To ask bytes for the memory that they are a view of, as every
 * copy of a part of them does, takes longer than to copy a thousand of them.
 */
export class Copier {
  #bytes: Uint8Array | undefined
  #memory: ArrayBufferLike = NOTHING
  #offset = 0

  copy(bytes: Uint8Array, from: number, to: number, into: Uint8Array, at: number): number {
    if (to - from <= SHORT) return copyBytes(bytes, from, to, into, at)
    into.set(this.#part(bytes, from, to), at)
    return at + to - from
  }

  /** The same to a second place, which is behind the first. */
  copyTwice(bytes: Uint8Array, from: number, to: number, into: Uint8Array, at: number, again: number): void {
    const part = this.#part(bytes, from, to)
    into.set(part, at)
    into.set(part, again)
  }

  #part(bytes: Uint8Array, from: number, to: number): Uint8Array {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes
      this.#memory = bytes.buffer
      this.#offset = bytes.byteOffset
    }
    return new Uint8Array(this.#memory, this.#offset + from, to - from)
  }
}

const NOTHING = new ArrayBuffer(0)

export function copyBytes(bytes: Uint8Array, from: number, to: number, into: Uint8Array, at: number): number {
  const length = to - from
  if (length > SHORT) into.set(bytes.subarray(from, to), at)
  else for (let index = 0; index < length; index += 1) into[at + index] = bytes[from + index] as number
  return at + length
}

export function putBytes(bytes: Uint8Array, into: Uint8Array, at: number): number {
  if (bytes.length > SHORT) into.set(bytes, at)
  else for (let index = 0; index < bytes.length; index += 1) into[at + index] = bytes[index] as number
  return at + bytes.length
}

/** For a few letters of ASCII: a call out of JavaScript would take longer. */
export function putAscii(text: string, into: Uint8Array, at: number): number {
  for (let index = 0; index < text.length; index += 1) into[at + index] = text.charCodeAt(index)
  return at + text.length
}

/** Writes a text as JSON does: letter by letter where it is one of a few plain ones, which takes less than a call out of JavaScript. */
export function putQuoted(text: string, into: Buffer, start: number): number {
  let at = start
  into[at++] = QUOTE
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index)
    if (unit < SPACE || unit >= DELETE || unit === QUOTE || unit === BACKSLASH) {
      return start + into.write(JSON.stringify(text), start)
    }
    into[at++] = unit
  }
  into[at++] = QUOTE
  return at
}

/** Writes a number as JSON does. */
export function putNumber(number: number, into: Uint8Array, at: number): number {
  if (number >= 100 && number < 1000 && (number | 0) === number) {
    // Most of what is counted in a row has three digits.
    const tenth = (number / 10) | 0
    const hundred = (tenth / 10) | 0
    into[at] = ZERO + hundred
    into[at + 1] = ZERO + tenth - hundred * 10
    into[at + 2] = ZERO + number - tenth * 10
    return at + 3
  }
  if (!(number >= 0 && number < SMALL && (number | 0) === number) || Object.is(number, -0)) {
    return putAscii(JSON.stringify(number), into, at)
  }
  let length = 1
  for (let more = number; more > 9; more = (more / 10) | 0) length += 1
  for (let place = at + length - 1, rest = number; place >= at; place -= 1) {
    const tenth = (rest / 10) | 0
    into[place] = ZERO + rest - tenth * 10
    rest = tenth
  }
  return at + length
}
