// Tokens, by a rule simple enough to check by hand: four bytes of UTF-8 are a token (three for models with the newer
// tokenizer, which needs about a third more), rounded up for each part; a message costs 4 more, a PDF page 1,500 for its
// picture, an image a token for each square of 28 pixels.

import { createHash } from 'node:crypto'
import type { ModelFacts } from '../models.ts'
import { DigestTable } from '../state/digest-table.ts'
import { type Asked, type AskedPart, messagesOf } from './asked.ts'

const MESSAGE_TOKENS = 4
const PDF_PAGE_TOKENS = 1500

export interface InputTokens {
  /** Neither read from nor written to the cache. */
  readonly plain: number
  readonly cacheRead: number
  readonly cacheWrite5m: number
  readonly cacheWrite1h: number
}

export function textTokens(text: string, model: ModelFacts | undefined): number {
  return Math.ceil(Buffer.byteLength(text) / bytesPerToken(model))
}

/** How many bytes of text fit into this many tokens. */
export function bytesOfTokens(tokens: number, model: ModelFacts | undefined): number {
  return tokens * bytesPerToken(model)
}

export function inputTokens(asked: Asked, model: ModelFacts | undefined): number {
  const messages = messagesOf(asked.params).length * MESSAGE_TOKENS
  return asked.parts.reduce((sum, part) => sum + partTokens(part, model), messages)
}

function partTokens(part: AskedPart, model: ModelFacts | undefined): number {
  if (part.imageTokens !== undefined) return Math.min(part.imageTokens, model?.maxImageTokens ?? part.imageTokens)
  const pages = part.document?.kind === 'pdf' ? part.document.pages.length * PDF_PAGE_TOKENS : 0
  return textTokens(part.text, model) + pages
}

function bytesPerToken(model: ModelFacts | undefined): number {
  return model?.newTokenizer === true ? 3 : 4
}

/** The prefixes that were written to the cache: the first request with one writes it, later ones read it. */
export class PromptCache {
  readonly #written = new DigestTable()

  get size(): number {
    return this.#written.size
  }

  count(asked: Asked, model: ModelFacts): InputTokens {
    const total = inputTokens(asked, model)
    if (!asked.parts.some((part) => part.cache !== undefined)) {
      return { plain: total, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 }
    }
    const hash = createHash('sha256').update(model.id)
    let tokens = 0
    let read = 0
    let write5m = 0
    let write1h = 0
    for (const part of asked.parts) {
      tokens += partTokens(part, model)
      hash.update(`\u0000${part.from}\u0000${part.text.length}\u0000${part.imageTokens ?? ''}\u0000`).update(part.text)
      if (part.cache === undefined || tokens < model.minCachedTokens) continue
      const prefix = hash.copy().digest()
      if (this.#written.get(prefix) !== undefined) {
        // The longest prefix that is known is read; what shorter breakpoints would have written is part of it.
        read = tokens
        write5m = 0
        write1h = 0
      } else {
        this.#written.set(prefix, 0, 0)
        const fresh = tokens - read - write5m - write1h
        if (part.cache === '1h') write1h += fresh
        else write5m += fresh
      }
    }
    return { plain: total - read - write5m - write1h, cacheRead: read, cacheWrite5m: write5m, cacheWrite1h: write1h }
  }
}
