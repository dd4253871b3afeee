// Which batch a request goes into: greedy, in dataset order, within the provider's limits and the job's own.

import type { BatchPolicy } from '../core/job.ts'
import type { BatchLimits } from '../provider/provider.ts'

export interface PackLimits {
  readonly maxRequests: number
  readonly maxBytes: number
  readonly overhead: { readonly batch: number; readonly request: number }
}

/** The tighter of what the provider takes and what the job wants. */
export function packLimits(provider: BatchLimits, policy: Pick<BatchPolicy, 'maxRequests' | 'maxBytes'>): PackLimits {
  return {
    maxRequests: Math.min(provider.maxRequests, policy.maxRequests),
    maxBytes: Math.min(provider.maxBytes, policy.maxBytes),
    overhead: provider.overhead,
  }
}

/** A batch being filled. Values, not a class: `add` returns the next one. */
export interface Fill {
  readonly requests: number
  readonly bytes: number
}

export function emptyFill(limits: PackLimits): Fill {
  return { requests: 0, bytes: limits.overhead.batch }
}

/** Bytes of one request inside the create call's body. */
export function weightOf(limits: PackLimits, customIdLength: number, bodyBytes: number): number {
  return limits.overhead.request + customIdLength + bodyBytes
}

/** True when the request still fits; the first request always does, so that every request travels. */
export function fits(fill: Fill, weight: number, limits: PackLimits): boolean {
  if (fill.requests === 0) return true
  return fill.requests < limits.maxRequests && fill.bytes + weight <= limits.maxBytes
}

export function added(fill: Fill, weight: number): Fill {
  return { requests: fill.requests + 1, bytes: fill.bytes + weight }
}
