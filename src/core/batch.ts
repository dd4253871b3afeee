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

/** One API call, frozen without its bytes. */
export interface PlannedRequest {
  readonly ordinal: number
  readonly key: string
  /** The row's fields as JSON text, as they stood at planning. */
  readonly rowJson: string
  /** Index into the run's shapes; -1: the parts are the whole body (follow-ups). */
  readonly shape: number
  readonly parts: readonly BodyPart[]
  /** Exact length of the body in bytes. */
  readonly bytes: number
}

/** What the run's header says of one planned batch; its requests are in an immutable file of their own. */
export interface PlannedBatch {
  readonly index: number
  readonly requests: number
  /** Exact length of the create call's body in bytes. */
  readonly bytes: number
  /** Ordinal of the first request and one more than the last. */
  readonly fromOrdinal: number
  readonly toOrdinal: number
  /** sha256 of the plan file, hex. */
  readonly digest: string
  /** Estimated tokens: input, and output at most. */
  readonly inputTokens: number
  readonly maxOutputTokens: number
}

/** Names one trip of one batch to the provider. */
export interface BatchTag {
  readonly run: RunId
  readonly index: number
  readonly attempt: number
}
