/**
 * How a response of HTTP/1.1 lies in the bytes of its connection: its head, and the frame around its body (RFC 9112). Only
 * what servers usually write is understood; whoever meets anything else asks again by node:http.
 */

export interface Head {
  readonly status: number
  /** By their names in small letters; what comes several times is joined by ", ". */
  readonly headers: Readonly<Record<string, string>>
  /** Where the body begins. */
  readonly end: number
}

const HEAD_END = '\r\n\r\n'
const STATUS_LINE = /^HTTP\/1\.1 ([2-5]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/
const HEADER = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[\t ]*((?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)[\t ]*$/

/** undefined: more bytes are needed; null: it is not as we know it. */
export function readHead(bytes: Buffer): Head | null | undefined {
  const end = bytes.indexOf(HEAD_END)
  if (end < 0) return undefined
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n')
  const status = STATUS_LINE.exec(first)?.[1]
  if (status === undefined) return null
  const headers: Record<string, string> = Object.create(null)
  for (const line of lines) {
    const [, name, value] = HEADER.exec(line) ?? []
    if (name === undefined || value === undefined) return null
    const key = name.toLowerCase()
    headers[key] = headers[key] === undefined ? value : `${headers[key]}, ${value}`
  }
  return { status: Number(status), headers, end: end + HEAD_END.length }
}

const CR = 13
const LF = 10
const SEMICOLON = 59
const SPACE = 32
const TAB = 9
/** A chunk is counted exactly. */
const MAX_SIZE_DIGITS = 12
/** What may stand between two chunks, or behind the last one. */
const MAX_FRAME_BYTES = 16_384

/** Where in a chunk, or around it, the next byte stands. */
type ChunkState = 'size' | 'extension' | 'size end' | 'data' | 'data end' | 'line' | 'trailer' | 'line end'

/** Picks a body out of the bytes of its connection. */
export class BodyFrame {
  /** Whether all of it has come. */
  isDone = false
  /** Whether the body ends where the connection ends. */
  readonly endsWithConnection: boolean
  readonly #isChunked: boolean
  /** Bytes of the body, or of its chunk, that are still to come. */
  #left: number
  #state: ChunkState = 'data'
  #size = 0
  #digits = 0
  #frameBytes = 0

  private constructor(left: number, isChunked: boolean) {
    this.#left = left
    this.#isChunked = isChunked
    this.endsWithConnection = left === Number.POSITIVE_INFINITY
    this.isDone = left === 0 && !isChunked
    if (isChunked) this.#state = 'size'
  }

  /** undefined: how long the body is, is said in a way that we do not know. */
  static of({ status, headers }: Head): BodyFrame | undefined {
    if (status === 204 || status === 304) return new BodyFrame(0, false)
    const { 'transfer-encoding': transfer, 'content-length': length } = headers
    // Both at once is how responses are smuggled.
    if (transfer !== undefined) {
      return length === undefined && transfer.toLowerCase() === 'chunked' ? new BodyFrame(0, true) : undefined
    }
    if (length === undefined) return new BodyFrame(Number.POSITIVE_INFINITY, false)
    return /^\d{1,15}$/.test(length) ? new BodyFrame(Number(length), false) : undefined
  }

  /** The bytes of the body among these, moved together in place. Throws for chunks that nobody writes so. */
  take(bytes: Buffer): Buffer {
    let used = 0
    for (let at = 0; at < bytes.length && !this.isDone; ) {
      if (this.#left === 0) {
        this.#frameByte(bytes[at] as number)
        at += 1
        continue
      }
      const length = Math.min(this.#left, bytes.length - at)
      if (used !== at) bytes.copyWithin(used, at, at + length)
      used += length
      at += length
      this.#left -= length
      if (this.#left > 0) break
      if (this.#isChunked) this.#state = 'data end'
      else this.isDone = true
    }
    return bytes.subarray(0, used)
  }

  #frameByte(byte: number): void {
    this.#frameBytes += 1
    if (this.#frameBytes > MAX_FRAME_BYTES) throw badChunk()
    switch (this.#state) {
      case 'size':
        this.#sizeByte(byte)
        break
      case 'extension':
        if (byte === LF) throw badChunk()
        if (byte === CR) this.#state = 'size end'
        break
      case 'size end':
        this.#expect(byte, LF, this.#size === 0 ? 'trailer' : 'data')
        this.#left = this.#size
        this.#digits = 0
        this.#frameBytes = 0
        break
      case 'data end':
        this.#expect(byte, CR, 'line')
        break
      case 'line':
        this.#expect(byte, LF, 'size')
        this.#size = this.#digits = 0
        break
      // Behind the last chunk: lines, and an empty one. The digits count what stands in a line.
      case 'trailer':
        if (byte === CR) this.#state = 'line end'
        else this.#digits += 1
        break
      case 'line end':
        this.#expect(byte, LF, 'trailer')
        this.isDone = this.#digits === 0
        this.#digits = 0
        break
      case 'data':
        throw badChunk()
    }
  }

  #sizeByte(byte: number): void {
    const digit = hexDigit(byte)
    if (digit >= 0) {
      this.#size = this.#size * 16 + digit
      this.#digits += 1
      if (this.#digits > MAX_SIZE_DIGITS) throw badChunk()
      return
    }
    if (this.#digits === 0) throw badChunk()
    if (byte === CR) this.#state = 'size end'
    else if (byte === SEMICOLON || byte === SPACE || byte === TAB) this.#state = 'extension'
    else throw badChunk()
  }

  #expect(byte: number, expected: number, state: ChunkState): void {
    if (byte !== expected) throw badChunk()
    this.#state = state
  }
}

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48
  const letter = byte | 32
  return letter >= 97 && letter <= 102 ? letter - 87 : -1
}

function badChunk(): Error {
  return new Error('the chunks of the answer are not framed as HTTP/1.1 frames them')
}
