// Takes in an uploaded file: straight to disk.

import { createHash } from 'node:crypto'
import { type FileHandle, open, rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { invalidRequest } from '../api-error.ts'
import { bodyChunks } from './body.ts'
import { boundaryOf, multipartEvents } from './multipart.ts'

const MAX_FILE_BYTES = 500 * 1024 * 1024
/** What stands around the file in the body. */
const MAX_FRAME_BYTES = 64 * 1024
const MAX_FIELD_BYTES = 1024
const MIN_EXPIRY_SECONDS = 3600
const MAX_EXPIRY_SECONDS = 7_776_000

export interface ReceivedFile {
  /** Holds `content`, on disk. */
  readonly folder: string
  readonly filename: string
  readonly mediaType: string
  readonly bytes: number
  readonly digest: string
  readonly expiresInSeconds: number | undefined
}

/** Throws ApiError, and leaves nothing behind, for a body without a file. */
export async function receiveFile(incoming: IncomingMessage, folder: string): Promise<ReceivedFile> {
  const content = await open(join(folder, 'content'), 'wx')
  try {
    const received = await receive(incoming, content)
    await content.sync()
    return { folder, ...received }
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  } finally {
    await content.close()
  }
}

async function receive(incoming: IncomingMessage, content: FileHandle): Promise<Omit<ReceivedFile, 'folder'>> {
  const boundary = boundaryOf(incoming.headers['content-type'])
  const hash = createHash('sha256')
  let bytes = 0
  let field = ''
  let file: { readonly filename: string | undefined; readonly mediaType: string | undefined } | undefined
  let expiry = ''
  const chunks = bodyChunks(incoming, MAX_FILE_BYTES + MAX_FRAME_BYTES)
  for await (const event of multipartEvents(chunks, boundary)) {
    if (event.type === 'part') {
      field = event.name
      if (field === 'file') {
        if (file !== undefined) throw invalidRequest('file: Only one file may be uploaded at a time')
        file = event
      }
    } else if (field === 'file') {
      hash.update(event.bytes)
      bytes += event.bytes.length
      await writeAll(content, event.bytes)
    } else if (field === 'expires_in_seconds' && expiry.length < MAX_FIELD_BYTES)
      expiry += event.bytes.toString('latin1')
  }
  if (file === undefined) throw invalidRequest('file: Field required')
  if (bytes === 0) throw invalidRequest('file: The uploaded file is empty')
  const mediaType = mediaTypeOf(file.mediaType, file.filename)
  return {
    filename: filenameOf(file.filename, mediaType),
    mediaType,
    bytes,
    digest: hash.digest('hex'),
    expiresInSeconds: readExpiry(expiry),
  }
}

function readExpiry(text: string): number | undefined {
  if (text === '') return undefined
  const seconds = Number(text)
  if (!Number.isInteger(seconds)) throw invalidRequest('expires_in_seconds: Input should be a valid integer')
  if (seconds < MIN_EXPIRY_SECONDS || seconds > MAX_EXPIRY_SECONDS) {
    throw invalidRequest(
      `expires_in_seconds: Input should be between ${MIN_EXPIRY_SECONDS} and ${MAX_EXPIRY_SECONDS}, not ${seconds}`,
    )
  }
  return seconds
}

const EXTENSIONS: Readonly<Record<string, string>> = {
  pdf: 'application/pdf',
  txt: 'text/plain',
  md: 'text/plain',
  csv: 'text/csv',
  json: 'application/json',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
}

/** What the part says; where it says nothing in particular, what the name's ending says. */
function mediaTypeOf(given: string | undefined, filename: string | undefined): string {
  if (given !== undefined && given !== 'application/octet-stream') return given
  const extension = filename?.split('.').at(-1)?.toLowerCase() ?? ''
  return EXTENSIONS[extension] ?? 'application/octet-stream'
}

/** Only the last component of a path is kept. */
function filenameOf(given: string | undefined, mediaType: string): string {
  const last = given?.split(/[\\/]/).at(-1) ?? ''
  if (last !== '') return last
  const extension = Object.entries(EXTENSIONS).find(([, type]) => type === mediaType)?.[0]
  return extension === undefined ? 'unnamed' : `unnamed.${extension}`
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    written += (await file.write(bytes, written, bytes.length - written)).bytesWritten
  }
}
