// What caching the marked prefixes will do to the cost, and whether it can pay at all.

import type { CacheEstimate } from '../core/estimate.ts'
import { type Billing, NO_USAGE, type Usage } from '../core/result.ts'
import type { CachedPrefix } from '../prompt/cached-prefix.ts'
import type { ModelSpec, Provider } from '../provider/provider.ts'

/** Share of possible reads that happen: the requests of a batch run side by side, in any order (30 to 98 % in practice). */
const LIKELY_HITS = 0.6
/** Distinct prefixes that are remembered; with more of them the others count as new. */
const REMEMBERED = 200_000

export class CacheForecast {
  readonly #provider: Provider
  readonly #model: ModelSpec | undefined
  readonly #billing: Billing
  readonly #seen = new Set<string>()
  #prefixes = 0
  #requests = 0
  #tooShort = 0
  #tokens = 0
  #ttl: '5m' | '1h' = '5m'
  #readTokens = 0
  #writeTokens = 0
  #savedUsd = 0
  #extraUsdMax = 0

  constructor(provider: Provider, model: ModelSpec | undefined, billing: Billing) {
    this.#provider = provider
    this.#model = model
    this.#billing = billing
  }

  /** @param tokens of the prefix @param all of the whole request */
  add({ name, ttl }: CachedPrefix, tokens: number, all: number): void {
    this.#requests += 1
    this.#tokens += tokens
    if (ttl === '1h') this.#ttl = '1h'
    if (tokens < (this.#model?.minCacheTokens ?? 0)) {
      this.#tooShort += 1
      return
    }
    const rest = all - tokens
    const plain = this.#cost({ inputTokens: all })
    const written1h = ttl === '1h' ? tokens : 0
    const write = this.#cost({
      inputTokens: rest,
      cacheCreationInputTokens: tokens,
      cacheCreation1hInputTokens: written1h,
    })
    this.#extraUsdMax += write - plain
    if (!this.#seen.has(name)) {
      if (this.#seen.size < REMEMBERED) this.#seen.add(name)
      this.#prefixes += 1
      this.#savedUsd -= write - plain
      this.#writeTokens += tokens
      return
    }
    this.#readTokens += LIKELY_HITS * tokens
    this.#writeTokens += (1 - LIKELY_HITS) * tokens
    const read = this.#cost({ inputTokens: rest, cacheReadInputTokens: tokens })
    this.#savedUsd += LIKELY_HITS * (plain - read) - (1 - LIKELY_HITS) * (write - plain)
  }

  /** undefined: nothing is marked. */
  total(): CacheEstimate | undefined {
    if (this.#requests === 0) return undefined
    return {
      requests: this.#requests,
      prefixes: this.#prefixes,
      tooShort: this.#tooShort,
      meanTokens: Math.round(this.#tokens / this.#requests),
      minTokens: this.#model?.minCacheTokens ?? null,
      readsToPay: readsToPay(this.#model, this.#ttl),
      readTokens: Math.round(this.#readTokens),
      writeTokens: Math.round(this.#writeTokens),
      savedUsd: this.#savedUsd,
      extraUsdMax: this.#extraUsdMax,
    }
  }

  #cost(usage: Partial<Usage>): number {
    return this.#provider.cost(this.#model, { ...NO_USAGE, ...usage }, this.#billing) ?? 0
  }
}

/** Reads after which a write has paid: what it costs more than plain input, over what each read costs less. */
export function readsToPay(model: ModelSpec | undefined, ttl: '5m' | '1h'): number | null {
  const price = model?.prices[0]
  if (price === undefined || price.cacheRead >= price.input) return null
  const write = ttl === '1h' ? price.cacheWrite1h : price.cacheWrite5m
  return Math.ceil(Number(((write - price.input) / (price.input - price.cacheRead)).toFixed(6)))
}
