// Hands a stream of bytes on while it is being written: one piece is gathered while the other goes to the disk.

/** So much is handed on at once. */
const PIECE_BYTES = 1 << 19

/** Memory of streams that have ended, for the next: taken anew for each, it would keep the garbage collector running. */
const spares: Buffer[] = []
const MAX_SPARES = 8

/**
 * Yields the bytes in pieces of about half a mebibyte, each good until the next is asked for. When the stream has ended all of
 * it has been written. Throws what writing throws.
 */
export async function* writtenPieces(
  pieces: AsyncIterable<Uint8Array>,
  file: { write(bytes: Uint8Array): Promise<void> },
): AsyncGenerator<Uint8Array> {
  let filling = spares.pop() ?? Buffer.allocUnsafeSlow(PIECE_BYTES)
  let spare = spares.pop() ?? Buffer.allocUnsafeSlow(PIECE_BYTES)
  let used = 0
  let writing: Promise<{ readonly error: unknown } | undefined> | undefined
  const written = async (): Promise<void> => {
    const failure = await writing
    if (failure !== undefined) throw failure.error
  }
  const start = (bytes: Uint8Array): void => {
    // It never rejects, so that nobody has to wait for it at once.
    writing = file.write(bytes).then(
      () => undefined,
      (error: unknown) => ({ error }),
    )
  }
  try {
    for await (const piece of pieces) {
      for (let at = 0; at < piece.length; ) {
        const taken = Math.min(piece.length - at, PIECE_BYTES - used)
        filling.set(piece.subarray(at, at + taken), used)
        used += taken
        at += taken
        if (used < PIECE_BYTES) continue
        await written()
        start(filling)
        yield filling
        ;[filling, spare] = [spare, filling]
        used = 0
      }
    }
    await written()
    if (used === 0) return
    start(filling.subarray(0, used))
    yield filling.subarray(0, used)
    await written()
  } finally {
    // Whoever gives up may close the file: nothing writes any more then.
    await writing
    if (spares.length < MAX_SPARES) spares.push(filling, spare)
  }
}
