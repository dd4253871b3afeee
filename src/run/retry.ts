// `retry`: the failed rows of a finished run become one more attempt of their batches.

import type { BatchState } from '../core/run.ts'
import { CARRIED_NOTHING } from './carried.ts'
import type { Desk } from './desk.ts'
import { FollowUpWriter } from './follow-up-writer.ts'
import { batchOutcomes } from './outcomes.ts'
import type { RunContext } from './ports.ts'
import { TallyCounter } from './tally.ts'

/** Reopens every done batch that has failed rows; answers how many rows are asked again. */
export async function retryFailed(context: RunContext, desk: Desk): Promise<number> {
  let rows = 0
  for (const state of desk.states)
    if (state.phase === 'done' && state.requests > 0) rows += await retryBatch(context, desk, state)
  return rows
}

/**
 * A row is asked its first question again, with fresh allowances; what its earlier attempts used and cost stays counted.
 */
async function retryBatch(context: RunContext, desk: Desk, state: BatchState): Promise<number> {
  const batch = context.header.batches[state.index]
  if (batch === undefined || batch.requests === 0) return 0
  const next = new FollowUpWriter(context, state)
  const failed = new TallyCounter()
  try {
    for await (const { outcome, planned, last } of batchOutcomes(context, batch, state)) {
      if (planned === undefined || outcome.status === 'succeeded') continue
      failed.count(outcome.status)
      const { attempts, rounds, usage, costUsd } = last?.carried ?? CARRIED_NOTHING
      await next.add(planned, 'retry', { ...CARRIED_NOTHING, attempts, rounds, usage, costUsd }, planned)
    }
    const file = await next.commit()
    if (file === null) return 0
    await desk.commit(state.index, { type: 'reopened', retry: { ...file, statuses: failed.tally().statuses } })
    return file.requests
  } catch (error) {
    await next.abort()
    throw error
  }
}
