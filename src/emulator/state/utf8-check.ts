// Whether a stream of chunks is UTF-8, when a character may lie across a border.

import { isUtf8 } from 'node:buffer'

export class Utf8Check {
  /** The beginning of a character whose rest has not come yet: at most 3 bytes. */
  #held: Buffer = Buffer.alloc(0)

  /** False as soon as the bytes cannot be UTF-8. */
  push(chunk: Uint8Array): boolean {
    let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    if (this.#held.length > 0) {
      const missing = lengthOf(this.#held[0] as number) - this.#held.length
      const whole = Buffer.concat([this.#held, rest.subarray(0, missing)])
      rest = rest.subarray(missing)
      if (whole.length < lengthOf(whole[0] as number)) {
        this.#held = whole
        return true
      }
      if (!isUtf8(whole)) return false
    }
    const cut = openEnd(rest)
    this.#held = Buffer.from(rest.subarray(cut))
    return isUtf8(rest.subarray(0, cut))
  }

  /** False when the stream ended inside a character. */
  end(): boolean {
    return this.#held.length === 0
  }
}

/** Where a character begins that the chunk does not complete; the chunk's length when there is none. */
function openEnd(chunk: Buffer): number {
  for (let back = 1; back <= Math.min(3, chunk.length); back++) {
    const byte = chunk[chunk.length - back] as number
    if (byte < 0x80) return chunk.length
    if (byte >= 0xc0) return lengthOf(byte) > back ? chunk.length - back : chunk.length
  }
  return chunk.length
}

function lengthOf(lead: number): number {
  if (lead >= 0xf0) return 4
  if (lead >= 0xe0) return 3
  return lead >= 0xc0 ? 2 : 1
}
