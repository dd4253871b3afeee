// Zstandard, piece by piece, for versions of Node that do not know it.

import { Decompress } from 'fzstd'

/** The unpacked bytes of a Zstandard frame that comes in pieces. Throws fzstd's errors for damaged bytes. */
export async function* unpackZstd(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let unpacked: Uint8Array[] = []
  const decompress = new Decompress((piece) => unpacked.push(piece))
  for await (const piece of packed) {
    decompress.push(piece)
    yield* unpacked
    unpacked = []
  }
  decompress.push(new Uint8Array(0), true)
  yield* unpacked
}
