import { describe, expect, it } from 'vitest'
import { tooLong } from '../../src/plan/context-window.ts'
import type { Measure } from '../../src/plan/estimate.ts'
import { anthropic } from '../../src/provider/anthropic/anthropic.ts'

const nothing: Measure = {
  inputBytes: 0,
  schemaBytes: 0,
  messages: 1,
  pdfPages: 0,
  pdfTextBytes: 0,
  imageTokens: 0,
  unseenDocuments: 0,
}
const haiku = anthropic.model('claude-haiku-5-5')

describe('a prompt', () => {
  it('is too long where even the low estimate exceeds what the model holds', () => {
    expect(tooLong({ ...nothing, inputBytes: 9_900_000 }, haiku)).toBe(
      'The prompt has about 3,300,004 tokens, 2,640,003 at the very least; claude-haiku-5-5 can hold 1,000,000, its answer included.',
    )
    expect(tooLong({ ...nothing, inputBytes: 3_700_000 }, haiku), 'by the low estimate').toBeUndefined()
    expect(tooLong({ ...nothing, inputBytes: 3_800_000 }, haiku)).toBeDefined()
    const older = anthropic.model('claude-haiku-4-5')
    expect(tooLong({ ...nothing, pdfPages: 100, pdfTextBytes: 500_000 }, older)).toContain('can hold 200,000')
  })

  it('may be as long as it is for a model that nobody knows, and with documents that nobody has seen', () => {
    expect(tooLong({ ...nothing, inputBytes: 99_000_000 }, undefined)).toBeUndefined()
    const own = anthropic.model('own', { own: { input: 1, output: 1 } })
    expect(tooLong({ ...nothing, inputBytes: 99_000_000 }, own)).toBeUndefined()
    expect(tooLong({ ...nothing, inputBytes: 3_700_000, unseenDocuments: 600 }, haiku)).toBeUndefined()
  })
})
