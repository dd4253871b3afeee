// The estimate, corrected by what the provider counted.

import type { CacheEstimate, Estimate } from '../core/estimate.ts'

/** What counting came to. */
export interface Counted {
  readonly requests: number
  /** Tokens of these requests as the provider counts them, and as they were estimated. */
  readonly tokens: number
  readonly estimated: number
  /** True: every request of the plan was counted. */
  readonly isAll: boolean
}

/** How far a sample may be off. */
const SAMPLE_LOW = 0.9
const SAMPLE_HIGH = 1.1

/** The same estimate where nothing was counted. */
export function calibrate(estimate: Estimate, { requests, tokens, estimated, isAll }: Counted): Estimate {
  const { basis } = estimate
  if (basis === undefined || requests === 0 || estimated === 0) return estimate
  const factor = tokens / estimated
  const [low, high] = isAll ? [1, 1] : [SAMPLE_LOW, SAMPLE_HIGH]
  const { inputTokens, inputTokensHigh = inputTokens, usd, usdMax, cache } = estimate
  // What tools will return was not counted and stays as it is.
  const read = basis.inputTokens * factor
  const unread = inputTokens - basis.inputTokens
  const most = inputTokensHigh - basis.inputTokensHigh + read * high
  const saved = cache?.savedUsd ?? 0
  const likelyCost = 1 + basis.inputShare * ((read + unread) / inputTokens - 1)
  const mostCost = 1 + basis.inputShareMax * (most / inputTokensHigh - 1)
  return {
    ...estimate,
    inputTokens: Math.round(read + unread),
    inputTokensLow: Math.floor(read * low),
    inputTokensHigh: Math.ceil(most),
    usd: usd === null ? null : (usd + saved) * likelyCost - saved * factor,
    usdMax: usdMax === null ? null : usdMax * mostCost,
    ...(cache === undefined ? {} : { cache: calibrated(cache, factor) }),
    counted: { requests, factor },
  }
}

function calibrated(cache: CacheEstimate, factor: number): CacheEstimate {
  const { readTokens = 0, writeTokens = 0, savedUsd } = cache
  return {
    ...cache,
    readTokens: Math.round(readTokens * factor),
    writeTokens: Math.round(writeTokens * factor),
    savedUsd: savedUsd * factor,
  }
}
