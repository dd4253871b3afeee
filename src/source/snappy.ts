// Snappy's block format, unpacked piece by piece: a page of a hundred megabytes takes the memory of a window.
// https://github.com/google/snappy/blob/main/format_description.txt

import { ViewOf, WORD } from '../core/four-bytes.ts'

/**
 * Thrown where a back-reference reaches further than the window. The format allows that, though the common writers pack
 * blocks of 64 KiB, each for itself: whoever meets it has to unpack the whole.
 */
export class FarReferenceError extends Error {}

/**
 * The `size` bytes that were packed. Each piece is good until the next is asked for. Throws RangeError for bytes that
 * no writer makes, and FarReferenceError.
 */
export async function* unpackSnappy(packed: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
  const window = new Window(size)
  for await (const piece of packed) yield* window.unpack(piece)
  yield window.rest()
}

/** What back-references reach: two bytes hold their distance in what the common writers make. */
const HISTORY_BYTES = 64 * 1024
/** Unpacked at a time. */
const ROOM_BYTES = 128 * 1024
/** Of the length that stands before all. */
const MOST_LENGTH_BYTES = 5
/** The longest copy. */
const MOST_COPIED = 64
/** From here on the engine's own copying is faster than a loop. */
const LONG_LITERAL = 48

class Window {
  readonly #bytes: Uint8Array
  readonly #views = new ViewOf()
  readonly #size: number
  /** Bytes of the window that are filled, and those of them that were handed on. */
  #filled = 0
  #given = 0
  /** Bytes that have left the window. */
  #gone = 0
  #hasLength = false
  #literalLeft = 0
  /** The beginning of an element whose end is in the next piece: four bytes at most, or the length. */
  #carried: Uint8Array = new Uint8Array(0)

  constructor(size: number) {
    this.#size = size
    this.#bytes = new Uint8Array(Math.min(size, HISTORY_BYTES + ROOM_BYTES) + MOST_COPIED)
  }

  *unpack(piece: Uint8Array): Generator<Uint8Array> {
    const input = this.#carried.length === 0 ? piece : Buffer.concat([this.#carried, piece])
    let at = this.#hasLength ? 0 : this.#lengthEnd(input)
    for (;;) {
      at = this.#fill(input, at)
      if (this.#bytes.length - this.#filled >= MOST_COPIED) break
      yield this.#bytes.subarray(this.#given, this.#filled)
      this.#makeRoom()
    }
    // Whoever gave the piece may use its memory again.
    this.#carried = input.slice(at)
  }

  rest(): Uint8Array {
    if (this.#carried.length > 0 || this.#literalLeft > 0 || this.#gone + this.#filled !== this.#size)
      throw new RangeError('its packed bytes end too early')
    return this.#bytes.subarray(this.#given, this.#filled)
  }

  /** The unpacked length stands before all else; it is known already. */
  #lengthEnd(input: Uint8Array): number {
    const last = input.findIndex((byte) => byte < 0x80)
    if (last === -1 && input.length < MOST_LENGTH_BYTES) return 0
    if (last === -1 || last >= MOST_LENGTH_BYTES) throw new RangeError('its packed bytes have an impossible length')
    this.#hasLength = true
    return last + 1
  }

  #makeRoom(): void {
    const leaving = this.#filled - HISTORY_BYTES
    this.#bytes.copyWithin(0, leaving, this.#filled)
    this.#gone += leaving
    this.#filled = HISTORY_BYTES
    this.#given = HISTORY_BYTES
  }

  /** Unpacks until the window is full or `input` ends. The answer: where it got to. */
  #fill(input: Uint8Array, from: number): number {
    const bytes = this.#bytes
    let at = from
    const view = this.#views.get(bytes)
    const { offset } = this.#views
    let filled = this.#filled
    let literalLeft = this.#literalLeft
    const most = Math.min(bytes.length, this.#size - this.#gone + MOST_COPIED)
    const end = this.#hasLength ? input.length : 0
    while (at < end && most - filled >= MOST_COPIED) {
      if (literalLeft > 0) {
        const length = Math.min(literalLeft, input.length - at, most - filled)
        bytes.set(input.subarray(at, at + length), filled)
        literalLeft -= length
        at += length
        filled += length
        continue
      }
      const tag = input[at] ?? 0
      const kind = tag & 3
      const high = tag >>> 2
      const more = kind === 0 ? Math.max(0, high - 59) : kind === 3 ? 4 : kind
      if (at + more >= input.length) break
      at += 1
      if (kind === 0) {
        let length = high + 1
        if (more > 0) {
          length = 1 + littleEndian(input, at, more)
          at += more
        }
        if (length > LONG_LITERAL || at + length > input.length) literalLeft = length
        else {
          for (const literalEnd = at + length; at < literalEnd; at++) bytes[filled++] = input[at] as number
        }
        continue
      }
      const length = kind === 1 ? (high & 7) + 4 : high + 1
      const distance = kind === 1 ? ((tag >>> 5) << 8) | (input[at] ?? 0) : littleEndian(input, at, more)
      at += more
      if (distance === 0 || distance > filled) this.#refuse(distance, filled)
      const copyEnd = filled + length
      // One after the other: a copy may reach into itself, which repeats it. What is written beyond its end is not filled yet.
      if (distance >= WORD && copyEnd + WORD <= bytes.length) {
        for (; filled < copyEnd; filled += WORD) {
          view.setInt32(offset + filled, view.getInt32(offset + filled - distance))
        }
        filled = copyEnd
      } else for (; filled < copyEnd; filled++) bytes[filled] = bytes[filled - distance] as number
    }
    this.#filled = filled
    this.#literalLeft = literalLeft
    if (this.#gone + filled > this.#size) throw new RangeError('its packed bytes hold more than they say')
    return at
  }

  #refuse(distance: number, filled: number): never {
    if (distance === 0 || distance > this.#gone + filled)
      throw new RangeError('its packed bytes refer to what is not there')
    throw new FarReferenceError(`a back-reference of ${distance} bytes`)
  }
}

function littleEndian(bytes: Uint8Array, at: number, count: number): number {
  let value = 0
  for (let i = count - 1; i >= 0; i--) value = value * 256 + (bytes[at + i] ?? 0)
  return value
}
