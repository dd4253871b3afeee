// Reads the body of a call as it comes: bounded in size, and in how long nothing may come.

import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { messageOf } from '../../core/errors.ts'
import type { Json } from '../../core/json.ts'
import { ApiError, invalidRequest } from '../api-error.ts'

/** A body of which nothing came for so long is given up. */
const IDLE_MS = 30_000
/** What is too large is still taken in, so that the client gets to read why; up to a point. */
const MOST_DISCARDED = 1024 * 1024 * 1024

/**
 * The body's chunks. Throws ApiError when it is encoded, stalls, ends early, or is larger than `maxBytes`; in the last
 * case only after the rest was taken in and thrown away.
 */
export async function* bodyChunks(incoming: IncomingMessage, maxBytes: number): AsyncGenerator<Buffer> {
  const encoding = incoming.headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') {
    await discardBody(incoming)
    throw new ApiError(400, 'invalid_request_error', `Content-Encoding "${encoding}" is not supported.`, {
      details: { error_code: 'request_body_encoding_unsupported' },
    })
  }
  const stalled = new ApiError(408, 'timeout_error', 'The request body did not arrive in time.')
  const timer = setTimeout(() => incoming.destroy(stalled), IDLE_MS)
  let bytes = 0
  try {
    for await (const chunk of incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      timer.refresh()
      bytes += chunk.length
      if (bytes > maxBytes + MOST_DISCARDED) break
      if (bytes <= maxBytes) yield chunk
    }
  } catch (error) {
    if (error instanceof ApiError) throw error
    throw invalidRequest('The request body ended before it was complete.')
  } finally {
    clearTimeout(timer)
  }
  if (bytes > maxBytes) {
    throw new ApiError(413, 'request_too_large', 'Request exceeds the maximum allowed number of bytes.')
  }
}

/** Takes in what is left of a body and forgets it. Never throws. */
export async function discardBody(incoming: IncomingMessage): Promise<void> {
  if (incoming.readableEnded || incoming.destroyed) return
  let bytes = 0
  const timer = setTimeout(() => incoming.destroy(), IDLE_MS)
  try {
    for await (const chunk of incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      timer.refresh()
      bytes += chunk.length
      if (bytes > MOST_DISCARDED) break
    }
  } catch {
    // It ended early: there is nothing left to take in.
  } finally {
    clearTimeout(timer)
  }
}

/** What was read already: faults that match a call's text read it before its route does. */
const read = new WeakMap<IncomingMessage, Promise<Json>>()

/** Throws ApiError when it is no JSON. Reads a body once, however often it is called. */
export function readJson(incoming: IncomingMessage, maxBytes: number): Promise<Json> {
  const known = read.get(incoming)
  if (known !== undefined) return known
  const reading = parseJson(incoming, maxBytes)
  read.set(incoming, reading)
  return reading
}

async function parseJson(incoming: IncomingMessage, maxBytes: number): Promise<Json> {
  const text = await readText(incoming, maxBytes)
  try {
    return JSON.parse(text) as Json
  } catch (error) {
    throw notJson(messageOf(error))
  }
}

export async function readText(incoming: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of bodyChunks(incoming, maxBytes)) chunks.push(chunk)
  const bytes = Buffer.concat(chunks)
  if (!isUtf8(bytes)) throw notJson('invalid UTF-8')
  return bytes.toString('utf8')
}

export function notJson(reason: string): ApiError {
  return invalidRequest(`The request body is not valid JSON: ${reason}`)
}
