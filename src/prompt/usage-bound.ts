// What a request uses at most. The budget counts on it, so it is a bound and no estimate: nothing here is typical.

import type { BodyPart } from '../core/batch.ts'
import type { CacheTtl, Job } from '../core/job.ts'
import { NO_USAGE, type Usage } from '../core/result.ts'
import { measureDocument, type ReadAmount } from './read-amount.ts'

/** A page of a PDF: its text is documented with 1,500 to 3,000 tokens, its picture taken for as much. */
const TOKENS_PER_PAGE = 6000
const TEXT_TOKENS_PER_PAGE = 3000
/** Pages of a document that nobody has seen. */
const UNSEEN_PAGES = 100
/** What the provider adds of its own: how tools are called, what structured output is, where a message begins. */
const ADDED_TOKENS = 400
const ADDED_TOKENS_PER_MESSAGE = 10

/** All of the prompt is new to the cache where the job uses one, which is the dearest way to be read. */
export function usageBoundOf(job: Job): (amount: ReadAmount, outputTokens: number) => Usage {
  const ttl = dearestCache(job)
  const added = ADDED_TOKENS + job.messages.length * ADDED_TOKENS_PER_MESSAGE
  return (amount, outputTokens) => {
    const tokens = readAtMost(amount) + added
    if (ttl === undefined) return { ...NO_USAGE, inputTokens: tokens, outputTokens }
    const cacheCreation1hInputTokens = ttl === '1h' ? tokens : 0
    return { ...NO_USAGE, cacheCreationInputTokens: tokens, cacheCreation1hInputTokens, outputTokens }
  }
}

/** The body of a follow-up: a request that was planned, and what was said since. */
export function measureBody(
  job: Pick<Job, 'documents'>,
  { bytes, parts }: { readonly bytes: number; readonly parts: readonly BodyPart[] },
  mostImageTokens?: number,
): ReadAmount {
  let inputBytes = bytes
  let pdfPages = 0
  let pdfTextBytes = 0
  let imageTokens = 0
  for (const part of parts) {
    if (typeof part === 'string') continue
    const amount = measureDocument({ source: { type: 'file', ref: part } }, mostImageTokens)
    inputBytes += amount.inputBytes - part.bytes
    pdfPages += amount.pdfPages
    pdfTextBytes += amount.pdfTextBytes
    imageTokens += amount.imageTokens
  }
  const unseenDocuments = job.documents.filter(({ url, fileId }) => url !== undefined || fileId !== undefined).length
  return { inputBytes, pdfPages, pdfTextBytes, imageTokens, unseenDocuments }
}

/** No tokenizer makes more tokens of a text than it has bytes. */
function readAtMost(amount: ReadAmount): number {
  const { inputBytes, pdfPages, pdfTextBytes, imageTokens, unseenDocuments } = amount
  const pages = pdfPages + unseenDocuments * UNSEEN_PAGES
  const denserText = Math.max(0, pdfTextBytes - pages * TEXT_TOKENS_PER_PAGE)
  return inputBytes + pages * TOKENS_PER_PAGE + denserText + imageTokens
}

/** The longest time that anything of the job is cached for; undefined: nothing is. */
function dearestCache({ system, documents, messages, params, tools }: Job): CacheTtl | undefined {
  const marks = [system, ...documents, ...messages.flatMap(({ content }) => content)].map((mark) => mark?.cache)
  // What is passed on unchanged may have marks of its own.
  const raw = JSON.stringify([params, tools])
  if (raw.includes('"cache_control"')) marks.push(raw.includes('"1h"') ? '1h' : '5m')
  return marks.includes('1h') ? '1h' : marks.find((mark) => mark !== undefined)
}
