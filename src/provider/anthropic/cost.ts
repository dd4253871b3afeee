// What one answer cost, exact to the last digit: prices are turned into whole picodollars for one token, and only the
// sum is turned back into dollars. A picodollar is the millionth part of a dollar for a million tokens.

import type { JsonObject } from '../../core/json.ts'
import type { Billing, Usage } from '../../core/result.ts'
import type { ModelPrice, ModelSpec } from '../provider.ts'

const PICODOLLARS = 1e12
/** 10 USD for 1,000 searches; nothing says that a batch halves it. */
const PICODOLLARS_PER_SEARCH = 1e10

/** USD; null: the model or its price is unknown. */
export function cost(model: ModelSpec | undefined, usage: Usage, billing: Billing): number | null {
  if (model === undefined) return null
  const price = bandOf(model.prices, promptTokens(usage))
  if (price === undefined) return null
  if (billing.free === true) return 0
  const inRegion = billing.region === undefined ? 1 : (model.regionFactors?.[billing.region] ?? 1)
  const factor = (billing.batch ? model.batchFactor : 1) * inRegion
  const rates = ratesOf(price, factor)
  const written1h = Math.min(usage.cacheCreation1hInputTokens, usage.cacheCreationInputTokens)
  const total =
    usage.inputTokens * rates.input +
    usage.outputTokens * rates.output +
    usage.cacheReadInputTokens * rates.cacheRead +
    (usage.cacheCreationInputTokens - written1h) * rates.cacheWrite5m +
    written1h * rates.cacheWrite1h +
    usage.webSearchRequests * PICODOLLARS_PER_SEARCH
  return total / PICODOLLARS
}

/** Picodollars a token. */
interface Rates extends Omit<ModelPrice, 'upToPromptTokens'> {
  readonly price: ModelPrice
  readonly factor: number
}

/** Of the answer before, whose model and region are mostly those of the next one. */
let lastRates: Rates | undefined

function ratesOf(price: ModelPrice, factor: number): Rates {
  if (lastRates?.price === price && lastRates.factor === factor) return lastRates
  const perToken = (usdPerMillion: number): number => Math.round(usdPerMillion * factor * 1e6)
  lastRates = {
    price,
    factor,
    input: perToken(price.input),
    output: perToken(price.output),
    cacheRead: perToken(price.cacheRead),
    cacheWrite5m: perToken(price.cacheWrite5m),
    cacheWrite1h: perToken(price.cacheWrite1h),
  }
  return lastRates
}

/** What a request is billed like is known before it is sent, by the region that its params ask for. */
export function billing({ inference_geo: region }: JsonObject): Billing {
  return { batch: true, ...(typeof region === 'string' ? { region } : {}) }
}

/** The whole prompt, which decides the band: cache reads and writes are not part of inputTokens. */
function promptTokens(usage: Usage): number {
  return usage.inputTokens + usage.cacheCreationInputTokens + usage.cacheReadInputTokens
}

function bandOf(bands: readonly ModelPrice[], tokens: number): ModelPrice | undefined {
  // For every answer of millions: a loop makes no function of its own.
  for (const band of bands) if (band.upToPromptTokens === undefined || tokens <= band.upToPromptTokens) return band
  return bands.at(-1)
}
