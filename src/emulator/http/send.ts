// Sends a reply, or as much of it as the fault leaves.

import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import type { CallFault } from '../faults/fault.ts'
import type { Reply } from './call.ts'

const FILE_PIECE = 256 * 1024

export async function sendReply(
  outgoing: ServerResponse,
  reply: Reply,
  headers: Readonly<Record<string, string>>,
  fault: CallFault | undefined,
): Promise<void> {
  const { body } = reply
  const all = { ...headers, ...reply.headers }
  const most = fault?.truncateBytes ?? Number.POSITIVE_INFINITY
  if (fault?.cut !== undefined && fault.truncateBytes === undefined) {
    outgoing.destroy()
    return
  }
  if ('file' in body) {
    // Opened before the status is sent: a missing file is an error and not an empty answer.
    await stat(body.file)
    outgoing.writeHead(reply.status ?? 200, { ...all, 'content-type': body.mediaType })
    await writePieces(outgoing, createReadStream(body.file, { highWaterMark: FILE_PIECE }), most)
  } else if ('events' in body) {
    outgoing.writeHead(reply.status ?? 200, { ...all, 'content-type': 'text/event-stream; charset=utf-8' })
    await writePieces(outgoing, pieces(body.events), most)
  } else {
    const text = 'json' in body ? JSON.stringify(body.json) : body.text
    const mediaType = 'json' in body ? 'application/json' : body.mediaType
    const bytes = Buffer.from(text)
    // A length that is promised and not kept is how a cut shows.
    const length = fault?.cut === undefined ? Math.min(bytes.length, most) : bytes.length
    outgoing.writeHead(reply.status ?? 200, { ...all, 'content-type': mediaType, 'content-length': String(length) })
    await writePieces(outgoing, [bytes], most)
  }
  if (fault?.cut !== undefined) outgoing.destroy()
  else await end(outgoing)
}

function end(outgoing: ServerResponse): Promise<void> {
  if (outgoing.destroyed) return Promise.resolve()
  return new Promise((resolve) => {
    outgoing.once('close', resolve)
    outgoing.end(resolve)
  })
}

function* pieces(texts: Iterable<string>): Generator<Buffer> {
  for (const text of texts) yield Buffer.from(text)
}

/** Stops quietly when the client has gone. */
async function writePieces(
  outgoing: ServerResponse,
  source: AsyncIterable<Buffer> | Iterable<Buffer>,
  most: number,
): Promise<void> {
  let left = most
  for await (const piece of source) {
    const part = piece.length > left ? piece.subarray(0, left) : piece
    left -= part.length
    if (outgoing.destroyed || !(await write(outgoing, part))) return
    if (left <= 0) return
  }
}

/** Resolves when the bytes are on their way; false: the client has gone. */
function write(outgoing: ServerResponse, bytes: Buffer): Promise<boolean> {
  return new Promise((resolve) => {
    const gone = () => resolve(false)
    outgoing.once('close', gone)
    outgoing.write(bytes, (error) => {
      outgoing.off('close', gone)
      resolve(error === undefined || error === null)
    })
  })
}
