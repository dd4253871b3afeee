import type { BatchLimits } from '../provider.ts'

/**
 * As documented on 2026-10-08: 100,000 requests or 256 MB, one request 32 MB. Whether a megabyte is 10^6 or 2^20 bytes
 * is not said, so we stay below 250 million.
 */
export const LIMITS: BatchLimits = {
  maxRequests: 100_000,
  maxBytes: 250_000_000,
  maxRequestBytes: 32_000_000,
  // Message Batches API: 29 days from created_at, not from ended_at.
  resultsKeptMs: 29 * 86_400_000,
  customId: { maxLength: 64, pattern: /^[a-zA-Z0-9_-]{1,64}$/ },
  // As documented: 500 MB for one file. An id has 29 characters today.
  files: { maxBytes: 500_000_000, idBytes: 32 },
  // {"requests":[{"custom_id":"…","params":…},{"custom_id":"…","params":…}]} – one comma fewer than requests.
  overhead: {
    batch: '{"requests":[]}'.length - ','.length,
    request: '{"custom_id":"","params":},'.length,
  },
}
