// The body of a create call in large pieces. A piece for each request would cost more than all the rest.

import type { OutgoingBatch, OutgoingRequest } from '../provider.ts'

/** Each is waited for, so that its memory can be used again: smaller ones take a tenth longer. */
const BLOCK_BYTES = 1024 * 1024

/**
 * {"requests":[{"custom_id":"…","params":…},…]}. A piece is good until the next is asked for: its memory is used again,
 * since 250 MB of fresh pieces would wait for the garbage collector.
 */
export async function* bodyOf(batch: OutgoingBatch): AsyncGenerator<Uint8Array> {
  const blocks = new Blocks()
  let before = '{"requests":['
  for await (const requests of batch.open()) {
    for (const request of requests) {
      const head = `${before}{"custom_id":${JSON.stringify(request.customId)},"params":`
      before = '},'
      if (!blocks.copy(head, request)) {
        blocks.add(Buffer.from(head))
        // Bodies with documents are read while they are sent, and nothing else has to wait for them.
        for await (const piece of request.body()) {
          blocks.add(piece)
          if (blocks.hasFull) yield* blocks.taken()
        }
      }
      if (blocks.hasFull) yield* blocks.taken()
    }
  }
  blocks.add(Buffer.from(before === '},' ? '}]}' : `${before}]}`))
  yield* blocks.taken()
  yield blocks.rest()
}

class Blocks {
  #full: Uint8Array[] = []
  readonly #free: Buffer[] = []
  #block: Buffer = Buffer.allocUnsafeSlow(BLOCK_BYTES)
  #filled = 0

  get hasFull(): boolean {
    return this.#full.length > 0
  }

  /** Puts a request into one block; false: it has to be added piece by piece. */
  copy(head: string, { bytes, copyBody }: OutgoingRequest): boolean {
    // What stands before a body is ASCII, except an id that a person made.
    const most = 3 * head.length + bytes
    if (copyBody === undefined || most > BLOCK_BYTES) return false
    if (most > BLOCK_BYTES - this.#filled) this.#next()
    this.#filled += this.#block.write(head, this.#filled)
    copyBody(this.#block, this.#filled)
    this.#filled += bytes
    return true
  }

  /** Copies the bytes, which the caller may use again. */
  add(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      if (this.#filled === BLOCK_BYTES) this.#next()
      const length = Math.min(bytes.length - at, BLOCK_BYTES - this.#filled)
      this.#block.set(length === bytes.length ? bytes : bytes.subarray(at, at + length), this.#filled)
      at += length
      this.#filled += length
    }
  }

  /** The full blocks, each free again once the next is asked for. */
  *taken(): Generator<Uint8Array> {
    const full = this.#full
    this.#full = []
    for (const block of full) {
      yield block
      this.#free.push(Buffer.from(block.buffer))
    }
  }

  rest(): Uint8Array {
    return this.#block.subarray(0, this.#filled)
  }

  #next(): void {
    this.#full.push(this.#block.subarray(0, this.#filled))
    this.#block = this.#free.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES)
    this.#filled = 0
  }
}
