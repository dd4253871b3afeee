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
  let held: Buffer[] = []
  let heldBytes = 0
  let lineNumber = 1
  for await (const piece of pieces) {
    const block = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)
    const lines: Buffer[] = []
    let start = 0
    for (let end = block.indexOf(NEWLINE); end >= 0; end = block.indexOf(NEWLINE, start)) {
      const line = block.subarray(start, end)
      if (heldBytes > 0) {
        lines.push(Buffer.concat([...held, line]))
        held = []
        heldBytes = 0
      } else lines.push(line)
      start = end + 1
    }
    lineNumber += lines.length
    if (start < block.length) {
      // Copied, because the reader may fill the same memory again.
      held.push(Buffer.from(block.subarray(start)))
      heldBytes += block.length - start
      if (heldBytes > maxBytes) throw tooLong(lineNumber)
    }
    if (lines.length > 0) yield lines
  }
  if (heldBytes > 0) yield [Buffer.concat(held)]
}
