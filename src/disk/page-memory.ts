// Writing and reading past the system's cache (O_DIRECT): the disk itself takes bytes from our memory and puts them there. It
// asks for memory that begins where a page begins, and for places in the file and lengths that are multiples of blocks.

import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'

/** Bytes of one piece, read or written. Measured: a disk takes pieces of this size as fast as larger ones. */
export const PIECE_BYTES = 1 << 20
/** No disk has larger ones. */
export const BLOCK_BYTES = 4096

const MAX_SPARES = 4
const WASM_PAGE_BYTES = 65_536

/** Pieces that nobody uses now: taken anew for every file, they would keep the garbage collector running. */
const spares: Buffer[] = []

export function takePiece(): Buffer {
  return spares.pop() ?? pageMemory(PIECE_BYTES)
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

/** Memory of its own that begins with a page, of at least so many bytes; only what is used of it is really there. */
export function pageMemory(bytes: number): Buffer {
  try {
    // The only memory of JavaScript's that surely begins so.
    return Buffer.from(new WebAssembly.Memory({ initial: Math.ceil(bytes / WASM_PAGE_BYTES) }).buffer)
  } catch {
    // Where address space is bounded; what is written from here goes through the cache.
    return Buffer.allocUnsafeSlow(bytes)
  }
}

/** Numbers that only some systems have. */
const { O_DIRECT } = constants as { readonly O_DIRECT?: number }

/**
 * null: this system or this file system has no such way.
 *
 * @param flags for reading or for writing
 */
export async function openDirect(path: string, flags: number): Promise<FileHandle | null> {
  if (O_DIRECT === undefined) return null
  try {
    return await open(path, flags | O_DIRECT)
  } catch {
    return null
  }
}
