// A document's bytes on their way into a request, checked against what was planned.

import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { TextDecoder } from 'node:util'
import type { DocumentRef } from '../core/prompt.ts'
import { textDecoderFor } from './text-encoding.ts'

/** A document that is no longer what was planned; nothing of its request may be sent. */
export class DocumentChangedError extends Error {
  readonly path: string
  constructor(path: string, what: string, options?: ErrorOptions) {
    super(`The document ${path} ${what} since it was planned.`, options)
    this.name = 'DocumentChangedError'
    this.path = path
  }
}

/** A multiple of 3, so that each block's base64 is complete in itself. */
const BLOCK_BYTES = 192 * 1024

/**
 * The characters that stand between the quotes of the document's JSON string, `ref.bytes` in all. Throws
 * DocumentChangedError before the last of them when the file is gone or its size or digest differ.
 */
export async function* openDocument(
  ref: DocumentRef,
  folders: { readonly root: string; readonly run: string },
): AsyncGenerator<Uint8Array> {
  const encode = ref.encoding === 'base64' ? encodeBase64 : encodeText
  let held: Uint8Array | undefined
  for await (const piece of encode(readChecked(ref, join(folders[ref.base], ref.path)))) {
    if (held !== undefined) yield held
    held = piece
  }
  // Only here every byte has been checked.
  if (held !== undefined) yield held
}

/**
 * The document's own bytes, for an upload: a PDF or image as it is, a text as UTF-8. Throws DocumentChangedError before
 * the last of them like `openDocument`.
 */
export async function* openRaw(
  ref: DocumentRef,
  folders: { readonly root: string; readonly run: string },
): AsyncGenerator<Uint8Array> {
  const blocks = readChecked(ref, join(folders[ref.base], ref.path))
  let held: Uint8Array | undefined
  for await (const piece of ref.encoding === 'text' ? decodedText(blocks) : blocks) {
    if (held !== undefined) yield held
    held = piece
  }
  if (held !== undefined) yield held
}

async function* decodedText(blocks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let decoder: TextDecoder | undefined
  for await (const block of blocks) {
    decoder ??= textDecoderFor(block)
    yield Buffer.from(decoder.decode(block, { stream: true }))
  }
  if (decoder !== undefined) yield Buffer.from(decoder.decode())
}

/** The file's bytes in full blocks; throws at the end of the file unless it was the planned one. */
async function* readChecked(ref: DocumentRef, path: string): AsyncGenerator<Buffer> {
  if (ref.size <= BLOCK_BYTES) {
    yield readSmall(ref, path)
    return
  }
  const file = await open(path, 'r').catch((error: unknown) => {
    throw unlessRemoved(error, ref)
  })
  try {
    const { size } = await file.stat()
    if (size !== ref.size) throw changedSize(ref, size)
    const hash = createHash('sha256')
    let total = 0
    for (;;) {
      const block = Buffer.allocUnsafe(BLOCK_BYTES)
      let length = 0
      while (length < BLOCK_BYTES) {
        const { bytesRead } = await file.read(block, length, BLOCK_BYTES - length, total + length)
        if (bytesRead === 0) break
        length += bytesRead
      }
      if (length === 0) break
      total += length
      if (total > ref.size) throw changedSize(ref, total)
      const bytes = block.subarray(0, length)
      hash.update(bytes)
      yield bytes
    }
    if (total !== ref.size) throw changedSize(ref, total)
    if (hash.digest('hex') !== ref.digest) throw changedContent(ref)
  } finally {
    await file.close()
  }
}

/** At once: by way of the pool of threads a small document takes ten times as long, and a batch may have thousands. */
function readSmall(ref: DocumentRef, path: string): Buffer {
  let bytes: Buffer
  try {
    // Before it is opened: what is no file any more might keep us waiting.
    const { size } = statSync(path)
    if (size !== ref.size) throw changedSize(ref, size)
    bytes = readFileSync(path)
  } catch (error) {
    throw unlessRemoved(error, ref)
  }
  if (bytes.length !== ref.size) throw changedSize(ref, bytes.length)
  if (createHash('sha256').update(bytes).digest('hex') !== ref.digest) throw changedContent(ref)
  return bytes
}

function unlessRemoved(error: unknown, { path }: DocumentRef): unknown {
  const isGone = (error as NodeJS.ErrnoException).code === 'ENOENT'
  return isGone ? new DocumentChangedError(path, 'was removed', { cause: error }) : error
}

function changedContent({ path }: DocumentRef): DocumentChangedError {
  return new DocumentChangedError(path, 'has changed its content')
}

function changedSize(ref: DocumentRef, size: number): DocumentChangedError {
  return new DocumentChangedError(ref.path, `has changed from ${ref.size} to ${size} bytes`)
}

async function* encodeBase64(blocks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const block of blocks) yield Buffer.from(block.toString('base64'), 'latin1')
}

async function* encodeText(blocks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let decoder: TextDecoder | undefined
  for await (const block of blocks) {
    decoder ??= textDecoderFor(block)
    // A decoder holds back a character whose bytes are not all there, so no pair of surrogates is cut.
    yield escaped(decoder.decode(block, { stream: true }))
  }
  if (decoder !== undefined) yield escaped(decoder.decode())
}

function escaped(text: string): Buffer {
  return Buffer.from(JSON.stringify(text).slice(1, -1))
}
