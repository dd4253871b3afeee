// The unpacked bytes of a Parquet page as its decoders read them: from front to back, and no more of them in memory
// than a decoder asks for.

export class PageBytes {
  /** What may be read: from `at` to `end`. Another buffer after each `fill` and `need`. */
  bytes: Buffer
  at = 0
  end: number
  readonly #pieces: AsyncIterator<Uint8Array> | undefined
  /** Bytes of the page that `pieces` have still to bring. */
  #toCome: number

  /** `size`: of all pieces together. A piece need not outlive the next. */
  constructor(pieces: AsyncIterable<Uint8Array> | Uint8Array, size: number) {
    const isWhole = pieces instanceof Uint8Array
    this.bytes = isWhole ? Buffer.from(pieces.buffer, pieces.byteOffset, size) : Buffer.alloc(0)
    this.end = this.bytes.length
    this.#pieces = isWhole ? undefined : pieces[Symbol.asyncIterator]()
    this.#toCome = isWhole ? 0 : size
  }

  /** Bytes of the page that were not read. */
  get left(): number {
    return this.end - this.at + this.#toCome
  }

  /** Makes the next `count` bytes readable. Throws RangeError where the page has fewer. */
  async need(count: number): Promise<void> {
    // A damaged length is not looked for in the rest of the page.
    if (count <= this.left) await this.fill(count)
    if (this.end - this.at < count) throw new RangeError('it ends too early')
  }

  /** The same; where the page has fewer, all that it has. */
  async fill(count: number): Promise<void> {
    const wanted = Math.min(count, this.left)
    while (this.end - this.at < wanted && this.#pieces !== undefined) {
      const { value, done } = await this.#pieces.next()
      if (done === true) this.#toCome = 0
      else this.#append(value, wanted)
      if (done === true) return
    }
  }

  /** The next `count` bytes, which stay as they are. Throws RangeError. */
  async take(count: number): Promise<Uint8Array> {
    await this.need(count)
    const taken = this.bytes.subarray(this.at, this.at + count)
    this.at += count
    return this.#pieces === undefined ? taken : Uint8Array.prototype.slice.call(taken)
  }

  /** Reads no more. */
  async close(): Promise<void> {
    await this.#pieces?.return?.()
  }

  #append(piece: Uint8Array, wanted: number): void {
    if (piece.length > this.#toCome) throw new RangeError('it is longer than it says')
    this.#toCome -= piece.length
    const left = this.end - this.at
    const room = Math.max(wanted, left + piece.length)
    const old = this.bytes
    // A little more than needed: pieces differ in length.
    if (room > old.length) this.bytes = Buffer.allocUnsafeSlow(room + Math.min(room, this.#toCome, SPARE_BYTES))
    old.copy(this.bytes, 0, this.at, this.end)
    this.bytes.set(piece, left)
    this.at = 0
    this.end = left + piece.length
  }
}

const SPARE_BYTES = 64 * 1024
