// The API's `message_batch` object in neutral words.

import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts'
import type { RemoteBatch } from '../provider.ts'

/** Throws an Error where the answer is not such an object: nobody can say then what the call did. */
export function decodeBatch(value: unknown): RemoteBatch {
  const raw = asObject(value)
  if (typeof raw.id !== 'string' || !isJsonObject(raw.request_counts)) throw strange(value)
  return {
    id: raw.id,
    // Whatever else it may be called, a batch that has not ended is under way.
    status: raw.processing_status === 'ended' ? 'ended' : 'running',
    requests: Object.values(raw.request_counts).reduce<number>((sum, count) => sum + Number(count), 0),
    createdAt: timeOf(raw.created_at) ?? 0,
    expiresAt: timeOf(raw.expires_at),
    endedAt: timeOf(raw.ended_at),
    raw,
  }
}

/** A parsed answer. The SDK leaves it a text where the server does not say that it is JSON. */
export function asObject(value: unknown): JsonObject {
  let parsed = value
  if (typeof value === 'string') {
    try {
      parsed = JSON.parse(value)
    } catch {
      throw strange(value)
    }
  }
  if (!isJsonObject(parsed)) throw strange(value)
  return parsed
}

function timeOf(value: Json | undefined): number | null {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isNaN(time) ? null : time
}

function strange(value: unknown): Error {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return new Error(`The answer is not what the Message Batches API sends: ${String(text).slice(0, 200)}`)
}
