import type { DocumentRef } from './prompt.ts'

export type RunId = string

/**
 * One piece of a request's body. A string is JSON text that is spliced in as it stands; a DocumentRef stands for the
 * characters between the quotes of a JSON string, read and encoded while they are sent.
 */
export type BodyPart = string | DocumentRef

/**
 * The constant texts that requests share: a body is `texts[0] part[0] texts[1] part[1] … texts[n]`. A run has a few
 * shapes (one for each combination of document kinds), stored once in its header.
 */
export interface RequestShape {
  readonly texts: readonly string[]
}

/** What the run's header says of one planned batch; its requests are in an immutable file of their own. */
export interface PlannedBatch {
  readonly index: number
  /** 0 where every row of its range was rejected: then nothing is ever sent for it. */
  readonly requests: number
  /** Rows of its range that were not sent because their check failed; they have a file of their own. */
  readonly rejected: number
  /** Rows of its range that an earlier run answered; they have a file of their own. Absent: none. */
  readonly reused?: number
  /** sha256 of that file, hex. */
  readonly reusedDigest?: string
  /** Exact length of the create call's body in bytes. */
  readonly bytes: number
  /** The rows that belong to this batch, rejected ones included: from (inclusive) to (exclusive). */
  readonly fromOrdinal: number
  readonly toOrdinal: number
  /** sha256 of the plan file, hex. */
  readonly digest: string
  /** Estimated tokens: input, and output at most. */
  readonly inputTokens: number
  readonly maxOutputTokens: number
  /** What its first trip costs at most, USD, and the dearest of its requests: for the budget. */
  readonly boundUsd?: number
  readonly boundUsdOfOne?: number
}

/** Names one trip of one batch to the provider. */
export interface BatchTag {
  readonly run: RunId
  readonly index: number
  readonly attempt: number
}
