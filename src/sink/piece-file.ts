// A text file that is written part by part, from which the part that is open can be taken back.

import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { type AtomicFile, createAtomicFile } from '../disk/atomic-file.ts'
import type { Fill } from '../disk/staged-file.ts'

export type { Fill }

/** A UTF-16 unit is at most three bytes of UTF-8. */
const UNIT_BYTES = 3

/** What was added since the last `keep` is the open part. */
export interface PieceFile {
  /** Where its content lies, and can be read after `flush`, until it is committed. */
  readonly temporary: string
  /** Await the answer when there is one: it is the disk's backpressure. */
  add(text: string): Promise<void> | undefined
  /** Adds what `fill` writes, `most` bytes at most. Await the answer when there is one. */
  fill(most: number, fill: Fill): Promise<void> | undefined
  /** What was added so far stays. */
  keep(): Promise<void>
  /** Takes back what was added since the last `keep`. */
  undo(): Promise<void>
  /** Keeps what was added, and writes what is still in memory. */
  flush(): Promise<void>
  /** Writes the rest and makes the file appear. */
  commit(): Promise<void>
  abort(): Promise<void>
}

/**
 * Compressed where the path ends in `.gz`.
 *
 * @param options `isReadBack`: whoever writes it reads it at once
 */
export async function createPieceFile(path: string, options?: { readonly isReadBack: boolean }): Promise<PieceFile> {
  const file = await createAtomicFile(path, { goesDirect: options?.isReadBack !== true })
  return path.endsWith('.gz') ? new GzipFile(file) : new PlainFile(file)
}

class PlainFile implements PieceFile {
  readonly #file: AtomicFile
  #kept = 0

  constructor(file: AtomicFile) {
    this.#file = file
  }

  get temporary(): string {
    return this.#file.temporary
  }

  add(text: string): Promise<void> | undefined {
    return this.#file.fill(text.length * UNIT_BYTES, (into, at) => at + into.write(text, at))
  }

  fill(most: number, fill: Fill): Promise<void> | undefined {
    return this.#file.fill(most, fill)
  }

  async keep(): Promise<void> {
    this.#kept = this.#file.bytes
  }

  undo(): Promise<void> {
    return this.#file.truncate(this.#kept)
  }

  async flush(): Promise<void> {
    await this.keep()
    await this.#file.flush()
  }

  commit(): Promise<void> {
    return this.#file.commit()
  }

  abort(): Promise<void> {
    return this.#file.abort()
  }
}

const compress = promisify(gzip)
/** So much text is compressed at once. */
const MEMBER_BYTES = 1 << 19

/**
 * Every piece is a gzip member of its own (a chain of members is one gzip file to every reader), so that a part can be cut
 * off again and nothing depends on the clock. One piece is filled while the other is compressed.
 */
class GzipFile implements PieceFile {
  readonly #file: AtomicFile
  #piece = Buffer.allocUnsafeSlow(MEMBER_BYTES)
  #spare = Buffer.allocUnsafeSlow(MEMBER_BYTES)
  #used = 0
  #kept = 0
  /** The member under way; it never rejects, so that nobody has to wait for it at once. */
  #writing: Promise<{ readonly error: unknown } | undefined> | undefined

  constructor(file: AtomicFile) {
    this.#file = file
  }

  get temporary(): string {
    return this.#file.temporary
  }

  add(text: string): Promise<void> | undefined {
    return this.fill(text.length * UNIT_BYTES, (into, at) => at + into.write(text, at))
  }

  fill(most: number, fill: Fill): Promise<void> | undefined {
    if (most > this.#piece.length - this.#used) return this.#fillSlowly(most, fill)
    this.#used = fill(this.#piece, this.#used)
    return undefined
  }

  async keep(): Promise<void> {
    await this.#endMember()
    await this.#written()
    this.#kept = this.#file.bytes
  }

  async undo(): Promise<void> {
    await this.#written()
    this.#used = 0
    await this.#file.truncate(this.#kept)
  }

  async flush(): Promise<void> {
    await this.keep()
    // Even an empty text is a member: no reader takes a file without one for gzip.
    if (this.#file.bytes === 0) await this.#file.write(await compress(NOTHING))
    await this.#file.flush()
  }

  async commit(): Promise<void> {
    await this.flush()
    await this.#file.commit()
  }

  async abort(): Promise<void> {
    await this.#writing
    await this.#file.abort()
  }

  async #fillSlowly(most: number, fill: Fill): Promise<void> {
    await this.#endMember()
    if (most <= this.#piece.length) {
      this.#used = fill(this.#piece, 0)
      return
    }
    const large = Buffer.allocUnsafeSlow(most)
    await this.#start(large.subarray(0, fill(large, 0)))
  }

  async #endMember(): Promise<void> {
    if (this.#used === 0) return
    const full = this.#piece
    await this.#start(full.subarray(0, this.#used))
    this.#piece = this.#spare
    this.#spare = full
    this.#used = 0
  }

  /** Begins a member once the one before is written. */
  async #start(bytes: Buffer): Promise<void> {
    await this.#written()
    this.#writing = compress(bytes)
      .then((member) => this.#file.write(member))
      .then(
        () => undefined,
        (error: unknown) => ({ error }),
      )
  }

  async #written(): Promise<void> {
    const failure = await this.#writing
    if (failure !== undefined) throw failure.error
  }
}

const NOTHING = Buffer.alloc(0)
