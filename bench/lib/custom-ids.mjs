// The custom_ids of a body that comes in pieces, in as little time and memory as it goes.

const MARK = Buffer.from('"custom_id":"')
const QUOTE = 0x22

export class CustomIds {
  count = 0
  #bytes = Buffer.allocUnsafe(1 << 16)
  #used = 0
  /** Where each begins; the next one's begin is its end. */
  #starts = new Uint32Array(1 << 12)
  #rest = Buffer.alloc(0)

  read(piece) {
    const text = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece])
    let from = 0
    // A mark may be cut in two, and so may an id.
    let rest = Math.max(0, text.length - MARK.length + 1)
    for (let at = text.indexOf(MARK); at >= 0; at = text.indexOf(MARK, from)) {
      const end = text.indexOf(QUOTE, at + MARK.length)
      if (end < 0) {
        rest = at
        break
      }
      this.#keep(text, at + MARK.length, end)
      from = end + 1
      rest = Math.max(rest, from)
    }
    this.#rest = Buffer.from(text.subarray(rest))
  }

  /** Copies the id at an index into `target`; answers how many bytes it is. */
  copy(index, target, at) {
    const start = this.#starts[index]
    const end = index + 1 === this.count ? this.#used : this.#starts[index + 1]
    return this.#bytes.copy(target, at, start, end)
  }

  #keep(text, start, end) {
    if (this.count === this.#starts.length) {
      const more = new Uint32Array(this.#starts.length * 2)
      more.set(this.#starts)
      this.#starts = more
    }
    if (this.#used + end - start > this.#bytes.length) {
      this.#bytes = Buffer.concat([this.#bytes, Buffer.allocUnsafe(this.#bytes.length)])
    }
    this.#starts[this.count] = this.#used
    this.count += 1
    this.#used += text.copy(this.#bytes, this.#used, start, end)
  }
}
