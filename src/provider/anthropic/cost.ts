// What one answer cost, exact to the last digit: prices are turned into whole picodollars for one token, and only the
// sum is turned back into dollars. A picodollar is the millionth part of a dollar for a million tokens.

import type { Usage } from '../../core/result.ts'
import type { ModelPrice, ModelSpec } from '../provider.ts'

const PICODOLLARS = 1e12
/** 10 USD for 1,000 searches; nothing says that a batch halves it. */
const PICODOLLARS_PER_SEARCH = 1e10

/** USD; null: the model or its price is unknown. */
export function cost(model: ModelSpec | undefined, usage: Usage, batchPriced: boolean): number | null {
  if (model === undefined) return null
  const price = bandOf(model.prices, promptTokens(usage))
  if (price === undefined) return null
  const factor = batchPriced ? model.batchFactor : 1
  const perToken = (usdPerMillion: number): number => Math.round(usdPerMillion * factor * 1e6)
  const written1h = Math.min(usage.cacheCreation1hInputTokens, usage.cacheCreationInputTokens)
  const total =
    usage.inputTokens * perToken(price.input) +
    usage.outputTokens * perToken(price.output) +
    usage.cacheReadInputTokens * perToken(price.cacheRead) +
    (usage.cacheCreationInputTokens - written1h) * perToken(price.cacheWrite5m) +
    written1h * perToken(price.cacheWrite1h) +
    usage.webSearchRequests * PICODOLLARS_PER_SEARCH
  return total / PICODOLLARS
}

/** The whole prompt, which decides the band: cache reads and writes are not part of inputTokens. */
function promptTokens(usage: Usage): number {
  return usage.inputTokens + usage.cacheCreationInputTokens + usage.cacheReadInputTokens
}

function bandOf(bands: readonly ModelPrice[], tokens: number): ModelPrice | undefined {
  return bands.find((band) => band.upToPromptTokens === undefined || tokens <= band.upToPromptTokens) ?? bands.at(-1)
}
