// What a request asks, as one short name: equal names, equal questions.

import { createHash, hash } from 'node:crypto'
import type { RequestShape } from '../core/batch.ts'
import type { Job } from '../core/job.ts'
import { canonicalJson, type Json } from '../core/json.ts'
import type { RowText } from '../core/row-text.ts'
import { isSlice, type PlannedPart } from '../core/write-request-line.ts'

/** Bytes of a content's name. 160 bits: among 10^9 contents two are taken for one with a chance of 10^-30. */
export const CONTENT_BYTES = 20
/** Bytes of the name of a row's documents, which only serves to say why a row is asked again. */
export const DOCUMENTS_BYTES = 8

/**
 * Everything beside the body that decides what an answer is and how it is read: whom it is sent to and the headers that
 * change answers, what is made of the answer, and the tools that are run.
 *
 * @param world the base URL, or `local`: the emulator's answers never pass for a provider's
 */
export function contentScope(job: Job, world: string): Buffer {
  const { provider, output, tools } = job
  const scope = {
    world,
    provider: provider.type,
    betas: provider.betas,
    version: provider.version ?? null,
    output: output === undefined ? null : { mode: output.mode, schema: output.schema },
    handlers: tools.flatMap((tool) => (tool.type === 'client' && tool.handler !== undefined ? [tool.handler] : [])),
  }
  return createHash('sha256')
    .update(canonicalJson(scope as unknown as Json))
    .digest()
}

/** Names contents of one scope. */
export class ContentDigester {
  readonly #digest = Buffer.allocUnsafeSlow(SHA256_BYTES)
  readonly #name = this.#digest.subarray(0, CONTENT_BYTES)
  readonly #texts = new WeakMap<RequestShape, readonly Buffer[]>()
  #memory: Buffer

  constructor(scope: Buffer) {
    this.#memory = Buffer.alloc(LEAST_BYTES)
    scope.copy(this.#memory)
  }

  /**
   * Of all that is sent but the custom_id; a document counts by its digest, wherever it lies. Good until the next is asked
   * for.
   *
   * @param row that stretches among the parts are of
   */
  digest(shape: RequestShape, parts: readonly PlannedPart[], row?: RowText): Buffer {
    const texts = this.#encoded(shape)
    this.#grow(mostBytes(texts, parts))
    const memory = this.#memory
    let at = SHA256_BYTES
    for (let index = 0; index < parts.length; index += 1) {
      const part = parts[index] as PlannedPart
      at += texts[index]?.copy(memory, at) ?? 0
      if (typeof part === 'string') at += memory.write(part, at)
      // JSON text has no raw NUL, so nothing that is written in a prompt looks like a document.
      else if (!isSlice(part)) at += memory.write(`\u0000${part.digest}\u0000`, at)
      else if (row !== undefined) at += row.bytes.copy(memory, at, row.start + part.from, row.start + part.to)
    }
    at += texts[parts.length]?.copy(memory, at) ?? 0
    this.#digest.write(hash('sha256', memory.subarray(0, at), 'binary'), 'latin1')
    return this.#name
  }

  #encoded(shape: RequestShape): readonly Buffer[] {
    const known = this.#texts.get(shape)
    if (known !== undefined) return known
    const texts = shape.texts.map((text) => Buffer.from(text))
    this.#texts.set(shape, texts)
    return texts
  }

  /** The scope stays in front. */
  #grow(bytes: number): void {
    if (this.#memory.length >= bytes) return
    const larger = Buffer.allocUnsafeSlow(2 * bytes)
    this.#memory.copy(larger, 0, 0, SHA256_BYTES)
    this.#memory = larger
  }
}

const SHA256_BYTES = 32
const LEAST_BYTES = 1 << 16
/** A UTF-16 unit is at most three bytes of UTF-8. */
const UNIT_BYTES = 3

function mostBytes(texts: readonly Buffer[], parts: readonly PlannedPart[]): number {
  let most = SHA256_BYTES
  for (const text of texts) most += text.length
  for (const part of parts) {
    if (typeof part === 'string') most += UNIT_BYTES * part.length
    else most += isSlice(part) ? part.to - part.from : UNIT_BYTES * part.digest.length + 2
  }
  return most
}

export function documentsDigest(parts: readonly PlannedPart[]): Buffer {
  if (parts.every((part) => typeof part === 'string' || isSlice(part))) return NO_DOCUMENTS
  const digests = parts.flatMap((part) => (typeof part === 'string' || isSlice(part) ? [] : [part.digest]))
  return sha256(digests.join(' ')).subarray(0, DOCUMENTS_BYTES)
}

const NO_DOCUMENTS = Buffer.alloc(DOCUMENTS_BYTES)

/** In one call, and into memory that many share: for short texts that takes half the time. */
export function sha256(data: string | Buffer): Buffer {
  return Buffer.from(hash('sha256', data, 'binary'), 'latin1')
}
