// The part of a request that is marked to be cached: everything up to the last mark.

import { createHash } from 'node:crypto'
import type { CacheTtl, Job } from '../core/job.ts'
import type { FilledDocument, FilledPrompt, FilledText } from './filled.ts'
import { measureDocument, type ReadAmount } from './read-amount.ts'

export interface CachedPrefix extends ReadAmount {
  /** Equal for equal prefixes. */
  readonly name: string
  readonly ttl: CacheTtl
}

/** Everything up to the last mark. */
export function markedParts({ system, messages }: FilledPrompt): (FilledText | FilledDocument)[] {
  const parts = [...system, ...messages.flatMap(({ content }) => content)]
  return parts.slice(0, parts.findLastIndex((part) => part.cache !== undefined) + 1)
}

/** undefined: nothing is marked. Where both times are used the longer one is told: it has to stand first. */
export function cachedPrefix(job: Job, filled: FilledPrompt, mostImageTokens?: number): CachedPrefix | undefined {
  const marked = markedParts(filled)
  if (marked.length === 0) return undefined
  const tools = job.tools.length === 0 ? '' : JSON.stringify(job.tools)
  const hash = createHash('sha256').update(tools)
  let inputBytes = Buffer.byteLength(tools)
  let pdfPages = 0
  let pdfTextBytes = 0
  let imageTokens = 0
  let unseenDocuments = 0
  for (const part of marked) {
    if (part.type === 'text') {
      hash.update(`\u0000${part.text}`)
      inputBytes += Buffer.byteLength(part.text)
      continue
    }
    const { source } = part
    hash.update(`\u0000${source.type === 'file' ? source.ref.digest : source.text}`)
    const amount = measureDocument(part, mostImageTokens)
    inputBytes += amount.inputBytes
    pdfPages += amount.pdfPages
    pdfTextBytes += amount.pdfTextBytes
    imageTokens += amount.imageTokens
    unseenDocuments += amount.unseenDocuments
  }
  const ttl = marked.some((part) => part.cache === '1h') ? '1h' : '5m'
  return { name: hash.digest('base64'), ttl, inputBytes, pdfPages, pdfTextBytes, imageTokens, unseenDocuments }
}
