// What is stored of a batch, and what the API says of it: a function of the two and the clock.

import type { JsonObject } from '../../core/json.ts'

export const DAY_MS = 86_400_000
export const EXPIRES_AFTER_MS = DAY_MS
export const RESULTS_KEPT_MS = 29 * DAY_MS
/** A batch that is being canceled takes a moment, as at the provider. */
const CANCELING_MS = 500

export interface RequestCounts {
  readonly processing: number
  readonly succeeded: number
  readonly errored: number
  readonly canceled: number
  readonly expired: number
}

/** meta.json of a batch. Its folder holds `requests.json` (the body as sent) and `index`; `ended` says that `results.jsonl` and `contents` are there. */
export interface StoredBatch {
  readonly id: string
  /** The first batch of a state folder is 1. */
  readonly sequence: number
  readonly requests: number
  readonly bytes: number
  /** The most bytes of this batch that were in memory at once. */
  readonly maxInMemoryBytes: number
  readonly apiVersion: string
  readonly betas: readonly string[]
  readonly createdAtMs: number
  readonly cancelInitiatedAtMs?: number
  readonly ended?: { readonly atMs: number; readonly counts: RequestCounts }
  /** Its requests and results are gone; that it was, and what it asked, stays known. */
  readonly deletedAtMs?: number
}

/** When its results are due: after its time, when it expires, or soon after it was canceled. */
export function dueAtMs(batch: StoredBatch, batchSeconds: number): number {
  const ready = batch.createdAtMs + batchSeconds * 1000
  const due = Math.min(ready, batch.createdAtMs + EXPIRES_AFTER_MS)
  if (batch.cancelInitiatedAtMs === undefined) return due
  return Math.min(due, batch.cancelInitiatedAtMs + Math.min(CANCELING_MS, batchSeconds * 500))
}

/** How a batch ends when it is due: `finished` requests in the order of processing are answered, the others are not. */
export function endingOf(
  batch: StoredBatch,
  batchSeconds: number,
): { readonly finished: number; readonly others: 'canceled' | 'expired' } {
  const ready = batch.createdAtMs + batchSeconds * 1000
  const expires = batch.createdAtMs + EXPIRES_AFTER_MS
  const canceled = batch.cancelInitiatedAtMs
  if (canceled !== undefined && canceled < Math.min(ready, expires)) {
    // Work that was under way completes: as much as the time allowed, at least a tenth, and never everything.
    const share = Math.max(0.1, (canceled - batch.createdAtMs) / (batchSeconds * 1000))
    return { finished: Math.min(Math.floor(batch.requests * share), batch.requests - 1), others: 'canceled' }
  }
  return { finished: ready <= expires ? batch.requests : 0, others: 'expired' }
}

export function areResultsKept(batch: StoredBatch, nowMs: number): boolean {
  return nowMs < batch.createdAtMs + RESULTS_KEPT_MS
}

/** `origin`: http://host:port as the client addressed the server. */
export function messageBatch(batch: StoredBatch, nowMs: number, origin: string): JsonObject {
  const { ended, cancelInitiatedAtMs } = batch
  const isKept = areResultsKept(batch, nowMs)
  const waiting = { processing: batch.requests, succeeded: 0, errored: 0, canceled: 0, expired: 0 }
  return {
    id: batch.id,
    type: 'message_batch',
    processing_status: ended !== undefined ? 'ended' : cancelInitiatedAtMs !== undefined ? 'canceling' : 'in_progress',
    request_counts: { ...(ended?.counts ?? waiting) },
    ended_at: ended === undefined ? null : timestamp(ended.atMs, batch.sequence),
    created_at: timestamp(batch.createdAtMs, batch.sequence),
    expires_at: timestamp(batch.createdAtMs + EXPIRES_AFTER_MS, batch.sequence),
    archived_at: isKept ? null : timestamp(batch.createdAtMs + RESULTS_KEPT_MS, batch.sequence),
    cancel_initiated_at: cancelInitiatedAtMs === undefined ? null : timestamp(cancelInitiatedAtMs, batch.sequence),
    results_url: ended !== undefined && isKept ? `${origin}/v1/messages/batches/${batch.id}/results` : null,
  }
}

/** RFC 3339 with microseconds, as the provider's server writes it. `salt` fills the digits that our clock does not have. */
export function timestamp(ms: number, salt = 0): string {
  const micros = String((salt * 37) % 1000).padStart(3, '0')
  return new Date(ms).toISOString().replace('Z', `${micros}+00:00`)
}
