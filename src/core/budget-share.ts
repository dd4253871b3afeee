import type { Job } from './job.ts'

/**
 * With a budget no batch may be able to spend more than this part of it, so that a run that cannot afford everything
 * still does most of what it can afford.
 */
const BATCHES_OF_BUDGET = 8

/** What one batch may cost at most, USD; a single request travels whatever it may cost. */
export function mostUsdOfBatch({ budget }: Pick<Job, 'budget'>): number {
  return budget === undefined ? Number.POSITIVE_INFINITY : budget.maxUsd / BATCHES_OF_BUDGET
}
