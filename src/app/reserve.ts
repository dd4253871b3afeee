// What the budget keeps for a batch before it is sent.

import type { PlannedBatch } from '../core/batch.ts'
import { NO_USAGE, type Usage } from '../core/result.ts'
import type { BatchState } from '../core/run.ts'
import type { RunContext } from '../run/ports.ts'

/** Upper bound of what the batch's next trip may cost; 0 where the price is unknown. */
export function reserveUsd(context: RunContext, state: BatchState): number {
  const planned = context.header.batches[state.index]
  if (planned === undefined || planned.requests === 0) return 0
  const requests = state.take ?? state.requests
  const whole = planned.boundUsd ?? 0
  const first = Math.min(whole, requests * (planned.boundUsdOfOne ?? whole))
  if (state.attempt === 1) return first
  return first + requests * followUpUsd(context, state, planned)
}

/**
 * What one request of a follow-up may cost beyond its first trip: what was said since is read again, and the answer may
 * be given more room.
 */
function followUpUsd({ header, provider, model }: RunContext, state: BatchState, planned: PlannedBatch): number {
  const { params, retry } = header.job
  const maxTokens = typeof params.max_tokens === 'number' ? params.max_tokens : 0
  // Documents are in both sizes and fall out.
  const addedBytes = Math.max(0, state.bytes / state.requests - planned.bytes / planned.requests)
  const read = addedBytes / 2 + (state.attempt - 1) * maxTokens
  const grown = Math.max(0, (retry.truncated?.maxTokens ?? 0) - maxTokens)
  // At the rates of the dearest band: the request that grew may have come into it.
  const billing = provider.billing(params)
  const priceOf = (usage: Partial<Usage>): number => provider.cost(model, { ...NO_USAGE, ...usage }, billing) ?? 0
  const perRead = priceOf({ cacheCreationInputTokens: MANY, cacheCreation1hInputTokens: MANY }) / MANY
  const perWritten = (priceOf({ inputTokens: MANY, outputTokens: MANY }) - priceOf({ inputTokens: MANY })) / MANY
  return read * perRead + grown * perWritten
}

const MANY = 1e7
