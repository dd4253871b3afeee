// What a request asks, as one short name: equal names, equal questions.

import { createHash, hash } from 'node:crypto'
import type { BodyPart, RequestShape } from '../core/batch.ts'
import type { Job } from '../core/job.ts'
import { canonicalJson, type Json } from '../core/json.ts'

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

/** All that is sent but the custom_id; a document counts by its digest, wherever it lies. */
export function contentDigest(scope: Buffer, shape: RequestShape, parts: readonly BodyPart[]): Buffer {
  let text = ''
  for (const [index, part] of parts.entries()) {
    text += shape.texts[index] ?? ''
    // JSON text has no raw NUL, so nothing that is written in a prompt looks like a document.
    text += typeof part === 'string' ? part : `\u0000${part.digest}\u0000`
  }
  text += shape.texts[parts.length] ?? ''
  return sha256(Buffer.concat([scope, Buffer.from(text)])).subarray(0, CONTENT_BYTES)
}

export function documentsDigest(parts: readonly BodyPart[]): Buffer {
  const digests = parts.flatMap((part) => (typeof part === 'string' ? [] : [part.digest]))
  if (digests.length === 0) return NO_DOCUMENTS
  return sha256(digests.join(' ')).subarray(0, DOCUMENTS_BYTES)
}

const NO_DOCUMENTS = Buffer.alloc(DOCUMENTS_BYTES)

/** In one call, and into memory that many share: for short texts that takes half the time. */
export function sha256(data: string | Buffer): Buffer {
  return Buffer.from(hash('sha256', data, 'binary'), 'latin1')
}
