// What the server has seen since its state folder was made: the ground truth for tests.

import type { JsonObject } from '../../core/json.ts'
import { type StoredBatch, timestamp } from './batch.ts'
import type { BatchStore } from './batch-store.ts'
import type { CallCounts } from './calls.ts'
import type { History } from './history.ts'

export async function statsOf(world: {
  readonly store: BatchStore
  readonly calls: CallCounts
  readonly history: History
}): Promise<JsonObject> {
  const { all } = world.store
  const requests = { accepted: 0, succeeded: 0, errored: 0, canceled: 0, expired: 0 }
  for (const batch of all) {
    requests.accepted += batch.requests
    if (batch.ended === undefined) continue
    const { counts } = batch.ended
    requests.succeeded += counts.succeeded
    requests.errored += counts.errored
    requests.canceled += counts.canceled
    requests.expired += counts.expired
  }
  return {
    calls: { ...world.calls.counts },
    batches: all.map((batch) => ({
      id: batch.id,
      requests: batch.requests,
      bytes: batch.bytes,
      status: statusOf(batch),
      ...(batch.deletedAtMs === undefined ? {} : { deleted: true }),
      created_at: timestamp(batch.createdAtMs, batch.sequence),
      max_in_memory_bytes: batch.maxInMemoryBytes,
    })),
    requests,
    paid_more_than_once: await world.history.paidMoreThanOnce(),
    peak_in_flight_batches: peakInFlight(all),
  }
}

function statusOf(batch: StoredBatch): string {
  if (batch.ended !== undefined) return 'ended'
  return batch.cancelInitiatedAtMs === undefined ? 'in_progress' : 'canceling'
}

/** The most batches that had been created and had not ended, looked at whenever one was created. */
function peakInFlight(batches: readonly StoredBatch[]): number {
  const ends = batches.flatMap((batch) => (batch.ended === undefined ? [] : [batch.ended.atMs])).sort((a, b) => a - b)
  let ended = 0
  let peak = 0
  for (const [created, batch] of batches.entries()) {
    while (ended < ends.length && (ends[ended] as number) <= batch.createdAtMs) ended++
    // A batch that ended in the moment of its own creation was in flight all the same.
    peak = Math.max(peak, created + 1 - Math.min(ended, created))
  }
  return peak
}
