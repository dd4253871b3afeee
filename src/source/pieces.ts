// The bytes of a file, a piece at a time, unpacked where its name ends in .gz.

import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { createGunzip } from 'node:zlib'
import { UserError } from '../core/errors.ts'
import type { SourceFile } from './files-of.ts'

const PIECE_BYTES = 256 * 1024

/**
 * A piece is good until the next is asked for: its memory may be used again. Throws UserError for a damaged or cut-off
 * .gz, for gzip without the ending, and the signal's reason when it aborts. Closes the file when the reader stops early.
 */
export async function* readPieces(file: SourceFile, signal: AbortSignal): AsyncGenerator<Buffer> {
  signal.throwIfAborted()
  const isPacked = isPackedName(file.path)
  let isFirst = true
  for await (const piece of isPacked ? unpacked(file) : stored(file)) {
    signal.throwIfAborted()
    if (isFirst && !isPacked && piece[0] === 0x1f && piece[1] === 0x8b) throw packedWithoutName(file)
    isFirst = false
    yield piece
  }
}

/** Reads one piece while the one before is used, into the same two stretches of memory again and again. */
async function* stored(file: SourceFile): AsyncGenerator<Buffer> {
  const handle = await open(file.absolute)
  let reading: Promise<Buffer> | undefined
  try {
    let free: Buffer = Buffer.allocUnsafeSlow(PIECE_BYTES)
    reading = read(handle, Buffer.allocUnsafeSlow(PIECE_BYTES))
    for (let piece = await reading; piece.length > 0; piece = await reading) {
      reading = read(handle, free)
      yield piece
      free = Buffer.from(piece.buffer)
    }
  } finally {
    // Nobody may wait for it any more.
    await reading?.catch(() => undefined)
    await handle.close()
  }
}

async function read(handle: FileHandle, into: Buffer): Promise<Buffer> {
  const { bytesRead } = await handle.read(into, 0, into.length)
  return into.subarray(0, bytesRead)
}

async function* unpacked(file: SourceFile): AsyncGenerator<Buffer> {
  const packed = createReadStream(file.absolute, { highWaterMark: PIECE_BYTES })
  const bytes = createGunzip({ chunkSize: PIECE_BYTES })
  packed.on('error', (error) => bytes.destroy(error))
  packed.pipe(bytes)
  try {
    yield* bytes as AsyncIterable<Buffer>
  } catch (error) {
    throw readable(error, file)
  } finally {
    packed.destroy()
    bytes.destroy()
  }
}

/** The name without its .gz. */
export function unpackedName(path: string): string {
  return path.replace(/\.gz$/i, '')
}

function isPackedName(path: string): boolean {
  return unpackedName(path) !== path
}

function packedWithoutName(file: SourceFile): UserError {
  return new UserError({
    message: `${file.path} is compressed with gzip, but its name does not end in .gz.`,
    hint: `Rename it to ${file.path}.gz, or unpack it.`,
    file: file.path,
  })
}

function readable(error: unknown, file: SourceFile): unknown {
  const code = (error as NodeJS.ErrnoException | undefined)?.code
  if (code !== 'Z_DATA_ERROR' && code !== 'Z_BUF_ERROR') return error
  const what = code === 'Z_BUF_ERROR' ? 'is cut off: the gzip data ends too early' : 'is damaged or not gzip data'
  return new UserError({
    message: `${file.path} ${what}.`,
    hint: 'Pack or copy the file again; `gzip -t` checks it.',
    file: file.path,
  })
}
