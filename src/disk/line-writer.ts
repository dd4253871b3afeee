// Gathers lines into large writes and hashes them on the way: a write and a hash call for each line would cost more than the line.

import { createHash } from 'node:crypto'

const BUFFER_BYTES = 1 << 20

/** What is written to: an atomic file or an artifact. */
export interface LineTarget {
  write(bytes: Uint8Array): Promise<void>
  commit(): Promise<void>
  abort(): Promise<void>
}

export class LineWriter {
  readonly #target: LineTarget
  readonly #hash = createHash('sha256')
  #buffer = Buffer.allocUnsafe(BUFFER_BYTES)
  #used = 0

  constructor(target: LineTarget) {
    this.#target = target
  }

  /** Adds text as it is (bring your own newline). Await the answer when there is one: it is the disk's backpressure. */
  add(text: string): Promise<void> | undefined {
    // A UTF-16 unit is at most three bytes of UTF-8.
    if (text.length * 3 <= BUFFER_BYTES - this.#used) {
      this.#used += this.#buffer.write(text, this.#used, 'utf8')
      return undefined
    }
    return this.#addSlowly(text)
  }

  /** Writes what is left and makes it appear; the answer is the sha256 of all that was added, hex. */
  async commit(): Promise<string> {
    await this.#flush()
    await this.#target.commit()
    return this.#hash.digest('hex')
  }

  abort(): Promise<void> {
    return this.#target.abort()
  }

  async #addSlowly(text: string): Promise<void> {
    await this.#flush()
    if (text.length * 3 <= BUFFER_BYTES) {
      this.#used = this.#buffer.write(text, 0, 'utf8')
      return
    }
    const bytes = Buffer.from(text)
    this.#hash.update(bytes)
    await this.#target.write(bytes)
  }

  async #flush(): Promise<void> {
    if (this.#used === 0) return
    const bytes = this.#buffer.subarray(0, this.#used)
    this.#hash.update(bytes)
    await this.#target.write(bytes)
    this.#used = 0
  }
}
