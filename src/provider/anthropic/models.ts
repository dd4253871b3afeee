/**
 * What we know of Anthropic's models. Sources: platform.claude.com, "Pricing" and "Model deprecations" as of 2026-10-08,
 * release notes up to 2026-11-09. Prices are list prices in USD per million tokens; a batch costs half. The API tells
 * limits and lifecycle (GET /v1/models) but no prices, hence this table; `prices:` in a job goes before it.
 */

import type { ModelPrice, ModelSpec, PriceSource } from '../provider.ts'
import { prices } from './prices.ts'

export type Thinking = 'adaptive' | 'enabled' | 'disabled' | 'between_tools'

export interface AnthropicModel extends ModelSpec {
  /** Other names the API takes for it. */
  readonly aliases: readonly string[]
  /** Values of `thinking.type` that it takes. */
  readonly thinking: readonly Thinking[]
  /** Takes the beta for 300,000 tokens of output. */
  readonly longOutput: boolean
}

const PRICE_PAGE: PriceSource = { name: 'platform.claude.com, Pricing', asOf: '2026-10-08' }
/** Its price of cache reads is a third party's word. */
const RELEASE_NOTES: PriceSource = { name: 'platform.claude.com, release notes', asOf: '2026-11-09' }

/** By id and by alias. */
export function findModel(id: string): AnthropicModel | undefined {
  return MODELS.find((model) => model.id === id || model.aliases.includes(id))
}

const GENERATION_4_5 = {
  aliases: [],
  contextTokens: 200_000,
  maxOutputTokens: 64_000,
  state: 'active',
  pdf: true,
  structuredOutput: true,
  forcedTool: true,
  prefill: true,
  maxPdfPages: 100,
  maxImages: 100,
  batchFactor: 0.5,
  thinking: ['enabled', 'disabled'],
  longOutput: false,
  // Four bytes of English for a token is the rule of thumb that Anthropic gives for these.
  bytesPerToken: 4,
  minCacheTokens: 4096,
  maxImageTokens: 1568,
} as const

/** From 4.6 on the undated id is the pinned model, and there are no aliases. */
const GENERATION_4_6 = {
  ...GENERATION_4_5,
  contextTokens: 1_000_000,
  maxOutputTokens: 128_000,
  prefill: false,
  maxPdfPages: 600,
  maxImages: 600,
  regionFactors: { us: 1.1 },
  thinking: ['adaptive', 'enabled', 'disabled'],
  longOutput: true,
} as const

/** The tokenizer of 4.7 and later makes about 30 % more tokens of the same text, and their images may be larger. */
const GENERATION_5 = {
  ...GENERATION_4_6,
  thinking: ['adaptive', 'disabled'],
  bytesPerToken: 3,
  minCacheTokens: 1024,
  maxImageTokens: 4784,
} as const

/** Fable thinks always, and is not listed for long output; Mythos is the same model for verified organisations. */
const FABLE = { ...GENERATION_5, thinking: ['adaptive'], longOutput: false, minCacheTokens: 512 } as const

const OPUS_5_PRICES = prices({ input: 5, output: 25 })
const SONNET_4_PRICES = prices({ input: 3, output: 15 })
const FABLE_5_PRICES = prices({ input: 10, output: 50 })
const FABLE_5_1_PRICES = prices({ input: 10, output: 50, cacheRead: 0.25 })
const FABLE_5_2_PRICES = prices({ input: 8, output: 40, cacheRead: 0.2 })

/** The band is chosen by the whole prompt, cache reads and writes counted, and holds for all tokens of the request. */
const HAIKU_5_5_PRICES: readonly ModelPrice[] = [
  ...prices({ upToPromptTokens: 100_000, input: 0.1, output: 0.5 }),
  ...prices({ input: 0.5, output: 2.5 }),
]

