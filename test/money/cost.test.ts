// Usages over five models, each with its cost worked out by hand from the list prices of 2026-10-08: USD for a million
// tokens, halved in a batch.

import { describe, expect, it } from 'vitest'
import { type Billing, NO_USAGE, type Usage } from '../../src/core/result.ts'
import { anthropic } from '../../src/provider/anthropic/anthropic.ts'

interface Case {
  readonly what: string
  readonly model: string
  readonly usage: Partial<Usage>
  readonly billing?: Partial<Billing>
  readonly usd: number
}

const CASES: readonly Case[] = [
  {
    what: 'plain tokens in a batch',
    model: 'claude-haiku-5-5',
    usage: { inputTokens: 12_345, outputTokens: 678 },
    // 12,345 × 0.05 = 617.25; 678 × 0.25 = 169.5; together 786.75 millionths
    usd: 0.00078675,
  },
  {
    what: 'the last prompt of the lower band',
    model: 'claude-haiku-5-5',
    usage: { inputTokens: 100_000, outputTokens: 1000 },
    // 100,000 × 0.05 = 5,000; 1,000 × 0.25 = 250
    usd: 0.00525,
  },
  {
    what: 'the first prompt of the upper band, output included',
    model: 'claude-haiku-5-5',
    usage: { inputTokens: 100_001, outputTokens: 1000 },
    // 100,001 × 0.25 = 25,000.25; 1,000 × 1.25 = 1,250
    usd: 0.02625025,
  },
  {
    what: 'a band that cache reads and writes reach together',
    model: 'claude-haiku-5-5',
    usage: { inputTokens: 10, cacheReadInputTokens: 60_000, cacheCreationInputTokens: 50_000, outputTokens: 20 },
    // 10 × 0.25 = 2.5; 60,000 × 0.025 = 1,500; 50,000 × 0.3125 = 15,625; 20 × 1.25 = 25
    usd: 0.0171525,
  },
  {
    what: 'a one-hour write beside a five-minute write',
    model: 'claude-sonnet-5-5',
    usage: { inputTokens: 7, cacheCreationInputTokens: 5000, cacheCreation1hInputTokens: 3000, outputTokens: 11 },
    // 7 × 1 = 7; 2,000 × 1.25 = 2,500; 3,000 × 2 = 6,000; 11 × 5 = 55
    usd: 0.008562,
  },
  {
    what: 'reads at the lower price of the newest Sonnet',
    model: 'claude-sonnet-5-5',
    usage: { inputTokens: 100, cacheReadInputTokens: 20_001, outputTokens: 300 },
    // 100 × 1 = 100; 20,001 × 0.05 = 1,000.05; 300 × 5 = 1,500
    usd: 0.00260005,
  },
  {
    what: 'a realtime answer at list price',
    model: 'claude-opus-5-5',
    usage: { inputTokens: 1001, outputTokens: 333, cacheReadInputTokens: 10 },
    billing: { batch: false },
    // 1,001 × 4 = 4,004; 333 × 20 = 6,660; 10 × 0.2 = 2
    usd: 0.010666,
  },
  {
    what: 'a read of a fortieth of the input price',
    model: 'claude-fable-5-2',
    usage: { inputTokens: 3, cacheReadInputTokens: 123_457, outputTokens: 1 },
    // 3 × 4 = 12; 123,457 × 0.1 = 12,345.7; 1 × 20 = 20
    usd: 0.0123777,
  },
  {
    what: 'web searches, which a batch does not halve',
    model: 'claude-opus-4-5',
    usage: { inputTokens: 10, outputTokens: 10, webSearchRequests: 3 },
    // 10 × 2.5 = 25; 10 × 12.5 = 125; 3 × 10,000 = 30,000
    usd: 0.03015,
  },
  {
    what: 'a row that was asked three times: its usages added up',
    model: 'claude-haiku-4-5',
    usage: { inputTokens: 3 * 417, outputTokens: 64 + 128 + 201 },
    // 1,251 × 0.5 = 625.5; 393 × 2.5 = 982.5
    usd: 0.001608,
  },
  {
    what: 'an answer from within the US: a tenth more for every token, nothing more for a search',
    model: 'claude-sonnet-5-5',
    usage: {
      inputTokens: 101,
      cacheReadInputTokens: 2001,
      cacheCreationInputTokens: 300,
      cacheCreation1hInputTokens: 300,
      outputTokens: 17,
      webSearchRequests: 1,
    },
    billing: { region: 'us' },
    // (101 × 1 + 2,001 × 0.05 + 300 × 2 + 17 × 5) × 1.1 = 886.05 × 1.1 = 974.655; a search 10,000
    usd: 0.010974655,
  },
  {
    what: 'the same region at list price, in the upper band',
    model: 'claude-haiku-5-5',
    usage: { inputTokens: 100_003, outputTokens: 7 },
    billing: { batch: false, region: 'us' },
    // (100,003 × 0.5 + 7 × 2.5) × 1.1 = 50,019 × 1.1
    usd: 0.0550209,
  },
  {
    what: 'a region that costs the same',
    model: 'claude-opus-5',
    usage: { inputTokens: 1000, outputTokens: 1 },
    billing: { region: 'global' },
    // 1,000 × 2.5 = 2,500; 1 × 12.5
    usd: 0.0025125,
  },
  {
    what: 'a model that knows no regions',
    model: 'claude-haiku-4-5',
    usage: { inputTokens: 1000, outputTokens: 1 },
    billing: { region: 'us' },
    // 1,000 × 0.5 = 500; 1 × 2.5
    usd: 0.0005025,
  },
  {
    what: 'a refusal before any output: its tokens are counted and not billed',
    model: 'claude-fable-5-1',
    usage: { inputTokens: 123_456, cacheCreationInputTokens: 5000 },
    billing: { free: true },
    usd: 0,
  },
]

describe('what an answer costs', () => {
  for (const { what, model, usage, billing, usd } of CASES) {
    it(`is exact for ${what} (${model})`, () => {
      expect(anthropic.cost(anthropic.model(model), { ...NO_USAGE, ...usage }, { batch: true, ...billing })).toBe(usd)
    })
  }

  it('is unknown for a model without a price, also where nothing was used', () => {
    expect(anthropic.cost(anthropic.model('claude-sonnet-9'), NO_USAGE, { batch: true })).toBeNull()
    expect(anthropic.cost(anthropic.model('claude-3-opus-20240229'), NO_USAGE, { batch: true })).toBeNull()
  })

  it('follows the prices of the job, by any name of the model, bands and batch factor included', () => {
    const bands = [
      { up_to_prompt_tokens: 100, input: 1, output: 2 },
      { input: 10, output: 20, batch_factor: 0.25 },
    ]
    const model = anthropic.model('claude-haiku-4-5-20251001', { 'claude-haiku-4-5': bands })
    const cost = (inputTokens: number) => anthropic.cost(model, { ...NO_USAGE, inputTokens }, { batch: true })
    expect(cost(100)).toBe(0.000025)
    expect(cost(101)).toBe(0.0002525)
    const own = anthropic.model('my-model', { 'my-model': { input: 3, output: 6, cache_read: 1 } })
    expect(anthropic.cost(own, { ...NO_USAGE, cacheReadInputTokens: 7, outputTokens: 1 }, { batch: true })).toBe(
      0.0000065,
    )
  })
})
