import { describe, expect, it } from 'vitest'
import { NO_USAGE, type Usage } from '../../../src/core/result.ts'
import { anthropic } from '../../../src/provider/anthropic/anthropic.ts'
import { MODELS } from '../../../src/provider/anthropic/models.ts'

const usage = (over: Partial<Usage>): Usage => ({ ...NO_USAGE, ...over })
const M = 1_000_000

function usd(model: string, over: Partial<Usage>, batch = true): number | null {
  return anthropic.cost(anthropic.model(model), usage(over), { batch })
}

describe('cost', () => {
  // Batch prices per million tokens, as the price page prints them.
  it.each([
    ['claude-fable-5-2', 4, 20],
    ['claude-fable-5-1', 5, 25],
    ['claude-fable-5', 5, 25],
    ['claude-opus-5-5', 2, 10],
    ['claude-opus-5', 2.5, 12.5],
    ['claude-opus-4-5', 2.5, 12.5],
    ['claude-sonnet-5-5', 1, 5],
    ['claude-sonnet-5', 1, 5],
    ['claude-sonnet-4-6', 1.5, 7.5],
    ['claude-haiku-4-5', 0.5, 2.5],
  ])('of a million tokens in and out of %s is %d and %d in a batch', (model, input, output) => {
    expect(usd(model, { inputTokens: M })).toBe(input)
    expect(usd(model, { outputTokens: M })).toBe(output)
    expect(usd(model, { outputTokens: M }, false)).toBe(output * 2)
  })

  // Standard prices of a million cache reads, five-minute and one-hour writes.
  it.each([
    ['claude-fable-5-2', 0.2, 10, 16],
    ['claude-fable-5-1', 0.25, 12.5, 20],
    ['claude-fable-5', 1, 12.5, 20],
    ['claude-opus-5-5', 0.2, 5, 8],
    ['claude-opus-5', 0.5, 6.25, 10],
    ['claude-sonnet-5-5', 0.1, 2.5, 4],
    ['claude-sonnet-5', 0.2, 2.5, 4],
    ['claude-haiku-4-5', 0.1, 1.25, 2],
  ])('of the cache of %s: read %d, written for five minutes %d, for an hour %d', (model, read, write5m, write1h) => {
    expect(usd(model, { cacheReadInputTokens: M }, false)).toBe(read)
    expect(usd(model, { cacheCreationInputTokens: M }, false)).toBe(write5m)
    const hour = { cacheCreationInputTokens: M, cacheCreation1hInputTokens: M }
    expect(usd(model, hour, false)).toBe(write1h)
    expect(usd(model, hour)).toBe(write1h / 2)
  })

  it('chooses the band of Haiku 5.5 by the whole prompt, for all tokens of the request', () => {
    expect(usd('claude-haiku-5-5', { inputTokens: 100_000, outputTokens: 1000 })).toBe(0.00525)
    expect(usd('claude-haiku-5-5', { inputTokens: 100_001, outputTokens: 1000 })).toBe(0.02625025)
    expect(
      usd('claude-haiku-5-5', { inputTokens: 1, cacheReadInputTokens: 60_000, cacheCreationInputTokens: 40_000 }),
    ).toBe((1 * 0.25 + 60_000 * 0.025 + 40_000 * 0.3125) / M)
    expect(usd('claude-haiku-5-5', { cacheReadInputTokens: 60_000, cacheCreationInputTokens: 40_000 })).toBe(
      (60_000 * 0.005 + 40_000 * 0.0625) / M,
    )
  })

  it('is exact where floating point arithmetic is not', () => {
    expect(usd('claude-haiku-5-5', { inputTokens: 1 })).toBe(0.00000005)
    expect(usd('claude-haiku-5-5', { cacheReadInputTokens: 1 })).toBe(0.000000005)
    expect(usd('claude-sonnet-4-6', { inputTokens: 3, outputTokens: 7, cacheReadInputTokens: 11 })).toBe(0.00005865)
    expect(usd('claude-haiku-5-5', { inputTokens: 3, outputTokens: 3 })).toBe(0.0000009)
  })

  it('takes web searches at their full price', () => {
    expect(usd('claude-haiku-5-5', { webSearchRequests: 3 })).toBe(0.03)
  })

  it('is unknown, and never 0, for a model without a price', () => {
    expect(anthropic.cost(undefined, usage({ inputTokens: 1 }), { batch: true })).toBeNull()
    expect(usd('claude-opus-4-1', { inputTokens: 1 })).toBeNull()
    expect(anthropic.model('llama3')).toBeUndefined()
  })

  it('names the page and the day of every price, and none for a price of the job', () => {
    for (const model of MODELS.filter(({ prices }) => prices.length > 0))
      expect(model.priceSource, model.id).toEqual({
        name: expect.stringMatching(/./),
        asOf: expect.stringMatching(/^2026-/),
      })
    expect(
      anthropic.model('claude-haiku-4-5', { 'claude-haiku-4-5': { input: 1, output: 2 } })?.priceSource,
    ).toBeUndefined()
  })

  it('takes the job’s prices before its own, by any name of the model', () => {
    const prices = { 'claude-haiku-4-5-20251001': { input: 2, output: 4 } }
    const model = anthropic.model('claude-haiku-4-5', prices)
    expect(anthropic.cost(model, usage({ inputTokens: M, outputTokens: M }), { batch: true })).toBe(3)
    expect(anthropic.cost(model, usage({ cacheReadInputTokens: M }), { batch: false })).toBe(0.2)
  })

  it('takes a price of the job for a model of which we know nothing, in bands and with a factor', () => {
    const prices = {
      llama3: [
        { input: 0.1, output: 0.2, up_to_prompt_tokens: 1000, batch_factor: 1 },
        { input: 0.3, output: 0.4, cache_read: 0.05 },
      ],
    }
    const model = anthropic.model('llama3', prices)
    expect(model).toMatchObject({ id: 'llama3', state: 'active' })
    expect(anthropic.cost(model, usage({ inputTokens: 1000 }), { batch: true })).toBe(0.0001)
    expect(anthropic.cost(model, usage({ inputTokens: 1001 }), { batch: true })).toBe(0.0003003)
    expect(anthropic.cost(model, usage({ cacheReadInputTokens: M }), { batch: true })).toBe(0.05)
  })
})

