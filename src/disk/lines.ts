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
 */
export async function* wholeLines(
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  maxBytes: number,
  tooLong: () => Error,
): AsyncGenerator<Buffer> {
  let held: Buffer[] = []
  let heldBytes = 0
  for await (const piece of pieces) {
    const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)
    let start = 0
    if (heldBytes > 0) {
      const end = bytes.indexOf(NEWLINE)
      if (end >= 0) {
        yield Buffer.concat([...held, bytes.subarray(0, end + 1)])
        held = []
        heldBytes = 0
        start = end + 1
      }
    }
    const last = heldBytes > 0 ? -1 : bytes.lastIndexOf(NEWLINE)
    if (last >= start) {
      yield bytes.subarray(start, last + 1)
      start = last + 1
    }
    if (start < bytes.length) {
      // Copied, because the reader may fill the same memory again.
      held.push(Buffer.from(bytes.subarray(start)))
      heldBytes += bytes.length - start
      if (heldBytes > maxBytes) throw tooLong()
    }
  }
  if (heldBytes > 0) yield Buffer.concat(held)
}
