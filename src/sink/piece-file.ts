// A text file written in pieces of about half a mebibyte, from which the part that is open can be taken back.

import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { type AtomicFile, createAtomicFile, WRITE_BYTES as PIECE_BYTES } from '../disk/atomic-file.ts'

/** A UTF-16 unit is at most three bytes of UTF-8. */
const UNIT_BYTES = 3
/** Of memory for rows that are larger than a piece, each of two. */
const MOST_KEPT_BYTES = 32_000_000
const NOTHING = Buffer.alloc(0)
const compress = promisify(gzip)

/** Writes bytes from `at` on and answers where they end. */
export type Fill = (into: Buffer, at: number) => number

/**
 * Text gathered into pieces for an atomic file, one piece filled while the other is written. With a path that ends in
 * `.gz` every piece is a gzip member of its own (a chain of members is one gzip file to every reader), so that a part can
 * be cut off again and nothing depends on the clock. What was added since the last `keep` is the open part.
 */
export class PieceFile {
  readonly #file: AtomicFile
  readonly #gzip: boolean
  #piece = Buffer.allocUnsafeSlow(PIECE_BYTES)
  #spare = Buffer.allocUnsafeSlow(PIECE_BYTES)
  /** The last one that was larger than a piece, and the memory of one before. */
  #large: Buffer = NOTHING
  #spareLarge: Buffer = NOTHING
  /** Bytes of the piece, and those among them that are kept. */
  #used = 0
  #kept = 0
  /** Where the open part begins in the file, once some of it has been written. */
  #openFrom: number | undefined
  /** Parts kept so far: a write that began in one may end in the next. */
  #parts = 0
  /** The write under way; it never rejects, so that nobody has to wait for it at once. */
  #writing: Promise<{ readonly error: unknown } | undefined> | undefined

  private constructor(file: AtomicFile, compressed: boolean) {
    this.#file = file
    this.#gzip = compressed
  }

  static async create(path: string): Promise<PieceFile> {
    return new PieceFile(await createAtomicFile(path), path.endsWith('.gz'))
  }

  /** Where its content lies, and can be read after `flush`, until it is committed. */
  get temporary(): string {
    return this.#file.temporary
  }

  /** Await the answer when there is one: it is the disk's backpressure. */
  add(text: string): Promise<void> | undefined {
    return this.fill(text.length * UNIT_BYTES, (into, at) => at + into.write(text, at))
  }

  /** Adds what `fill` writes, `most` bytes at most. Await the answer when there is one. */
  fill(most: number, fill: Fill): Promise<void> | undefined {
    if (most > this.#piece.length - this.#used) return this.#fillSlowly(most, fill)
    this.#used = fill(this.#piece, this.#used)
    return undefined
  }

  /** What was added so far stays. */
  keep(): void {
    this.#kept = this.#used
    this.#openFrom = undefined
    this.#parts += 1
  }

  /** Takes back what was added since the last `keep`. */
  async undo(): Promise<void> {
    await this.#written()
    this.#used = this.#kept
    if (this.#openFrom === undefined) return
    await this.#file.truncate(this.#openFrom)
    this.#openFrom = undefined
  }

  /** Writes what is still in memory. */
  async flush(): Promise<void> {
    this.keep()
    await this.#written()
    if (this.#used > 0 || this.#file.bytes === 0) await this.#write(this.#piece.subarray(0, this.#used))
    this.#used = this.#kept = 0
  }

  /** Writes the rest and makes the file appear. */
  async commit(): Promise<void> {
    await this.flush()
    await this.#file.commit()
  }

  async abort(): Promise<void> {
    await this.#writing
    await this.#file.abort()
  }

  async #fillSlowly(most: number, fill: Fill): Promise<void> {
    await this.#flushPiece()
    if (most > this.#piece.length) {
      const large = this.#largeMemory(most)
      await this.#start(large.subarray(0, fill(large, 0)), 0)
      this.#large = large.length > MOST_KEPT_BYTES ? NOTHING : large
    } else this.#used = fill(this.#piece, 0)
  }

  /** Memory for one that is larger than a piece. Of two, one may be on its way to the disk. */
  #largeMemory(most: number): Buffer {
    const memory = this.#spareLarge.length >= most ? this.#spareLarge : Buffer.allocUnsafeSlow(most)
    this.#spareLarge = this.#large
    return memory
  }

  async #flushPiece(): Promise<void> {
    if (this.#used === 0) return
    const full = this.#piece
    const kept = this.#kept
    await this.#start(full.subarray(0, this.#used), kept)
    this.#piece = this.#spare
    this.#spare = full
    this.#used = this.#kept = 0
  }

  /** Begins to write once the write before is done; the first `kept` bytes are no longer open. */
  async #start(bytes: Buffer, kept: number): Promise<void> {
    await this.#written()
    const writing = this.#writeParts(bytes, kept)
    this.#writing = writing.then(
      () => undefined,
      (error: unknown) => ({ error }),
    )
  }

  async #writeParts(bytes: Buffer, kept: number): Promise<void> {
    if (this.#openFrom === undefined) {
      const part = this.#parts
      if (kept > 0) await this.#write(bytes.subarray(0, kept))
      if (part === this.#parts) this.#openFrom = this.#file.bytes
    }
    if (kept < bytes.length) await this.#write(bytes.subarray(kept))
  }

  async #write(bytes: Buffer): Promise<void> {
    await this.#file.write(this.#gzip ? await compress(bytes) : bytes)
  }

  async #written(): Promise<void> {
    const failure = await this.#writing
    if (failure !== undefined) throw failure.error
  }
}
