// Reads the body of a call as it comes: bounded in size, and in how long nothing may come.

import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { messageOf } from '../../core/errors.ts'
import type { Json } from '../../core/json.ts'
import { ApiError, invalidRequest } from '../api-error.ts'

/** A body of which nothing came for so long is given up. */
const IDLE_MS = 30_000
/** The same where the answer is known already and only the client's sending is waited for. */
const DISCARD_IDLE_MS = 5000
/** What is too large is still taken in, so that the client gets to read why; up to a point. */
const MOST_DISCARDED = 1024 * 1024 * 1024

/** Bodies that were given up: nothing more of them is waited for. */
const givenUp = new WeakSet<IncomingMessage>()

/**
 * The body's chunks. Throws ApiError when it is encoded, stalls, ends early, or is larger than `maxBytes`; in the last
 * case only after the rest was taken in and thrown away.
 */
export async function* bodyChunks(incoming: IncomingMessage, maxBytes: number): AsyncGenerator<Buffer> {
  const encoding = incoming.headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') {
    throw new ApiError(400, 'invalid_request_error', `Content-Encoding "${encoding}" is not supported.`, {
      details: { error_code: 'request_body_encoding_unsupported' },
    })
  }
  let bytes = 0
  for await (const chunk of arriving(incoming, IDLE_MS)) {
    bytes += chunk.length
    if (bytes > maxBytes) {
      await discardBody(incoming)
      throw new ApiError(413, 'request_too_large', 'Request exceeds the maximum allowed number of bytes.')
    }
    yield chunk
  }
}

/** Takes in what is left of a body and forgets it. Never throws. */
export async function discardBody(incoming: IncomingMessage): Promise<void> {
  let bytes = 0
  try {
    for await (const chunk of arriving(incoming, DISCARD_IDLE_MS)) {
      bytes += chunk.length
      if (bytes > MOST_DISCARDED) break
    }
  } catch {
    // It ended early or stalled: there is nothing left to take in.
  }
}

async function* arriving(incoming: IncomingMessage, idleMs: number): AsyncGenerator<Buffer> {
  while (!incoming.readableEnded && !givenUp.has(incoming)) {
    const chunk = incoming.read() as Buffer | null
    if (chunk !== null) yield chunk
    else if (incoming.destroyed) throw invalidRequest('The request body ended before it was complete.')
    else if ((await somethingHappens(incoming, idleMs)) === 'nothing') {
      givenUp.add(incoming)
      throw new ApiError(408, 'timeout_error', 'The request body did not arrive in time.')
    }
  }
}

/** Waits for bytes, the end, or the client's going away. */
function somethingHappens(incoming: IncomingMessage, idleMs: number): Promise<'something' | 'nothing'> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => finish('nothing'), idleMs)
    const happened = () => finish('something')
    const events = ['readable', 'end', 'error', 'close'] as const
    for (const event of events) incoming.on(event, happened)
    function finish(what: 'something' | 'nothing') {
      clearTimeout(timer)
      for (const event of events) incoming.off(event, happened)
      resolve(what)
    }
  })
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
