// The body of a create call in large pieces. A piece for each request would cost more than all the rest.

import { putBytes, putQuoted } from '../../core/put-bytes.ts'
import type { OutgoingBatch, OutgoingRequest } from '../provider.ts'

/** Each is waited for, so that its memory can be used again: smaller ones take a tenth longer. */
const BLOCK_BYTES = 1024 * 1024

/**
 * {"requests":[{"custom_id":"…","params":…},…]}. A piece is good until the next is asked for: its memory is used again,
 * since 250 MB of fresh pieces would wait for the garbage collector.
 */
export async function* bodyOf(batch: OutgoingBatch): AsyncGenerator<Uint8Array> {
  const blocks = new Blocks()
  let before = FIRST
  for await (const requests of batch.open()) {
    for (const request of requests) {
      if (!blocks.copy(before, request)) {
        blocks.add(Buffer.concat([before, Buffer.from(JSON.stringify(request.customId)), PARAMS]))
        // Bodies with documents are read while they are sent, and nothing else has to wait for them.
        for await (const piece of request.body()) {
          blocks.add(piece)
          if (blocks.hasFull) yield* blocks.taken()
        }
      }
      before = NEXT
      if (blocks.hasFull) yield* blocks.taken()
    }
  }
  blocks.add(before === NEXT ? END : EMPTY)
  yield* blocks.taken()
  yield blocks.rest()
}

const FIRST = Buffer.from('{"requests":[{"custom_id":')
const NEXT = Buffer.from('},{"custom_id":')
const PARAMS = Buffer.from(',"params":')
const END = Buffer.from('}]}')
const EMPTY = Buffer.from('{"requests":[]}')
/** A UTF-16 unit of an id may be written as an escape. */
const UNIT_BYTES = 6
/** What stands around the id, quotes included. */
const AROUND_BYTES = FIRST.length + PARAMS.length + 2

class Blocks {
  #full: Uint8Array[] = []
  readonly #free: Buffer[] = []
  #block: Buffer = Buffer.allocUnsafeSlow(BLOCK_BYTES)
  #filled = 0

  get hasFull(): boolean {
    return this.#full.length > 0
  }

  /** Puts a request into one block, `before` it; false: it has to be added piece by piece. */
  copy(before: Buffer, request: OutgoingRequest): boolean {
    const { customId, bytes } = request
    const most = AROUND_BYTES + UNIT_BYTES * customId.length + bytes
    if (request.copyBody === undefined || most > BLOCK_BYTES) return false
    if (most > BLOCK_BYTES - this.#filled) this.#next()
    const block = this.#block
    const at = putBytes(PARAMS, block, putQuoted(customId, block, putBytes(before, block, this.#filled)))
    request.copyBody(block, at)
    this.#filled = at + bytes
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
