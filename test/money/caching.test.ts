import { describe, expect, it } from 'vitest'
import { cacheWords } from '../../src/core/cache-hits.ts'
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
    expect(total).toMatchObject({ readTokens: 2 * 0.6 * 2000, writeTokens: 2 * 2000 + 2 * 0.4 * 2000 })
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

describe('what came of the caching', () => {
  const hits = {
    expected_read_tokens: 600,
    expected_write_tokens: 400,
    expected_saved_usd: 0.1,
    read_tokens: 97,
    write_tokens: 3,
    saved_usd: 0.11,
  }
  const usd = (amount: number) => `${amount} USD`

  it.each([
    [{}, 'Cache: 97 % of the marked tokens were read, forecast 60 %; it saved 0.11 USD, forecast 0.1 USD.'],
    [
      { read_tokens: 0, write_tokens: 9, saved_usd: -0.2, expected_saved_usd: -0.1 },
      'Cache: 0 % of the marked tokens were read, forecast 60 %; it cost 0.2 USD more than it saved, forecast a loss of 0.1 USD.',
    ],
    [{ saved_usd: null, expected_saved_usd: null }, 'Cache: 97 % of the marked tokens were read, forecast 60 %.'],
    [{ read_tokens: 0, write_tokens: 0 }, 'Cache: nothing has been read or written, forecast 60 %.'],
    [
      { read_tokens: 0, write_tokens: 0, expected_read_tokens: 0, expected_write_tokens: 0 },
      'Cache: nothing has been read or written, forecast none.',
    ],
  ])('is told beside the forecast %#', (over, words) => {
    expect(cacheWords({ ...hits, ...over }, usd)).toBe(words)
  })
})
