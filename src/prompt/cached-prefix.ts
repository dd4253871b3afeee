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

/** undefined: nothing is marked. Where both times are used the longer one is told: it has to stand first. */
export function cachedPrefix(
  job: Job,
  { system, messages }: FilledPrompt,
  mostImageTokens?: number,
): CachedPrefix | undefined {
  const parts: (FilledText | FilledDocument)[] = [...system, ...messages.flatMap(({ content }) => content)]
  const last = parts.findLastIndex((part) => part.cache !== undefined)
  if (last < 0) return undefined
  const marked = parts.slice(0, last + 1)
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
