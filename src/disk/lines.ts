// Splits a stream of bytes into lines, many at a time: awaiting once a line would cost more than reading it.

const NEWLINE = 10

/**
 * Yields the complete lines of each piece, without their newline; the last line needs none. Views into the piece's
 * memory: use them before asking for the next. Throws what `tooLong` makes when a line grows past `maxBytes`.
 */
export async function* lineBlocks(
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  maxBytes: number,
  tooLong: (lineNumber: number) => Error,
): AsyncGenerator<Buffer[]> {
  let lineNumber = 1
  for await (const block of wholeLines(pieces, maxBytes, () => tooLong(lineNumber))) {
    const lines: Buffer[] = []
    let start = 0
    for (let end = block.indexOf(NEWLINE); end >= 0; end = block.indexOf(NEWLINE, start)) {
      lines.push(block.subarray(start, end))
      start = end + 1
    }
    if (start < block.length) lines.push(block.subarray(start))
    lineNumber += lines.length
    yield lines
  }
}

/**
 * Cuts a stream of bytes at the ends of lines only: each block holds complete lines with their newlines, the last one
 * perhaps without. Blocks are views into the piece's memory, or copies where a line was cut. Throws what `tooLong` makes
 * when a line grows past `maxBytes`.
 *
 * @param options with `reuse` a copy may lie in the memory of the one before: for readers that are done with a block
 *   when they ask for the next
 */
export async function* wholeLines(
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  maxBytes: number,
  tooLong: () => Error,
  options?: { readonly reuse: boolean },
): AsyncGenerator<Buffer> {
  const held = new HeldLine(options?.reuse === true)
  for await (const piece of pieces) {
    const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)
    let start = 0
    if (held.length > 0) {
      const end = bytes.indexOf(NEWLINE)
      if (end >= 0) {
        held.add(bytes.subarray(0, end + 1))
        yield held.take()
        start = end + 1
      }
    }
    const last = held.length > 0 ? -1 : bytes.lastIndexOf(NEWLINE)
    if (last >= start) {
      yield bytes.subarray(start, last + 1)
      start = last + 1
    }
    // Copied, because the reader may fill the same memory again.
    held.add(bytes.subarray(start))
    if (held.length > maxBytes) throw tooLong()
  }
  if (held.length > 0) yield held.take()
}

/** The beginning of a line whose end has not come yet. */
class HeldLine {
  length = 0
  readonly #isReused: boolean
  #memory = NOTHING
  #used = 0
  /** What came when the memory was full: to make it larger would need both at once. */
  #further: Buffer[] = []

  constructor(isReused: boolean) {
    this.#isReused = isReused
  }

  add(bytes: Buffer): void {
    this.length += bytes.length
    if (this.length > MOST_KEPT_BYTES) {
      this.#further.push(Buffer.from(bytes))
      return
    }
    // Room for as much again: a long line comes in many pieces.
    if (this.length > this.#memory.length) this.#grow(this.#used === 0 ? this.length : 2 * this.length)
    this.#used += bytes.copy(this.#memory, this.#used)
  }

  take(): Buffer {
    const kept = this.#memory.subarray(0, this.#used)
    const line = this.#further.length === 0 ? kept : Buffer.concat([kept, ...this.#further])
    this.length = this.#used = 0
    this.#further = []
    if (!this.#isReused) this.#memory = NOTHING
    return line
  }

  #grow(size: number): void {
    const memory = Buffer.allocUnsafe(size)
    this.#memory.copy(memory, 0, 0, this.#used)
    this.#memory = memory
  }
}

const NOTHING = Buffer.alloc(0)
const MOST_KEPT_BYTES = 16_000_000
