// Lets the provider count the tokens of planned requests. Counting is free, and nothing is sent as a batch.

import { patiently } from './patiently.ts'
import type { LiveContext } from './ports.ts'
import { requestBody } from './request-body.ts'
import { readRequests } from './request-file.ts'
import { isUpload } from './uploads.ts'

/** Calls at once: with more of them the provider's limit of calls a minute is met the sooner. */
const AT_ONCE = 8
/** Bytes of their bodies, which lie in memory; a larger one goes alone. */
const BYTES_AT_ONCE = 32_000_000

export interface Counting {
  readonly context: Pick<LiveContext, 'header' | 'artifacts' | 'folders' | 'clock' | 'random' | 'pace'>
  readonly api: Pick<LiveContext['api'], 'countTokens'>
  /** Positions of requests in the plan; absent: all. */
  readonly wanted?: ReadonlySet<number>
  /** Bytes that are sent to be counted at most, all together; absent: as many as there are. */
  readonly mostBytes?: number
  readonly onCounted: (position: number, tokens: number) => void
}

/**
 * Requests that refer to a file which is yet to be uploaded, or exceed `mostBytes`, are passed over. Throws the first error of a call, and
 * waits while the provider is busy.
 */
export async function countRequests(counting: Counting, signal: AbortSignal): Promise<void> {
  const failed = new AbortController()
  const stop = AbortSignal.any([signal, failed.signal])
  const calls = new Set<Promise<void>>()
  let left = counting.mostBytes ?? Number.POSITIVE_INFINITY
  let bytes = 0
  try {
    for await (const { position, line } of wantedRequests(counting)) {
      if (line.bytes > left) continue
      left -= line.bytes
      while (calls.size >= AT_ONCE || (calls.size > 0 && bytes + line.bytes > BYTES_AT_ONCE)) await Promise.race(calls)
      stop.throwIfAborted()
      bytes += line.bytes
      const call = countOne(counting, position, line, stop).finally(() => {
        calls.delete(call)
        bytes -= line.bytes
      })
      call.catch((error: unknown) => failed.abort(error))
      calls.add(call)
    }
    await Promise.all(calls)
    // One that failed while the last lines were read is among the calls no more.
    failed.signal.throwIfAborted()
  } finally {
    failed.abort()
    await Promise.allSettled(calls)
  }
}

async function countOne(
  { context, api, onCounted }: Counting,
  position: number,
  line: Parameters<typeof requestBody>[1],
  signal: AbortSignal,
): Promise<void> {
  const body = await requestBody(context, line)
  const tokens = await patiently(async () => api.countTokens?.(body, signal), context, signal)
  if (tokens !== undefined) onCounted(position, tokens)
}

/** Files without a wanted request are not read. */
async function* wantedRequests({ context, wanted }: Counting) {
  const { header, artifacts } = context
  let first = 0
  for (const { index, requests } of header.batches) {
    const end = first + requests
    const last = wanted === undefined ? end - 1 : Math.max(-1, ...[...wanted].filter((at) => at >= first && at < end))
    let position = first
    if (last >= first) {
      for await (const line of readRequests(artifacts, header.run, index, 1)) {
        if (position > last) break
        const isWanted = wanted === undefined || wanted.has(position)
        if (isWanted && !line.parts.some(isUpload)) yield { position, line }
        position += 1
      }
    }
    first = end
  }
}
