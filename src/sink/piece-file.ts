// A text file written in pieces of about one mebibyte, from which the part that is open can be taken back.

import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { type AtomicFile, createAtomicFile } from '../disk/atomic-file.ts'

const PIECE_CHARACTERS = 1 << 20
const compress = promisify(gzip)

/**
 * Text gathered into pieces for an atomic file. With a path that ends in `.gz` every piece is a gzip member of its own
 * (a chain of members is one gzip file to every reader), so that a part can be cut off again and nothing depends on the
 * clock. What was added since the last `keep` is the open part.
 */
export class PieceFile {
  readonly #file: AtomicFile
  readonly #gzip: boolean
  /** Text that is kept but not written yet, and that of the open part. */
  #kept = ''
  #open = ''
  /** Where the open part begins in the file, once some of it has been written. */
  #openFrom: number | undefined

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
    this.#open += text
    return this.#kept.length + this.#open.length < PIECE_CHARACTERS ? undefined : this.#flushPiece()
  }

  /** What was added so far stays. */
  keep(): void {
    this.#kept += this.#open
    this.#open = ''
    this.#openFrom = undefined
  }

  /** Takes back what was added since the last `keep`. */
  async undo(): Promise<void> {
    this.#open = ''
    if (this.#openFrom === undefined) return
    await this.#file.truncate(this.#openFrom)
    this.#openFrom = undefined
  }

  /** Writes what is still in memory. */
  async flush(): Promise<void> {
    this.keep()
    if (this.#kept !== '' || this.#file.bytes === 0) await this.#write(this.#kept)
    this.#kept = ''
  }

  /** Writes the rest and makes the file appear. */
  async commit(): Promise<void> {
    await this.flush()
    await this.#file.commit()
  }

  abort(): Promise<void> {
    return this.#file.abort()
  }

  async #flushPiece(): Promise<void> {
    const kept = this.#kept
    const open = this.#open
    this.#kept = ''
    this.#open = ''
    if (this.#openFrom === undefined) {
      if (kept !== '') await this.#write(kept)
      this.#openFrom = this.#file.bytes
    }
    await this.#write(open)
  }

  async #write(text: string): Promise<void> {
    const bytes = Buffer.from(text)
    await this.#file.write(this.#gzip ? await compress(bytes) : bytes)
  }
}