const CURRENT: readonly AnthropicModel[] = [
  { ...FABLE, id: 'claude-fable-5-2', forcedTool: false, prices: FABLE_5_2_PRICES, priceSource: RELEASE_NOTES },
  { ...FABLE, id: 'claude-mythos-5-2', forcedTool: false, prices: FABLE_5_2_PRICES, priceSource: RELEASE_NOTES },
  { ...FABLE, id: 'claude-fable-5-1', forcedTool: false, prices: FABLE_5_1_PRICES },
  { ...FABLE, id: 'claude-mythos-5-1', forcedTool: false, prices: FABLE_5_1_PRICES },
  { ...FABLE, id: 'claude-fable-5', prices: FABLE_5_PRICES },
  { ...FABLE, id: 'claude-mythos-5', prices: FABLE_5_PRICES },
  {
    ...GENERATION_5,
    id: 'claude-opus-5-5',
    forcedTool: false,
    thinking: ['adaptive'],
    prices: prices({ input: 4, output: 20, cacheRead: 0.2 }),
  },
  { ...GENERATION_5, id: 'claude-opus-5', minCacheTokens: 512, prices: OPUS_5_PRICES },
  { ...GENERATION_5, id: 'claude-opus-4-8', prices: OPUS_5_PRICES },
  { ...GENERATION_5, id: 'claude-opus-4-7', minCacheTokens: 2048, prices: OPUS_5_PRICES },
  { ...GENERATION_4_6, id: 'claude-opus-4-6', prices: OPUS_5_PRICES },
  { ...GENERATION_4_5, id: 'claude-opus-4-5-20251101', aliases: ['claude-opus-4-5'], prices: OPUS_5_PRICES },
  {
    ...GENERATION_5,
    id: 'claude-sonnet-5-5',
    forcedTool: false,
    thinking: ['adaptive', 'disabled', 'between_tools'],
    prices: prices({ input: 2, output: 10, cacheRead: 0.1 }),
  },
  { ...GENERATION_5, id: 'claude-sonnet-5', prices: prices({ input: 2, output: 10 }) },
  { ...GENERATION_4_6, id: 'claude-sonnet-4-6', minCacheTokens: 1024, prices: SONNET_4_PRICES },
  {
    ...GENERATION_4_5,
    id: 'claude-sonnet-4-5-20250929',
    aliases: ['claude-sonnet-4-5'],
    minCacheTokens: 1024,
    state: 'deprecated',
    retiresOn: '2026-11-30',
    successor: 'claude-sonnet-5-5',
    prices: SONNET_4_PRICES,
  },
  { ...GENERATION_5, id: 'claude-haiku-5-5', minCacheTokens: 512, prices: HAIKU_5_5_PRICES },
  {
    ...GENERATION_4_5,
    id: 'claude-haiku-4-5-20251001',
    aliases: ['claude-haiku-4-5'],
    prices: prices({ input: 1, output: 5 }),
  },
]

/** Every request to one of these is answered with not_found_error. */
const RETIRED: readonly AnthropicModel[] = [
  retired('claude-opus-4-1-20250805', ['claude-opus-4-1'], '2026-08-05', 'claude-opus-5-5'),
  retired('claude-opus-4-20250514', ['claude-opus-4-0'], '2026-06-15', 'claude-opus-5-5'),
  retired('claude-sonnet-4-20250514', ['claude-sonnet-4-0'], '2026-06-15', 'claude-sonnet-5-5'),
  retired('claude-3-haiku-20240307', [], '2026-04-20', 'claude-haiku-5-5'),
  retired('claude-3-7-sonnet-20250219', ['claude-3-7-sonnet-latest'], '2026-02-19', 'claude-sonnet-5-5'),
  retired('claude-3-5-haiku-20241022', ['claude-3-5-haiku-latest'], '2026-02-19', 'claude-haiku-5-5'),
  retired('claude-3-opus-20240229', ['claude-3-opus-latest'], '2026-01-05', 'claude-opus-5-5'),
  retired('claude-3-5-sonnet-20241022', ['claude-3-5-sonnet-latest'], '2025-10-28', 'claude-sonnet-5-5'),
  retired('claude-3-5-sonnet-20240620', [], '2025-10-28', 'claude-sonnet-5-5'),
]

function retired(id: string, aliases: readonly string[], retiresOn: string, successor: string): AnthropicModel {
  return { ...GENERATION_4_5, id, aliases, state: 'retired', retiresOn, successor, prices: [] }
}

export const MODELS: readonly AnthropicModel[] = [
  ...CURRENT.map((model) => ({ priceSource: PRICE_PAGE, ...model })),
  ...RETIRED,
]
