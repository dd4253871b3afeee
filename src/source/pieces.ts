// The bytes of a file, a piece at a time, unpacked where its name ends in .gz.

import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { UserError } from '../core/errors.ts'
import type { SourceFile } from './files-of.ts'

const PIECE_BYTES = 256 * 1024

/**
 * Throws UserError for a damaged or cut-off .gz, for gzip without the ending, and the signal's reason when it aborts.
 * Closes the file when the reader stops early.
 */
export async function* readPieces(file: SourceFile, signal: AbortSignal): AsyncGenerator<Buffer> {
  signal.throwIfAborted()
  const stored = createReadStream(file.absolute, { highWaterMark: PIECE_BYTES })
  const isPacked = isPackedName(file.path)
  const bytes = isPacked ? createGunzip({ chunkSize: PIECE_BYTES }) : stored
  if (isPacked) {
    stored.on('error', (error) => bytes.destroy(error))
    stored.pipe(bytes as ReturnType<typeof createGunzip>)
  }
  let isFirst = true
  try {
    for await (const piece of bytes as AsyncIterable<Buffer>) {
      signal.throwIfAborted()
      if (isFirst && !isPacked && piece[0] === 0x1f && piece[1] === 0x8b) throw packedWithoutName(file)
      isFirst = false
      yield piece
    }
  } catch (error) {
    throw isPacked ? readable(error, file) : error
  } finally {
    stored.destroy()
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
