import { describe, expect, it } from 'vitest'
import type { Estimate } from '../../src/core/estimate.ts'
import { calibrate } from '../../src/plan/calibrate.ts'
import { CountSample } from '../../src/plan/count-sample.ts'

/** A thousand tokens of requests and a hundred of what tools return; half of the cost is for input. */
const estimate: Estimate = {
  inputTokens: 1100,
  inputTokensLow: 800,
  inputTokensHigh: 1500,
  outputTokens: 50,
  outputTokensMax: 500,
  usd: 2,
  usdMax: 10,
  basis: {
    inputTokens: 1000,
    inputTokensHigh: 1300,
    requestTokens: 1000,
    inputShare: 0.5,
    inputShareMax: 0.2,
    sample: [],
  },
}

describe('an estimate that the provider has counted', () => {
  it('is scaled by what a sample came to, within a narrower range', () => {
    const counted = calibrate(estimate, { requests: 8, tokens: 240, estimated: 200, isAll: false })
    expect(counted).toMatchObject({
      inputTokens: 1300,
      inputTokensLow: 1080,
      inputTokensHigh: 200 + 1320,
      outputTokensMax: 500,
      counted: { requests: 8, factor: 1.2 },
    })
    expect(counted.usd).toBeCloseTo(1 + 1300 / 1100, 9)
    expect(counted.usdMax).toBeCloseTo(8 + (2 * 1520) / 1500, 9)
  })

  it('is what was counted where all was', () => {
    const counted = calibrate(estimate, { requests: 80, tokens: 900, estimated: 1000, isAll: true })
    expect(counted).toMatchObject({ inputTokens: 1000, inputTokensLow: 900, inputTokensHigh: 1100 })
  })

  it('saves by its cache what it saves of so many tokens', () => {
    const cache = {
      requests: 2,
      prefixes: 1,
      tooShort: 0,
      meanTokens: 5,
      minTokens: 1,
      readsToPay: 1,
      savedUsd: 0.5,
      extraUsdMax: 0,
    }
    const counted = calibrate({ ...estimate, cache }, { requests: 8, tokens: 240, estimated: 200, isAll: false })
    expect(counted.cache?.savedUsd).toBeCloseTo(0.6, 9)
    expect(counted.usd).toBeCloseTo(2.5 * (0.5 + (0.5 * 1300) / 1100) - 0.6, 9)
  })

  it('stays as it is where nothing was counted, and unknown where the price is', () => {
    expect(calibrate(estimate, { requests: 0, tokens: 0, estimated: 0, isAll: false })).toBe(estimate)
    const unpriced = { ...estimate, usd: null, usdMax: null }
    const counted = calibrate(unpriced, { requests: 8, tokens: 240, estimated: 200, isAll: false })
    expect(counted).toMatchObject({ inputTokens: 1300, usd: null, usdMax: null })
  })
})

describe('the requests that are counted', () => {
  it('are spread over the plan, eight to fifteen of them, or all of a small one', () => {
    const sampleOf = (requests: number): number[] => {
      const sample = new CountSample()
      for (let position = 0; position < requests; position += 1) sample.add(position, 7)
      return sample.requests.map(({ position }) => position)
    }
    expect(sampleOf(3)).toEqual([0, 1, 2])
    expect(sampleOf(15)).toHaveLength(15)
    expect(sampleOf(16)).toEqual([0, 2, 4, 6, 8, 10, 12, 14])
    const many = sampleOf(100_000)
    expect(many.length).toBeGreaterThanOrEqual(8)
    expect(many.at(-1)).toBeGreaterThan(85_000)
  })
})
