// A results file on its way here, as raw bytes: nothing is parsed, and a connection that falls silent is given up. Not by
// fetch, which would take the key along to wherever it is redirected.

import { pipeline, Readable } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { messageOf } from '../../core/errors.ts'
import { type Answer, get } from './get.ts'

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
  #body: Body | undefined

  /** @param what names the file in an error */
  constructor(what: string, idleMs = IDLE_MS) {
    this.#what = what
    this.#idleMs = idleMs
  }

  /** A `fetch` for one call. The Response of a success has no body. */
  readonly fetch = async (url: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const answer = await followed(new URL(url instanceof Request ? url.url : url), init)
    const { status } = answer
    const headers = Object.entries(answer.headers)
    const body = decoded(answer)
    if (status < 200 || status >= 300) {
      const said = await beginning(body)
      // A status such as 304 has no body, and Response takes not even an empty one for it.
      return new Response(said.length === 0 ? null : said, { status, headers })
    }
    this.#body = body
    return new Response(null, { status, headers })
  }

  /**
   * The body, until it ends, breaks, or falls silent; whatever happens, its connection is released. Each piece is good until
   * the next is asked for. Ask once.
   */
  async *pieces(): AsyncGenerator<Uint8Array> {
    if (this.#body !== undefined) yield* watched(this.#body, this.#what, this.#idleMs)
  }
}

async function* watched(body: Body, what: string, idleMs: number): AsyncGenerator<Uint8Array> {
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
    for await (const piece of body.pieces) {
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
async function followed(target: URL, init: RequestInit): Promise<Answer> {
  let url = target
  for (let hops = 0; ; hops += 1) {
    const answer = await get(url, headersFor(url, target, new Headers(init.headers)), init.signal ?? undefined)
    const { location } = answer.headers
    if (location === undefined || !isRedirect(answer.status)) return answer
    answer.destroy()
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

function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308
}

type Body = Pick<Answer, 'pieces' | 'destroy'>

function decoded(answer: Answer): Body {
  const encoding = (answer.headers['content-encoding'] ?? 'identity').trim().toLowerCase()
  if (encoding === '' || encoding === 'identity') return answer
  if (!Object.hasOwn(DECODERS, encoding)) {
    answer.destroy()
    throw new Error(`The answer came in the encoding "${encoding}", which was not asked for.`)
  }
  // What goes wrong with either is thrown to whoever reads.
  const packed = Readable.from(copies(answer.pieces), { objectMode: false })
  const pieces = pipeline(packed, DECODERS[encoding as keyof typeof DECODERS](), () => undefined)
  return {
    pieces,
    destroy(error) {
      answer.destroy(error)
      pieces.destroy(error)
    },
  }
}

/** A stream holds pieces for longer than they are good. */
async function* copies(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) yield Buffer.from(piece)
}

/** As much of a body as an error is told by; a connection that breaks within it has told enough. */
async function beginning(body: Body): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const piece of body.pieces) {
      pieces.push(Buffer.from(piece))
      bytes += piece.length
      if (bytes > MAX_ERROR_BYTES) break
    }
  } catch {
    // Said below by the status.
  } finally {
    body.destroy()
  }
  return Buffer.concat(pieces)
}

function wordsOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : ''
  return messageOf(error) + cause
}
