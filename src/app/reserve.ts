// What the budget keeps for a batch before it is sent.

import type { BatchState, RunHeader } from '../core/run.ts'

/** Upper bound of what the batch's next trip may cost; 0 where the price is unknown. */
export function reserveUsd({ batches }: Pick<RunHeader, 'batches'>, state: BatchState): number {
  const planned = batches[state.index]
  if (planned === undefined || planned.requests === 0) return 0
  const { boundUsd = 0, boundUsdOfOne = boundUsd } = state.boundUsd === undefined ? planned : state
  return Math.min(boundUsd, (state.take ?? state.requests) * boundUsdOfOne)
}
