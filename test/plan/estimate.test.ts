import { describe, expect, it } from 'vitest'
import type { Job } from '../../src/core/job.ts'
import { createEstimator, type Measure } from '../../src/plan/estimate.ts'
import type { Provider } from '../../src/provider/provider.ts'
import { jobOf } from '../prompt/jobs.ts'
import { toolOf } from '../run/jobs.ts'

/** One USD for a million input tokens, ten for output. */
const provider = {
  cost: (_model, { inputTokens, outputTokens }) => (inputTokens + 10 * outputTokens) / 1_000_000,
  billing: () => ({ batch: true }),
} as Pick<Provider, 'cost' | 'billing'> as Provider

/** A request of 500 tokens at the rate of a model that nobody knows: 3.5 bytes for one, and 4 for its message. */
const measure: Measure = {
  inputBytes: 496 * 3.5,
  schemaBytes: 0,
  messages: 1,
  pdfPages: 0,
  pdfTextBytes: 0,
  imageTokens: 0,
  unseenDocuments: 0,
}

function estimate(job: Partial<Job>) {
  const estimator = createEstimator(provider, undefined, jobOf('ask', { params: { max_tokens: 1000 }, ...job }))
  for (let row = 0; row < 10; row += 1) estimator.add(measure)
  return estimator.total()
}

describe('the estimate of a run', () => {
  it('is one request for each row', () => {
    const { basis, ...told } = estimate({ maxRounds: 4 })
    expect(basis).toMatchObject({ inputTokens: 5000, inputTokensHigh: 6500, requestTokens: 5000 })
    // 500 tokens of input at one, 250 of output at ten.
    expect(basis?.inputShare).toBeCloseTo(500 / 3000, 9)
    expect(told).toEqual({
      inputTokens: 5000,
      inputTokensLow: 4000,
      inputTokensHigh: 6500,
      outputTokens: 2500,
      outputTokensLow: 630,
      outputTokensMax: 10_000,
      usd: expect.closeTo(10 * 0.003, 6),
      usdMax: expect.closeTo(10 * 0.01065, 6),
    })
    const returned = estimate({ maxRounds: 4, tools: [toolOf('ask', false)] })
    expect(returned, 'calls that are returned make no rounds').toEqual(estimate({ maxRounds: 4 }))
  })

  it('counts two rounds as likely and max_rounds as the most where tools are run, each reading what was said before', () => {
    const { inputTokens, outputTokensMax, usd, usdMax } = estimate({ maxRounds: 3, tools: [toolOf('lookup')] })
    const second = 500 + 40 + 60
    expect(inputTokens).toBe(10 * (500 + second))
    expect(outputTokensMax).toBe(10 * 3 * 1000)
    expect(usd).toBeCloseTo((10 * (500 + second + 2 * 2500)) / 1e6, 6)
    expect(usdMax).toBeCloseTo((10 * (650 + 3650 + 6650 + 3 * 10_000)) / 1e6, 6)
  })

  it('counts no second round where only one is allowed', () => {
    expect(estimate({ maxRounds: 1, tools: [toolOf('lookup')] })).toEqual(estimate({ maxRounds: 1 }))
  })

  it('is unknown where the price is', () => {
    const unknown = { ...provider, cost: () => null }
    const estimator = createEstimator(unknown, undefined, jobOf('ask'))
    estimator.add(measure)
    expect(estimator.total()).toMatchObject({ inputTokens: 500, usd: null, usdMax: null })
  })

  it('takes what answers usually need from an earlier run', () => {
    const estimator = createEstimator(provider, undefined, jobOf('ask', { params: { max_tokens: 1000 } }), 31.2)
    estimator.add(measure)
    expect(estimator.total()).toMatchObject({ outputTokens: 32, outputTokensLow: 25 })
  })

  it('takes what answers need from their schema where no run has told', () => {
    const schema = { type: 'object', properties: { mood: { enum: ['good', 'bad'] } }, required: ['mood'] }
    const told = estimate({ output: { schema, mode: 'structured', repair: 0 } })
    // {"mood":"good"} and {"mood":"bad"}, at 3.5 bytes for a token.
    expect(told).toMatchObject({ outputTokens: 10 * Math.ceil(15.5 / 3.5), outputTokensLow: 10 * Math.ceil(15 / 3.5) })
  })

  it('has in its most every longer answer, every repair and every round that the job allows', () => {
    const retry = { maxAttempts: 3, truncated: { grow: 2, maxTokens: 3000 } }
    const output = { schema: {}, mode: 'structured', repair: 1 } as const
    const most = (job: Partial<Job>): number => Math.round((estimate(job).usdMax ?? 0) * 1e5)
    const rooms = 3 * 650 + 10 * (1000 + 2000 + 3000)
    expect(most({ retry }), 'cut off twice').toBe(rooms)
    expect(most({ retry, output }), 'and then wrong').toBe(rooms + (650 + 5000 + 30_000))
    const tools = [toolOf('lookup')]
    expect(most({ retry, output, tools, maxRounds: 2 }), 'and after a round').toBe(
      rooms + (650 + 5000 + 30_000) + (650 + 10_000 + 30_000),
    )
    const search = { type: 'server', name: 'web_search', definition: {} } as const
    expect(most({ tools: [search], maxRounds: 2 }), 'paused by the provider').toBe(650 + 10_000 + 650 + 3000 + 10_000)
  })

  it('bounds what a request can cost by its bytes, and by pages that nobody has read', () => {
    const estimator = createEstimator(provider, undefined, jobOf('ask', { params: { max_tokens: 1000 } }))
    expect(estimator.add(measure).boundUsd).toBeCloseTo((1736 + 410 + 10_000) / 1e6, 9)
    const unseen = estimator.add({ ...measure, unseenDocuments: 1 }).boundUsd
    expect(unseen).toBeCloseTo((1736 + 410 + 100 * 6000 + 10_000) / 1e6, 9)
  })
})
