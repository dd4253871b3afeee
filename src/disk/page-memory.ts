// Memory that begins where a page begins, which a disk asks for when it is to take bytes from there itself.

/** Bytes of one piece. Measured: a disk takes pieces of this size as fast as larger ones. */
export const PIECE_BYTES = 1 << 20
/** What the places and lengths of direct writes are multiples of: no disk has larger blocks. */
export const BLOCK_BYTES = 4096

const MAX_SPARES = 8
const WASM_PAGE_BYTES = 65_536

/** Pieces that nobody uses now: taken anew for every file, they would keep the garbage collector running. */
const spares: Buffer[] = []

export function takePiece(): Buffer {
  return spares.pop() ?? newPiece()
}

/** The piece may be taken by somebody else from now on. */
export function givePiece(piece: Buffer): void {
  if (piece.length === PIECE_BYTES && spares.length < MAX_SPARES) spares.push(piece)
}

/** What the types of Node.js do not name. */
const { WebAssembly } = globalThis as unknown as {
  readonly WebAssembly: {
    readonly Memory: new (size: { readonly initial: number }) => { readonly buffer: ArrayBuffer }
  }
}

function newPiece(): Buffer {
  try {
    // The only memory of JavaScript's that surely begins with a page.
    return Buffer.from(new WebAssembly.Memory({ initial: PIECE_BYTES / WASM_PAGE_BYTES }).buffer)
  } catch {
    // Where address space is bounded; what is written from here goes through the system's cache.
    return Buffer.allocUnsafeSlow(PIECE_BYTES)
  }
}
