// What a run has come to, folded from its batches: the JSON document of `run`, `resume` and `status`.

import type { CacheHits } from '../core/cache-hits.ts'
import { addUsage, NO_USAGE, type OutcomeUsage, outcomeUsage, type Status, type Usage } from '../core/result.ts'
import type { BatchState, RunHeader, RunState, SinkReport } from '../core/run.ts'
import type { SurplusBatch } from '../core/surplus.ts'
import { addSpending, NO_SPENDING } from './receipt.ts'
import { addStatuses, NO_STATUSES } from './tally.ts'

/** The document of `--json`: rows by status, batches, tokens, cost in USD (null: the price is unknown), outputs. */
export interface RunSummary {
  readonly run_id: string
  readonly job: string
  readonly status: 'planned' | 'running' | 'detached' | 'interrupted' | 'canceled' | 'completed'
  readonly requests: Readonly<Record<Status | 'total' | 'reused' | 'pending', number>>
  readonly batches: readonly BatchSummary[]
  readonly usage: OutcomeUsage
  readonly cost_usd: number | null
  readonly estimated_usd: number | null
  /** Rows that took the slow road: rendered at planning, and results parsed when they landed, because they could not be copied. */
  readonly fallback_rows: { readonly planned: number; readonly landed: number }
  readonly receipt: Receipt
  /** Absent: the job marks nothing to be cached. */
  readonly cache?: CacheHits
  readonly outputs: readonly SinkReport[]
  /** Batches that the provider took twice, or may have; absent: none was found. */
  readonly surplus?: readonly SurplusBatch[]
  readonly started_at: string | null
  readonly finished_at: string | null
}

/** USD; null: the model's price is unknown. */
export interface Receipt {
  /** What the answers would have cost one by one, at list price and without caching. */
  readonly list_usd: number | null
  /** The same at the batch price. */
  readonly batch_usd: number | null
  /** What caching saved of that; negative: it cost more than it saved. */
  readonly cache_saved_usd: number | null
  readonly cost_usd: number | null
  /** Parts of the cost: answers to what was asked again, repaired, given more room, or continued after tools. */
  readonly retries_usd: number | null
  readonly repairs_usd: number | null
  readonly truncation_usd: number | null
  readonly rounds_usd: number | null
}

/** One trip of one batch: every attempt is a batch of its own at the provider. Times are ISO 8601. */
export interface BatchSummary {
  readonly batch_id: string | null
  readonly index: number
  readonly attempt: number
  readonly requests: number
  readonly bytes: number
  readonly phase: BatchState['phase']
  readonly created_at: string | null
  readonly ended_at: string | null
  /** When the provider gives up on what it has not processed by then; null once it no longer matters. */
  readonly expires_at: string | null
}

/** @param isWorkedOn whether a living process holds the run: a `running` run without one was interrupted */
export function summarise(
  header: RunHeader,
  states: readonly BatchState[],
  state: RunState | undefined,
  isWorkedOn: boolean,
): RunSummary {
  const statuses = states.reduce((sum, batch) => addStatuses(sum, batch.tally.statuses, 1), NO_STATUSES)
  const usage = states.reduce((sum, batch) => addUsage(sum, batch.tally.usage), NO_USAGE)
  const rejected = statuses.rejected + header.rejected
  const settled = Object.values(statuses).reduce((sum, count) => sum + count, 0) + header.rejected
  return {
    run_id: header.run,
    job: header.job.name,
    status: statusOf(state, isWorkedOn),
    requests: {
      total: header.rows,
      ...statuses,
      rejected,
      reused: header.reused,
      pending: Math.max(0, header.rows - settled - header.reused),
    },
    batches: states.filter((batch) => batch.requests > 0).flatMap(batchSummaries),
    usage: outcomeUsage(usage),
    cost_usd: costOf(states),
    estimated_usd: header.estimate.usd,
    fallback_rows: { planned: header.fallbackRows ?? 0, landed: parsedResults(states) },
    receipt: receiptOf(states),
    ...cacheOf(header, usage, receiptOf(states)),
    outputs: state?.outputs ?? [],
    ...(state?.surplus === undefined ? {} : { surplus: state.surplus }),
    started_at: isoOf(state?.startedAt),
    finished_at: isoOf(state?.finishedAt),
  }
}

