// Takes in the body of a create call: straight to disk, split into requests on the way.

import { createHash } from 'node:crypto'
import { type FileHandle, open, rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { invalidRequest } from '../api-error.ts'
import type { BatchStore } from '../state/batch-store.ts'
import { type IndexedRequest, RequestIndexWriter } from '../state/request-index.ts'
import { RequestSplitter } from '../state/request-splitter.ts'
import { JsonSyntaxError } from '../state/scan-listener.ts'
import { Utf8Check } from '../state/utf8-check.ts'
import { bodyChunks, notJson } from './body.ts'

export const MAX_BATCH_REQUESTS = 100_000
/** Whether the provider means 10^6 or 2^20 is not known; the larger is the one that refuses nobody wrongly. */
export const MAX_BATCH_BYTES = 256 * 1024 * 1024

export interface ReceivedBatch {
  /** Holds `requests.json` and `index`, both on disk. */
  readonly folder: string
  readonly requests: number
  readonly bytes: number
  readonly digest: string
  readonly maxInMemoryBytes: number
}

/** Throws ApiError, and leaves nothing behind, for a body that is not a batch. */
export async function receiveBatch(incoming: IncomingMessage, store: BatchStore): Promise<ReceivedBatch> {
  const folder = await store.newIncoming()
  const body = await open(join(folder, 'requests.json'), 'wx')
  const index = await RequestIndexWriter.create(join(folder, 'index'))
  try {
    const received = await receive(incoming, body, index)
    await body.sync()
    await index.commit()
    return { folder, ...received }
  } catch (error) {
    await index.close()
    await rm(folder, { recursive: true, force: true })
    throw error
  } finally {
    await body.close()
  }
}

async function receive(
  incoming: IncomingMessage,
  body: FileHandle,
  index: RequestIndexWriter,
): Promise<Omit<ReceivedBatch, 'folder'>> {
  const found: IndexedRequest[] = []
  const splitter = new RequestSplitter(MAX_BATCH_REQUESTS, (request) => found.push(request))
  const utf8 = new Utf8Check()
  const hash = createHash('sha256')
  let bytes = 0
  let maxInMemoryBytes = 0
  let broken: Error | undefined
  const check = (work: () => void) => {
    try {
      if (broken === undefined) work()
    } catch (error) {
      if (!(error instanceof JsonSyntaxError)) throw error
      broken = notJson(error.message)
    }
  }
  for await (const chunk of bodyChunks(incoming, MAX_BATCH_BYTES)) {
    bytes += chunk.length
    maxInMemoryBytes = Math.max(maxInMemoryBytes, chunk.length)
    check(() => {
      if (!utf8.push(chunk)) throw new JsonSyntaxError('invalid UTF-8', bytes - chunk.length)
      splitter.push(chunk)
    })
    // A body that is wrong is still taken in, so that the client gets to read why; it is not kept.
    if (broken !== undefined || splitter.problem !== undefined) continue
    hash.update(chunk)
    await writeAll(body, chunk)
    for (const request of found.splice(0)) {
      const full = index.add(request)
      if (full !== undefined) await full
    }
  }
  check(() => {
    if (!utf8.end()) throw new JsonSyntaxError('invalid UTF-8', bytes)
    splitter.end()
  })
  if (broken !== undefined) throw broken
  if (splitter.problem !== undefined) throw invalidRequest(splitter.problem)
  return { requests: index.count, bytes, digest: hash.digest('hex'), maxInMemoryBytes }
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    written += (await file.write(bytes, written, bytes.length - written)).bytesWritten
  }
}
