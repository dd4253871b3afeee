// Counts of final rows, and what their answers used and cost.

import { addUsage, NO_USAGE, STATUSES, type Status, type Usage } from '../core/result.ts'
import type { Spending, Tally } from '../core/run.ts'
import { addSpending, NO_SPENDING } from './receipt.ts'

export const NO_STATUSES: Tally['statuses'] = Object.freeze(
  Object.fromEntries(STATUSES.map((status) => [status, 0])) as Record<Status, number>,
)

export const EMPTY_TALLY: Tally = Object.freeze({ statuses: NO_STATUSES, usage: NO_USAGE, costUsd: 0 })

export function addTally(a: Tally, b: Tally): Tally {
  return {
    statuses: addStatuses(a.statuses, b.statuses, 1),
    usage: addUsage(a.usage, b.usage),
    costUsd: a.costUsd === null || b.costUsd === null ? null : a.costUsd + b.costUsd,
    ...spent(a.spending, b.spending),
  }
}

function spent(a: Spending | undefined, b: Spending | undefined): Pick<Tally, 'spending'> {
  if (a === undefined || b === undefined)
    return a === undefined && b === undefined ? {} : { spending: a ?? b ?? NO_SPENDING }
  return { spending: addSpending(a, b) }
}

export function addStatuses(a: Tally['statuses'], b: Tally['statuses'], sign: 1 | -1): Tally['statuses'] {
  return Object.fromEntries(STATUSES.map((status) => [status, a[status] + sign * b[status]])) as Record<Status, number>
}

/** Adds up row by row without making an object for each. */
export class TallyCounter {
  readonly #statuses: Record<Status, number> = { ...NO_STATUSES }
  #usage: Usage = NO_USAGE
  #costUsd: number | null = 0
  #spending: Spending | undefined
  /** Final rows that did not succeed. */
  failed = 0

  count(status: Status): void {
    this.#statuses[status] += 1
    if (status !== 'succeeded') this.failed += 1
  }

  spend(usage: Usage, costUsd: number | null, spending?: Spending): void {
    if (spending !== undefined) this.#spending = addSpending(this.#spending ?? NO_SPENDING, spending)
    if (usage !== NO_USAGE) this.#usage = addUsage(this.#usage, usage)
    this.#costUsd = this.#costUsd === null || costUsd === null ? null : this.#costUsd + costUsd
  }

  tally(): Tally {
    return {
      statuses: { ...this.#statuses },
      usage: this.#usage,
      costUsd: this.#costUsd,
      ...spent(this.#spending, undefined),
    }
  }
}
