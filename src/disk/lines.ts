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
  #memory = Buffer.alloc(0)
  readonly #isReused: boolean

  constructor(isReused: boolean) {
    this.#isReused = isReused
  }

  add(bytes: Buffer): void {
    const length = this.length + bytes.length
    if (length > this.#memory.length) {
      // Room for as much again: a long line comes in many pieces.
      const memory = Buffer.allocUnsafe(this.length === 0 ? length : 2 * length)
      this.#memory.copy(memory, 0, 0, this.length)
      this.#memory = memory
    }
    bytes.copy(this.#memory, this.length)
    this.length = length
  }

  take(): Buffer {
    const line = this.#memory.subarray(0, this.length)
    this.length = 0
    if (!this.#isReused || this.#memory.length > MOST_KEPT_BYTES) this.#memory = Buffer.alloc(0)
    return line
  }
}

const MOST_KEPT_BYTES = 64_000_000
