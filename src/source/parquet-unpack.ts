// Unpacks the pages of a Parquet file: small ones at once, large ones piece by piece where their codec can do that.

import type { FileHandle } from 'node:fs/promises'
import { type Duplex, pipeline } from 'node:stream'
import * as zlib from 'node:zlib'
import { type ColumnMetaData, compressors, decompressPage, snappyUncompress } from './hyparquet.ts'
import { PageBytes } from './page-bytes.ts'
import { piecesOf, readBytes } from './parquet-bytes.ts'
import { FarReferenceError, unpackSnappy } from './snappy.ts'
import { unpackZstd } from './zstd.ts'

/** Where a page, or its packed part, stands in the file, and how it is packed. */
export interface PackedPage {
  readonly start: number
  readonly packedSize: number
  /** Unpacked. */
  readonly size: number
  readonly codec: ColumnMetaData['codec']
}

/** Some writers put a million rows into one page; the others make pages of about a megabyte. */
const SMALL_PAGE_BYTES = 512 * 1024

/** Throws whatever the decoders throw for damaged bytes; so does reading on in what is returned. */
export async function unpackPage(file: FileHandle, page: PackedPage): Promise<PageBytes> {
  const { start, packedSize, size, codec } = page
  const isLarge = size > SMALL_PAGE_BYTES
  if (isLarge && codec === 'SNAPPY') return new PageBytes(snappyPieces(file, page), size)
  if (isLarge && codec === 'UNCOMPRESSED') return new PageBytes(piecesOf(file, start, packedSize), size)
  const inflate = isLarge ? INFLATERS[codec] : undefined
  if (inflate !== undefined) return new PageBytes(inflated(file, page, inflate), size)
  if (isLarge && codec === 'ZSTD') return new PageBytes(unpackZstd(piecesOf(file, start, packedSize)), size)
  return new PageBytes(decompressPage(await readBytes(file, start, packedSize), size, codec, compressors), size)
}

/** Newer versions of Node know Zstandard. */
const { createZstdDecompress } = zlib as { readonly createZstdDecompress?: () => Duplex }

const INFLATERS: Readonly<Partial<Record<ColumnMetaData['codec'], () => Duplex>>> = {
  GZIP: zlib.createGunzip,
  BROTLI: zlib.createBrotliDecompress,
  ...(createZstdDecompress === undefined ? {} : { ZSTD: createZstdDecompress }),
}

async function* inflated(file: FileHandle, page: PackedPage, inflate: () => Duplex): AsyncGenerator<Uint8Array> {
  const inflater = inflate()
  // Errors, also those of reading, are thrown to whoever reads the end of the line.
  pipeline(piecesOf(file, page.start, page.packedSize), inflater, () => undefined)
  yield* inflater
}

async function* snappyPieces(file: FileHandle, page: PackedPage): AsyncGenerator<Uint8Array> {
  let given = 0
  try {
    for await (const piece of unpackSnappy(piecesOf(file, page.start, page.packedSize), page.size)) {
      yield piece
      given += piece.length
    }
  } catch (error) {
    if (!(error instanceof FarReferenceError)) throw error
    const packed = await readBytes(file, page.start, page.packedSize)
    const whole = new Uint8Array(page.size)
    snappyUncompress(packed, whole)
    yield whole.subarray(given)
  }
}
