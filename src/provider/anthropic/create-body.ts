// The body of a create call in large pieces. A piece for each request would cost more than all the rest.

import type { OutgoingBatch } from '../provider.ts'

const BLOCK_BYTES = 256 * 1024

/**
 * {"requests":[{"custom_id":"…","params":…},…]}. A piece is good until the next is asked for: its memory is used again,
 * since 250 MB of fresh pieces would wait for the garbage collector.
 */
export async function* bodyOf(batch: OutgoingBatch): AsyncGenerator<Uint8Array> {
  const blocks = new Blocks()
  let before = '{"requests":['
  for await (const request of batch.open()) {
    blocks.add(Buffer.from(`${before}{"custom_id":${JSON.stringify(request.customId)},"params":`))
    const body = request.body()
    if (Symbol.iterator in body) {
      // Most bodies lie in memory; waiting for each of their pieces would double the time of an upload.
      for (const piece of body) blocks.add(piece)
    } else {
      for await (const piece of body) {
        blocks.add(piece)
        yield* blocks.taken()
      }
    }
    if (blocks.hasFull) yield* blocks.taken()
    before = '},'
  }
  blocks.add(Buffer.from(before === '},' ? '}]}' : `${before}]}`))
  yield* blocks.taken()
  yield blocks.rest()
}

class Blocks {
  #full: Uint8Array[] = []
  readonly #free: Uint8Array[] = []
  #block: Uint8Array = Buffer.allocUnsafeSlow(BLOCK_BYTES)
  #filled = 0

  get hasFull(): boolean {
    return this.#full.length > 0
  }

  /** Copies the bytes, which the caller may use again. */
  add(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const length = Math.min(bytes.length - at, BLOCK_BYTES - this.#filled)
      this.#block.set(length === bytes.length ? bytes : bytes.subarray(at, at + length), this.#filled)
      at += length
      this.#filled += length
      if (this.#filled < BLOCK_BYTES) return
      this.#full.push(this.#block)
      this.#block = this.#free.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES)
      this.#filled = 0
    }
  }

  /** The full blocks, each free again once the next is asked for. */
  *taken(): Generator<Uint8Array> {
    const full = this.#full
    this.#full = []
    for (const block of full) {
      yield block
      this.#free.push(block)
    }
  }

  rest(): Uint8Array {
    return this.#block.subarray(0, this.#filled)
  }
}