function parsedResults(states: readonly BatchState[]): number {
  return states.reduce((sum, { trips }) => trips.reduce((all, { parsed = 0 }) => all + parsed, sum), 0)
}

/** USD of all answers so far; null: the model's price is unknown. */
export function costOf(states: readonly BatchState[]): number | null {
  let sum = 0
  for (const { tally } of states) {
    if (tally.costUsd === null) return null
    sum += tally.costUsd
  }
  return sum
}

function receiptOf(states: readonly BatchState[]): Receipt {
  const cost = costOf(states)
  const sum = states.reduce((all, { tally }) => addSpending(all, tally.spending ?? NO_SPENDING), NO_SPENDING)
  const known = (usd: number): number | null => (cost === null ? null : usd)
  return {
    list_usd: known(sum.listUsd),
    batch_usd: known(sum.batchUsd),
    // Web searches and the like are in both; sums of many small numbers are not exact to the last digit.
    cache_saved_usd: cost === null ? null : picodollars(sum.batchUsd - cost),
    cost_usd: cost,
    retries_usd: known(sum.retriesUsd),
    repairs_usd: known(sum.repairsUsd),
    truncation_usd: known(sum.truncationUsd),
    rounds_usd: known(sum.roundsUsd),
  }
}

function cacheOf(
  { estimate: { cache, usd } }: RunHeader,
  usage: Usage,
  { cache_saved_usd }: Receipt,
): Pick<RunSummary, 'cache'> {
  if (cache === undefined) return {}
  return {
    cache: {
      expected_read_tokens: cache.readTokens ?? 0,
      expected_write_tokens: cache.writeTokens ?? 0,
      expected_saved_usd: usd === null ? null : cache.savedUsd,
      read_tokens: usage.cacheReadInputTokens,
      write_tokens: usage.cacheCreationInputTokens,
      saved_usd: cache_saved_usd,
    },
  }
}

function picodollars(usd: number): number {
  return Math.round(usd * 1e12) / 1e12 + 0
}

function statusOf(state: RunState | undefined, isWorkedOn: boolean): RunSummary['status'] {
  if (state === undefined) return 'planned'
  if (state.status === 'running') return isWorkedOn ? 'running' : 'interrupted'
  // A run that stopped by itself can be resumed, like one that a person interrupted.
  return state.status === 'stopped' ? 'interrupted' : state.status
}

/** Every finished trip, and the attempt that is planned or out. */
function batchSummaries(state: BatchState): BatchSummary[] {
  const trips = state.trips.map(
    (trip): BatchSummary => ({
      batch_id: trip.id === '' ? null : trip.id,
      index: state.index,
      attempt: trip.attempt,
      requests: trip.requests,
      bytes: trip.bytes,
      phase: 'done',
      created_at: isoOf(trip.createdAt),
      ended_at: isoOf(trip.endedAt),
      expires_at: null,
    }),
  )
  if (state.phase === 'done') return trips
  const open: BatchSummary = {
    batch_id: state.remote?.id ?? null,
    index: state.index,
    attempt: state.attempt,
    requests: state.requests,
    bytes: state.bytes,
    phase: state.phase,
    created_at: isoOf(state.remote?.createdAt),
    ended_at: isoOf(state.endedAt),
    expires_at: state.phase === 'submitted' ? isoOf(state.remote?.expiresAt) : null,
  }
  return [...trips, open]
}

function isoOf(time: number | null | undefined): string | null {
  return time === null || time === undefined ? null : new Date(time).toISOString()
}