describe('the table of models', () => {
  it('has each name once', () => {
    const names = MODELS.flatMap((model) => [model.id, ...model.aliases])
    expect(new Set(names).size).toBe(names.length)
  })

  it('has a price for every model that still answers, bands in ascending order and the last open', () => {
    for (const model of MODELS) {
      if (model.state === 'retired') continue
      const limits = model.prices.map((price) => price.upToPromptTokens ?? Number.POSITIVE_INFINITY)
      expect(limits.at(-1)).toBe(Number.POSITIVE_INFINITY)
      expect([...limits].sort((a, b) => a - b)).toEqual(limits)
    }
  })

  it('names a successor that still answers for every model that does not', () => {
    for (const model of MODELS.filter(({ state }) => state !== 'active')) {
      expect(anthropic.model(model.successor ?? '')?.state).toBe('active')
      expect(model.retiresOn).toMatch(/^\d{4}-\d{2}-\d{2}$/)
    }
  })

  it('knows aliases up to the 4.5 generation', () => {
    expect(anthropic.model('claude-sonnet-4-5')?.id).toBe('claude-sonnet-4-5-20250929')
    expect(anthropic.model('claude-haiku-4-5')).toMatchObject({ contextTokens: 200_000, maxPdfPages: 100 })
    expect(anthropic.model('claude-haiku-5-5')).toMatchObject({ contextTokens: 1_000_000, maxPdfPages: 600 })
  })
})
