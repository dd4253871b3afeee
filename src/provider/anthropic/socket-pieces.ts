/**
 * A connection that is read into two pieces of memory of our own, in turns. Read in the usual way, every 64 KiB would be
 * memory of their own, twice with a parser in between, and a million results keep the garbage collector at work with that.
 */
import { connect as connectPlain, isIP, type Socket } from 'node:net'
import { connect as connectSecure } from 'node:tls'

const PIECE_BYTES = 1 << 19
/** With less room than this a piece counts as full. */
const LEAST_ROOM_BYTES = 1 << 16
const CONNECT_WITHIN_MS = 30_000

interface Piece {
  memory: Buffer
  /** What has been read into it, and how much of that was handed on. */
  filled: number
  taken: number
}

/** Of connections that were released, for the next ones. */
const spares: Buffer[] = []
const MAX_SPARES = 8

export class SocketPieces {
  readonly #socket: Socket
  readonly #host: string
  #filling: Piece = newPiece()
  #other: Piece = newPiece()
  /** The piece that whoever reads is at work on. */
  #held: Piece | undefined
  #isPaused = false
  /** Where the next bytes go is no piece: a paused connection that is encrypted hands on what it had in hand. */
  #isAside = false
  #aside: Buffer = NOTHING
  /** What came while both pieces were full, in copies. */
  #overflow: Buffer[] = []
  #end: { readonly error: Error | undefined } | undefined
  #wake: () => void = () => undefined
  #isReleased = false
  #isClosed = false

  /** @param signal ends the connection */
  constructor(url: URL, signal: AbortSignal | undefined) {
    this.#host = url.host
    const onread = { buffer: () => this.#room(), callback: (bytes: number) => this.#came(bytes) }
    const isSecure = url.protocol === 'https:'
    const host = url.hostname.replace(/^\[|\]$/g, '')
    const port = Number(url.port) || (isSecure ? 443 : 80)
    // A certificate is looked at for a name; an address is none.
    const named = isIP(host) === 0 ? { servername: host } : {}
    const secure = { host, port, onread, ALPNProtocols: ['http/1.1'], ...named }
    this.#socket = isSecure ? connectSecure(secure) : connectPlain({ host, port, onread })
    this.#watch(isSecure ? 'secureConnect' : 'connect', signal)
  }

  /** Sends a request. */
  send(text: string): void {
    this.#socket.write(text, 'latin1')
  }

  /** What has come since; undefined: the connection has ended. Good until the next is asked for. Throws what broke it. */
  async next(): Promise<Buffer | undefined> {
    this.#held = undefined
    for (;;) {
      // While the connection is paused, the piece that is to be filled next is the older one.
      const inOrder = this.#isPaused ? [this.#filling, this.#other] : [this.#other, this.#filling]
      const piece = inOrder.find(({ taken, filled }) => taken < filled)
      if (piece !== undefined) {
        const bytes = piece.memory.subarray(piece.taken, piece.filled)
        piece.taken = piece.filled
        this.#held = piece
        this.#goOn()
        return bytes
      }
      // What came last is told before how it ended.
      if (this.#goOn()) continue
      if (this.#end?.error !== undefined) throw this.#end.error
      if (this.#end !== undefined) return undefined
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** Ends the connection, whatever is still to come; with an error whoever waits is thrown that. */
  close(error?: Error): void {
    this.#finish(error)
    this.#socket.destroy()
  }

  /** Ends the connection. Nobody looks at what was handed on any more. */
  release(): void {
    if (this.#isReleased) return
    this.#isReleased = true
    if (this.#isClosed) this.#giveBack()
    else this.close()
  }

  /** Only once the connection is closed does nothing more come into this memory. */
  #giveBack(): void {
    for (const { memory } of [this.#filling, this.#other]) {
      if (spares.length < MAX_SPARES && memory.length === PIECE_BYTES) spares.push(memory)
    }
  }

  #watch(connected: string, signal: AbortSignal | undefined): void {
    const socket = this.#socket
    const timer = setTimeout(() => {
      this.close(new Error(`${this.#host} did not accept a connection within ${CONNECT_WITHIN_MS / 1000} s.`))
    }, CONNECT_WITHIN_MS)
    const abort = (): void => {
      this.close(signal?.reason instanceof Error ? signal.reason : new Error('aborted'))
    }
    socket.once(connected, () => clearTimeout(timer))
    socket.on('error', (error) => this.#finish(error))
    socket.on('end', () => this.#finish(undefined))
    socket.on('close', () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
      this.#finish(new Error('aborted'))
      this.#isClosed = true
      if (this.#isReleased) this.#giveBack()
    })
    if (signal?.aborted) abort()
    else signal?.addEventListener('abort', abort, { once: true })
  }

  /** Where the next bytes go. */
  #room(): Buffer {
    this.#isAside = this.#isPaused
    if (!this.#isAside) return this.#filling.memory.subarray(this.#filling.filled)
    if (this.#aside.length === 0) this.#aside = Buffer.allocUnsafeSlow(LEAST_ROOM_BYTES)
    return this.#aside
  }

  /** False: nothing is read for now. */
  #came(bytes: number): boolean {
    this.#wake()
    if (this.#isReleased) return false
    if (this.#isAside) this.#addAside(this.#aside.subarray(0, bytes))
    else this.#filling.filled += bytes
    if (this.#isPaused) return false
    if (this.#filling.memory.length - this.#filling.filled >= LEAST_ROOM_BYTES) return true
    const full = this.#filling
    this.#filling = this.#other
    this.#other = full
    this.#isPaused = true
    this.#begin()
    return !this.#isPaused
  }

  #addAside(bytes: Buffer): void {
    const { memory, filled } = this.#filling
    // The connection goes on, and these are its first bytes.
    if (!this.#isPaused && memory.length - filled >= bytes.length) this.#filling.filled += bytes.copy(memory, filled)
    else this.#overflow.push(Buffer.from(bytes))
  }

  /** Whether there is something new to hand on. */
  #goOn(): boolean {
    if (!this.#isPaused || !this.#begin()) return false
    this.#socket.resume()
    return this.#filling.filled > 0
  }

  /** Begins to fill a piece anew; false: somebody still needs it. */
  #begin(): boolean {
    const piece = this.#filling
    if (piece.taken < piece.filled || piece === this.#held) return false
    piece.filled = piece.taken = 0
    const size = this.#overflow.reduce((sum, { length }) => sum + length, 0)
    if (size + LEAST_ROOM_BYTES > piece.memory.length) piece.memory = Buffer.allocUnsafeSlow(size + PIECE_BYTES)
    for (const bytes of this.#overflow.splice(0)) piece.filled += bytes.copy(piece.memory, piece.filled)
    this.#isPaused = false
    return true
  }

  #finish(error: Error | undefined): void {
    this.#end ??= { error }
    this.#wake()
  }
}

const NOTHING = Buffer.alloc(0)

function newPiece(): Piece {
  return { memory: spares.pop() ?? Buffer.allocUnsafeSlow(PIECE_BYTES), filled: 0, taken: 0 }
}
