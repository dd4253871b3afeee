// Bytes of a Parquet file, and what is wrong with them.

import type { FileHandle } from 'node:fs/promises'

/** What is wrong with a file, in words that follow its name. */
export class ParquetError extends Error {}

/** Throws ParquetError where the file ends before. */
export async function readBytes(file: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafeSlow(Math.max(0, length))
  let read = 0
  while (read < bytes.length) {
    const { bytesRead } = await file.read(bytes, read, bytes.length - read, position + read)
    if (bytesRead === 0) throw new ParquetError('is cut off')
    read += bytesRead
  }
  return bytes
}

const PIECE_BYTES = 128 * 1024

/** The bytes one after the other, each piece with its own memory. Throws ParquetError as `readBytes` does. */
export async function* piecesOf(file: FileHandle, position: number, length: number): AsyncGenerator<Uint8Array> {
  for (let done = 0; done < length; done += PIECE_BYTES)
    yield await readBytes(file, position + done, Math.min(PIECE_BYTES, length - done))
}

export function damaged(where: string, cause: unknown): ParquetError {
  return cause instanceof ParquetError ? cause : new ParquetError(`is damaged: ${where} (${String(cause)})`, { cause })
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
