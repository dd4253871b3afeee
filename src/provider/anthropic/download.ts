// A results file on its way here, as raw bytes: nothing is parsed, and a connection that falls silent is given up. By node:http,
// as the upload: fetch would take the key along to wherever it is redirected.

import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { pipeline, type Readable } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { messageOf } from '../../core/errors.ts'

const CONNECT_WITHIN_MS = 30_000
const IDLE_MS = 60_000
const MAX_REDIRECTS = 5
/** An error is one small object; an error page of a proxy may be longer. */
const MAX_ERROR_BYTES = 4 * 1024 * 1024

const DECODERS = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
} as const

/** One file. The call is the SDK's, which brings the headers and makes errors of what is no success; the body is read here. */
export class Download {
  readonly #what: string
  readonly #idleMs: number
  #body: Readable | undefined

  /** @param what names the file in an error */
  constructor(what: string, idleMs = IDLE_MS) {
    this.#what = what
    this.#idleMs = idleMs
  }

  /** A `fetch` for one call. The Response of a success has no body. */
  readonly fetch = async (url: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const response = await followed(new URL(url instanceof Request ? url.url : url), init)
    const status = response.statusCode ?? 0
    const headers = Object.entries(response.headers).map(([name, value]): [string, string] => [name, String(value)])
    const body = decoded(response)
    if (status < 200 || status >= 300) {
      const said = await beginning(body)
      // A status such as 304 has no body, and Response takes not even an empty one for it.
      return new Response(said.length === 0 ? null : said, { status, headers })
    }
    this.#body = body
    return new Response(null, { status, headers })
  }

  /** The body, until it ends, breaks, or falls silent; whatever happens, its connection is released. Ask once. */
  async *pieces(): AsyncGenerator<Uint8Array> {
    if (this.#body !== undefined) yield* watched(this.#body, this.#what, this.#idleMs)
  }
}

async function* watched(body: Readable, what: string, idleMs: number): AsyncGenerator<Uint8Array> {
  let heardAt = Date.now()
  // Only the server's silence counts: whoever reads may take as long as it likes.
  let isWaiting = true
  let silence: Error | undefined
  const watchdog = setInterval(() => {
    if (!isWaiting || Date.now() - heardAt < idleMs) return
    silence = new Error(`The download of ${what} fell silent for ${idleMs / 1000} s.`)
    body.destroy(silence)
  }, idleMs / 20)
  watchdog.unref()
  try {
    for await (const piece of body as AsyncIterable<Uint8Array>) {
      isWaiting = false
      yield piece
      isWaiting = true
      heardAt = Date.now()
    }
  } catch (error) {
    throw silence ?? new Error(`The download of ${what} broke off: ${wordsOf(error)}`, { cause: error })
  } finally {
    clearInterval(watchdog)
    body.destroy()
  }
}

/** The answer to a GET, at whatever place it is in the end. */
async function followed(target: URL, init: RequestInit): Promise<IncomingMessage> {
  let url = target
  for (let hops = 0; ; hops += 1) {
    const response = await get(url, headersFor(url, target, new Headers(init.headers)), init.signal ?? undefined)
    const { location } = response.headers
    if (location === undefined || !isRedirect(response.statusCode)) return response
    response.destroy()
    const next = new URL(location, url)
    if (hops === MAX_REDIRECTS) throw new Error(`${target.host} redirects more than ${MAX_REDIRECTS} times.`)
    if (next.protocol !== 'https:' && next.protocol !== target.protocol) {
      throw new Error(`${url.host} redirects to ${next.origin}, where nothing would be encrypted; it is not followed.`)
    }
    url = next
  }
}

/** What says who we are goes to the provider only, and to no place that it sends us to. */
function headersFor(url: URL, target: URL, headers: Headers): Record<string, string> {
  const own = url.origin === target.origin ? Object.fromEntries(headers) : { accept: headers.get('accept') ?? '*/*' }
  return { ...own, 'accept-encoding': 'gzip, deflate, br' }
}

function isRedirect(status: number | undefined): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308
}

function get(url: URL, headers: Record<string, string>, signal: AbortSignal | undefined): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const isSecure = url.protocol === 'https:'
    const options = { headers, agent: false as const, ...(signal ? { signal } : {}) }
    const request = (isSecure ? requestHttps : requestHttp)(url, options)
    const timer = setTimeout(() => {
      request.destroy(new Error(`${url.host} did not accept a connection within ${CONNECT_WITHIN_MS / 1000} s.`))
    }, CONNECT_WITHIN_MS)
    const stop = (): void => clearTimeout(timer)
    request.once('socket', (socket) => socket.once(isSecure ? 'secureConnect' : 'connect', stop))
    request.once('response', resolve)
    request.once('close', stop)
    // Later ones are the body's, which reports them itself.
    request.on('error', reject)
    request.end()
  })
}

function decoded(response: IncomingMessage): Readable {
  const encoding = (response.headers['content-encoding'] ?? 'identity').trim().toLowerCase()
  if (encoding === '' || encoding === 'identity') return response
  if (!Object.hasOwn(DECODERS, encoding)) {
    response.destroy()
    throw new Error(`The answer came in the encoding "${encoding}", which was not asked for.`)
  }
  // What goes wrong with either is thrown to whoever reads.
  return pipeline(response, DECODERS[encoding as keyof typeof DECODERS](), () => undefined)
}

/** As much of a body as an error is told by; a connection that breaks within it has told enough. */
async function beginning(body: Readable): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const piece of body as AsyncIterable<Uint8Array>) {
      pieces.push(piece)
      bytes += piece.length
      if (bytes > MAX_ERROR_BYTES) break
    }
  } catch {
    // Said below by the status.
  }
  return Buffer.concat(pieces)
}

function wordsOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : ''
  return messageOf(error) + cause
}
