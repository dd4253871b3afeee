import { describe, expect, it } from 'vitest'
import type { Job } from '../../src/core/job.ts'
import { createEstimator } from '../../src/plan/estimate.ts'
import type { Provider } from '../../src/provider/provider.ts'
import { jobOf } from '../prompt/jobs.ts'
import { toolOf } from '../run/jobs.ts'

/** One USD for a million input tokens, ten for output. */
const provider = {
  cost: (_model, { inputTokens, outputTokens }) => (inputTokens + 10 * outputTokens) / 1_000_000,
} as Pick<Provider, 'cost'> as Provider

function estimate(job: Partial<Job>) {
  const estimator = createEstimator(provider, undefined, jobOf('ask', { params: { max_tokens: 1000 }, ...job }))
  for (let row = 0; row < 10; row += 1) estimator.add(500)
  return estimator.total()
}

describe('the estimate of a run', () => {
  it('is one request for each row', () => {
    expect(estimate({ maxRounds: 4 })).toEqual({
      inputTokens: 5000,
      outputTokensMax: 10_000,
      usd: expect.closeTo(10 * 0.003, 6),
      usdMax: expect.closeTo(10 * 0.0105, 6),
    })
    const returned = estimate({ maxRounds: 4, tools: [toolOf('ask', false)] })
    expect(returned, 'calls that are returned make no rounds').toEqual(estimate({ maxRounds: 4 }))
  })

  it('counts two rounds as likely and max_rounds as the most where tools are run, each reading what was said before', () => {
    const { inputTokens, outputTokensMax, usd, usdMax } = estimate({ maxRounds: 3, tools: [toolOf('lookup')] })
    const second = 500 + 250 + 300
    expect(inputTokens).toBe(10 * (500 + second))
    expect(outputTokensMax).toBe(10 * 3 * 1000)
    expect(usd).toBeCloseTo((10 * (500 + second + 2 * 2500)) / 1e6, 6)
    expect(usdMax).toBeCloseTo((10 * (500 + 3500 + 6500 + 3 * 10_000)) / 1e6, 6)
  })

  it('counts no second round where only one is allowed', () => {
    expect(estimate({ maxRounds: 1, tools: [toolOf('lookup')] })).toEqual(estimate({ maxRounds: 1 }))
  })

  it('is unknown where the price is', () => {
    const unknown = { cost: () => null } as Pick<Provider, 'cost'> as Provider
    const estimator = createEstimator(unknown, undefined, jobOf('ask'))
    estimator.add(500)
    expect(estimator.total()).toMatchObject({ inputTokens: 500, usd: null, usdMax: null })
  })
})
