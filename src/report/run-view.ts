import type { CacheHits } from '../core/cache-hits.ts'
import type { OutcomeUsage, Status } from '../core/result.ts'
import type { Phase, SinkReport } from '../core/run.ts'
import type { SurplusBatch } from '../core/surplus.ts'

/** How a run stands, as pages show it: the document of `status --json`, and what the plan says. */
export interface RunView {
  readonly run_id: string
  readonly job: string
  readonly status: string
  readonly requests: Readonly<Record<Status | 'total' | 'reused' | 'pending', number>>
  readonly batches: readonly BatchView[]
  readonly usage: OutcomeUsage
  readonly cost_usd: number | null
  readonly estimated_usd: number | null
  /** Absent: the job marks nothing to be cached. */
  readonly cache?: CacheHits
  readonly outputs: readonly SinkReport[]
  readonly surplus?: readonly SurplusBatch[]
  readonly started_at: string | null
  readonly finished_at: string | null
  /** The answers are simulated, and nothing was paid. */
  readonly local: boolean
  readonly model: string
  readonly description?: string
  /** Why the run stopped, in words; null: it did not. */
  readonly reason: string | null
  readonly budget_usd: number | null
  /** Milliseconds since 1970. */
  readonly planned_at: number
}

/** One trip of a batch: finished, planned or out. Times as in ISO 8601. */
export interface BatchView {
  readonly batch_id: string | null
  readonly index: number
  readonly attempt: number
  readonly requests: number
  readonly bytes: number
  readonly phase: Phase
  readonly created_at: string | null
  readonly ended_at: string | null
  readonly collected_at: string | null
  readonly expires_at: string | null
}

/** One line of a receipt; `usd` null: only the sum of all lines is known. */
export interface ReceiptLine {
  readonly what: string
  readonly tokens: number | null
  readonly usdPerMillion: number | null
  readonly usd: number | null
}
