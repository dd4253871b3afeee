// Gathers lines into large writes and hashes them on the way: a write and a hash call for each line would cost more than the line.

import { createHash } from 'node:crypto'

const BUFFER_BYTES = 256 * 1024
/** A UTF-16 unit is at most three bytes of UTF-8. */
const UNIT_BYTES = 3

/** What is written to: an atomic file or an artifact. */
export interface LineTarget {
  write(bytes: Uint8Array): Promise<void>
  commit(): Promise<void>
  abort(): Promise<void>
}

/** Writes bytes from `at` on and answers where they end. */
export type Fill = (into: Buffer, at: number) => number

/** One buffer is filled while the other is being written. */
export class LineWriter {
  readonly #target: LineTarget
  readonly #hash = createHash('sha256')
  #buffer: Buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES)
  #used = 0
  #spare: Buffer | undefined
  /** The write under way; it never rejects, so that nobody has to wait for it at once. */
  #writing: Promise<{ readonly error: unknown } | undefined> | undefined

  constructor(target: LineTarget) {
    this.#target = target
  }

  /** Adds text as it is (bring your own newline). Await the answer when there is one: it is the disk's backpressure. */
  add(text: string): Promise<void> | undefined {
    return this.fill(text.length * UNIT_BYTES, (into, at) => at + into.write(text, at))
  }

  /** Adds what `fill` writes, `most` bytes at most. Await the answer when there is one. */
  fill(most: number, fill: Fill): Promise<void> | undefined {
    if (most > BUFFER_BYTES - this.#used) return this.#fillSlowly(most, fill)
    this.#used = fill(this.#buffer, this.#used)
    return undefined
  }

  /** Writes what is left and makes it appear; the answer is the sha256 of all that was added, hex. */
  async commit(): Promise<string> {
    await this.#flush()
    await this.#written()
    await this.#target.commit()
    return this.#hash.digest('hex')
  }

  async abort(): Promise<void> {
    await this.#writing
    await this.#target.abort()
  }

  async #fillSlowly(most: number, fill: Fill): Promise<void> {
    await this.#flush()
    if (most <= BUFFER_BYTES) {
      this.#used = fill(this.#buffer, 0)
      return
    }
    const bytes = Buffer.allocUnsafeSlow(most)
    await this.#start(bytes.subarray(0, fill(bytes, 0)))
    await this.#written()
  }

  async #flush(): Promise<void> {
    if (this.#used === 0) return
    const full = this.#buffer
    await this.#start(full.subarray(0, this.#used))
    // The other buffer is free: what was written before has been waited for.
    this.#buffer = this.#spare ?? Buffer.allocUnsafeSlow(BUFFER_BYTES)
    this.#spare = full
    this.#used = 0
  }

  /** Begins to write once the write before is done. */
  async #start(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes)
    await this.#written()
    this.#writing = this.#target.write(bytes).then(
      () => undefined,
      (error: unknown) => ({ error }),
    )
  }

  async #written(): Promise<void> {
    const failure = await this.#writing
    if (failure !== undefined) throw failure.error
  }
}
