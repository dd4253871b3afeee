import { describe, expect, it } from 'vitest'
import type { Job } from '../../src/core/job.ts'
import type { DocumentRef } from '../../src/core/prompt.ts'
import { measureBody, usageBoundOf } from '../../src/prompt/usage-bound.ts'
import { jobOf } from './jobs.ts'

const nothing = { inputBytes: 0, pdfPages: 0, pdfTextBytes: 0, imageTokens: 0, unseenDocuments: 0 }
/** What is added for one message. */
const ADDED = 410

const pdf: DocumentRef = {
  path: 'a.pdf',
  base: 'root',
  kind: 'pdf',
  mediaType: 'application/pdf',
  size: 3000,
  digest: 'd',
  encoding: 'base64',
  bytes: 4000,
  pages: 2,
  textBytes: 900,
}
const text: DocumentRef = { ...pdf, kind: 'text', mediaType: 'text/plain', encoding: 'text', size: 700, bytes: 710 }
const image: DocumentRef = { ...pdf, kind: 'image', mediaType: 'image/png', width: 8000, height: 8000 }

describe('what a request uses at most', () => {
  it.each<[string, Partial<Job>, object]>([
    ['read as it is where nothing is cached', {}, { inputTokens: 7 + ADDED }],
    ['written for an hour', { params: { cache_control: { type: 'ephemeral', ttl: '1h' } } }, writtenFor(7, 7)],
    ['written for five minutes', { params: { cache_control: { type: 'ephemeral' } } }, writtenFor(7, 0)],
  ])('is a token for every byte, %s', (_, job, usage) => {
    const used = usageBoundOf(jobOf('ask', job))({ ...nothing, inputBytes: 7 }, 30)
    expect(used).toMatchObject({ inputTokens: 0, ...usage, outputTokens: 30 })
  })

  it('is a full page for every page, and all of its text where that is more', () => {
    const bound = usageBoundOf(jobOf('ask'))
    expect(bound({ ...nothing, pdfPages: 2, pdfTextBytes: 900 }, 0).inputTokens).toBe(12_000 + ADDED)
    expect(bound({ ...nothing, pdfPages: 2, pdfTextBytes: 9000 }, 0).inputTokens).toBe(15_000 + ADDED)
    expect(bound({ ...nothing, unseenDocuments: 1 }, 0).inputTokens).toBe(600_000 + ADDED)
  })
})

describe('the body of a follow-up', () => {
  it('is read by its texts and its documents, whose base64 is not text', () => {
    const job = jobOf('ask')
    const parts = ['{"a":"', pdf, '","b":"', text, '"}']
    expect(measureBody(job, { bytes: 13 + 4000 + 710, parts })).toEqual({
      ...nothing,
      inputBytes: 13 + 700,
      pdfPages: 2,
      pdfTextBytes: 900,
    })
    const pictures = { bytes: 10 + 8000, parts: ['01234', image, '56789', image] }
    expect(measureBody(job, pictures, 1568)).toEqual({ ...nothing, inputBytes: 10, imageTokens: 2 * 1568 })
  })
})

function writtenFor(tokens: number, hour: number): object {
  return {
    cacheCreationInputTokens: tokens + ADDED,
    cacheCreation1hInputTokens: hour === 0 ? 0 : hour + ADDED,
  }
}
