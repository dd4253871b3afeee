// One GET, whose body is read into memory of our own where the answer is framed as most are, and by node:http where it is not.

import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { BodyFrame, type Head, readHead } from './http-frame.ts'
import { SocketPieces } from './socket-pieces.ts'

const CONNECT_WITHIN_MS = 30_000
/** What servers allow for the heads of requests too. */
const MAX_HEAD_BYTES = 65_536

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** The body as it travelled. Each piece is good until the next is asked for; ask once. Throws what broke it. */
  readonly pieces: AsyncIterable<Uint8Array>
  /** Ends the connection; with an error whoever waits for a piece is thrown that. */
  destroy(error?: Error): void
}

/** Any status is an answer. Throws where there is none. */
export async function get(url: URL, headers: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<Answer> {
  return (await plainGet(url, headers, signal)) ?? (await usualGet(url, headers, signal))
}

/** undefined: the answer is one that only node:http may understand. A GET may be asked again. */
async function plainGet(
  url: URL,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<Answer | undefined> {
  const connection = new SocketPieces(url, signal)
  let isOurs = false
  try {
    connection.send(requestText(url, headers))
    const found = await headOf(connection)
    const frame = found && BodyFrame.of(found.head)
    if (found === undefined || frame === undefined) return undefined
    isOurs = true
    const { status, headers: given } = found.head
    const pieces = bodyOf(connection, frame, found.rest)
    return { status, headers: given, pieces, destroy: (error) => connection.close(error) }
  } finally {
    if (!isOurs) connection.release()
  }
}

function requestText(url: URL, headers: Readonly<Record<string, string>>): string {
  const all = { host: url.host, ...headers, connection: 'close' }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `GET ${url.pathname}${url.search} HTTP/1.1\r\n${lines.join('')}\r\n`
}

/** The head, and what came with it of the body. undefined: it is not as we know it. */
async function headOf(connection: SocketPieces): Promise<{ head: Head; rest: Buffer } | undefined> {
  let bytes: Buffer = Buffer.alloc(0)
  for (;;) {
    const piece = await connection.next()
    if (piece === undefined) throw new Error('socket hang up')
    // Of several pieces only the last one is still good.
    bytes = bytes.length === 0 ? piece : Buffer.concat([bytes, piece])
    const head = readHead(bytes)
    if (head === null || (head === undefined && bytes.length > MAX_HEAD_BYTES)) return undefined
    if (head !== undefined) return { head, rest: bytes.subarray(head.end) }
    bytes = Buffer.from(bytes)
  }
}

async function* bodyOf(connection: SocketPieces, frame: BodyFrame, first: Buffer): AsyncGenerator<Uint8Array> {
  try {
    for (let came: Buffer | undefined = first; !frame.isDone; came = await connection.next()) {
      if (came === undefined) {
        if (frame.endsWithConnection) return
        throw new Error('aborted')
      }
      const piece = frame.take(came)
      if (piece.length > 0) yield piece
      if (frame.isDone) return
    }
  } finally {
    connection.release()
  }
}

function usualGet(
  url: URL,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const isSecure = url.protocol === 'https:'
    const options = { headers, agent: false as const, ...(signal ? { signal } : {}) }
    const request = (isSecure ? requestHttps : requestHttp)(url, options)
    const timer = setTimeout(() => {
      request.destroy(new Error(`${url.host} did not accept a connection within ${CONNECT_WITHIN_MS / 1000} s.`))
    }, CONNECT_WITHIN_MS)
    const stop = (): void => clearTimeout(timer)
    request.once('socket', (socket) => socket.once(isSecure ? 'secureConnect' : 'connect', stop))
    request.once('response', (response) => resolve(answerOf(response)))
    request.once('close', stop)
    // Later ones are the body's, which reports them itself.
    request.on('error', reject)
    request.end()
  })
}

function answerOf(response: IncomingMessage): Answer {
  const headers = Object.entries(response.headers).map(([name, value]) => [name, String(value)])
  return {
    status: response.statusCode ?? 0,
    headers: Object.fromEntries(headers),
    pieces: response,
    destroy: (error) => response.destroy(error),
  }
}
