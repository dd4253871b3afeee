// List prices: the usual multipliers of the input price, and what a job's `prices` puts over our table.

import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts'
import type { ModelPrice, ModelSpec } from '../provider.ts'

interface GivenPrice {
  readonly upToPromptTokens?: number
  readonly input: number
  readonly output: number
  readonly cacheRead?: number
  readonly cacheWrite5m?: number
  readonly cacheWrite1h?: number
}

/** One band; what is not given follows from the input price: reads ×0.1, five-minute writes ×1.25, one-hour writes ×2. */
export function prices(given: GivenPrice): readonly ModelPrice[] {
  const { input } = given
  return [{ cacheRead: input / 10, cacheWrite5m: input * 1.25, cacheWrite1h: input * 2, ...given }]
}

/**
 * The model with the job's prices for it, by whichever of its names the job uses. A model that only the job has a price
 * for gets limits that refuse nothing. undefined: neither in our table nor in the job's.
 */
export function withJobPrices(
  model: ModelSpec | undefined,
  names: readonly string[],
  jobPrices: JsonObject | undefined,
): ModelSpec | undefined {
  const name = names.find((candidate) => Object.hasOwn(jobPrices ?? {}, candidate))
  const entry = name === undefined ? undefined : jobPrices?.[name]
  if (entry === undefined) return model
  const bands = (Array.isArray(entry) ? entry : [entry]).filter((band): band is JsonObject => isJsonObject(band))
  const factor = bands.find((band) => typeof band.batch_factor === 'number')?.batch_factor as number | undefined
  const { priceSource: _, ...known } = model ?? unknownModel(names[0] ?? '')
  return { ...known, prices: bands.flatMap((band) => prices(readBand(band))), batchFactor: factor ?? known.batchFactor }
}

/** The job's schema has already checked that these are numbers. */
function readBand(band: JsonObject): GivenPrice {
  const named = {
    upToPromptTokens: band.up_to_prompt_tokens,
    input: band.input,
    output: band.output,
    cacheRead: band.cache_read,
    cacheWrite5m: band.cache_write_5m,
    cacheWrite1h: band.cache_write_1h,
  }
  const isNumber = (entry: [string, Json | undefined]): boolean => typeof entry[1] === 'number'
  return Object.fromEntries(Object.entries(named).filter(isNumber)) as unknown as GivenPrice
}

function unknownModel(id: string): ModelSpec {
  return {
    id,
    contextTokens: Number.POSITIVE_INFINITY,
    maxOutputTokens: 1_000_000,
    state: 'active',
    pdf: true,
    structuredOutput: true,
    forcedTool: true,
    prefill: true,
    maxPdfPages: 600,
    maxImages: 600,
    prices: [],
    batchFactor: 0.5,
  }
}
