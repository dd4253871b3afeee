/** What a plan will likely cost, and what it cannot exceed. */
export interface Estimate {
  /** Likely; the two beside it say how far the truth may be off. */
  readonly inputTokens: number
  readonly inputTokensLow?: number
  readonly inputTokensHigh?: number
  /** Likely, and of answers that are as short as may be expected. */
  readonly outputTokens?: number
  readonly outputTokensLow?: number
  readonly outputTokensMax: number
  /** null: the model's price is unknown. */
  readonly usd: number | null
  readonly usdMax: number | null
  /** Absent: nothing is marked to be cached. */
  readonly cache?: CacheEstimate
  /** Requests whose prompt may be longer than the model can hold; absent: none. */
  readonly mayNotFit?: number
  /** The provider counted so many requests, and found `factor` times the tokens estimated from their sizes. */
  readonly counted?: { readonly requests: number; readonly factor: number }
  /** What counting corrects it by; not stored. */
  readonly basis?: EstimateBasis
}

export interface EstimateBasis {
  /** The parts of the estimate's tokens that come from the sizes of requests. */
  readonly inputTokens: number
  readonly inputTokensHigh: number
  /** Of every request once, however many rounds it may go. */
  readonly requestTokens: number
  /** The shares of `usd` and `usdMax` that are for input. */
  readonly inputShare: number
  readonly inputShareMax: number
  /** Some requests, by their position in the plan, and the tokens estimated for each. */
  readonly sample: readonly { readonly position: number; readonly inputTokens: number }[]
}

/** What caching does to the estimate. */
export interface CacheEstimate {
  readonly requests: number
  /** Distinct prefixes long enough to be cached. */
  readonly prefixes: number
  /** Requests whose prefix is too short: the mark is ignored in silence by the provider. */
  readonly tooShort: number
  readonly meanTokens: number
  /** The shortest prefix that the model caches; null: unknown. */
  readonly minTokens: number | null
  /** How often a written prefix must be read before it has paid; null: never, or the price is unknown. */
  readonly readsToPay: number | null
  /** Tokens that are likely read from the cache, and written to it, by first answers. */
  readonly readTokens?: number
  readonly writeTokens?: number
  /** Likely saving, already taken off the estimate; negative: it costs more than it saves. */
  readonly savedUsd: number
  /** What it costs more if nothing is ever read. */
  readonly extraUsdMax: number
}
