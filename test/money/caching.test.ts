import { describe, expect, it } from 'vitest'
import { CacheForecast, readsToPay } from '../../src/plan/cache-forecast.ts'
import { anthropic } from '../../src/provider/anthropic/anthropic.ts'

const nothing = { inputBytes: 0, pdfPages: 0, pdfTextBytes: 0, imageTokens: 0, unseenDocuments: 0 }

function forecast(model: string, prefixes: readonly string[], tokens: number, ttl: '5m' | '1h') {
  const caching = new CacheForecast(anthropic, anthropic.model(model), { batch: true })
  for (const name of prefixes) caching.add({ ...nothing, name, ttl }, tokens, tokens + 100)
  return caching.total()
}

describe('the forecast of caching', () => {
  it('says after how many reads a write has paid', () => {
    expect(readsToPay(anthropic.model('claude-sonnet-5'), '5m')).toBe(1)
    expect(readsToPay(anthropic.model('claude-sonnet-5'), '1h')).toBe(2)
    expect(readsToPay(anthropic.model('claude-fable-5-2'), '1h')).toBe(2)
    expect(readsToPay(anthropic.model('claude-sonnet-9'), '1h')).toBeNull()
  })

  it('takes six of ten possible reads for likely', () => {
    // 2,000 tokens at 1 USD for a million in a batch: a write costs 2 instead of 1, a read 0.1 instead of 1.
    const total = forecast('claude-sonnet-5', ['a', 'a', 'a', 'b'], 2000, '1h')
    expect(total).toMatchObject({ requests: 4, prefixes: 2, tooShort: 0, readsToPay: 2 })
    expect(total?.savedUsd).toBeCloseTo((-2 + 2 * (0.6 * 0.9 - 0.4)) * 0.002, 12)
    expect(total?.extraUsdMax).toBeCloseTo(4 * 0.002, 12)
  })

  it('counts prefixes below the minimum of the model, which are not cached', () => {
    expect(forecast('claude-sonnet-5', ['a', 'a'], 1023, '5m')).toMatchObject({ tooShort: 2, prefixes: 0, savedUsd: 0 })
    expect(forecast('claude-haiku-5-5', ['a', 'a'], 1023, '5m')).toMatchObject({ tooShort: 0, prefixes: 1 })
  })

  it('is none where nothing is marked', () => {
    expect(forecast('claude-sonnet-5', [], 0, '5m')).toBeUndefined()
  })
})
