import type { Problem } from '../core/errors.ts'
import type { Job } from '../core/job.ts'
import type { JsonObject } from '../core/json.ts'
import type { FollowUpEdit, Prompt } from '../core/prompt.ts'
import type { Billing, ResultLine, Usage } from '../core/result.ts'

/** What one batch and one request may be. */
export interface BatchLimits {
  readonly maxRequests: number
  /** Bytes of the create call's body. */
  readonly maxBytes: number
  /** Bytes of one request's body. */
  readonly maxRequestBytes: number
  /** How long results can be fetched, from the batch's creation on; absent: for ever. */
  readonly resultsKeptMs?: number
  readonly customId: { readonly maxLength: number; readonly pattern: RegExp }
  /** Bytes around the bodies: a batch weighs `batch + Σ (request + length of custom_id + body)`. */
  readonly overhead: { readonly batch: number; readonly request: number }
  /** What the provider's Files API takes; absent: it has none. `idBytes`: room for an id in a request that is planned. */
  readonly files?: { readonly maxBytes: number; readonly idBytes: number }
}

/** USD per million tokens at list price; a batch costs `batchFactor` of it. */
export interface ModelPrice {
  /** The band applies to prompts (cache reads and writes counted) of up to this many tokens; absent: to all. */
  readonly upToPromptTokens?: number
  readonly input: number
  readonly output: number
  readonly cacheRead: number
  readonly cacheWrite5m: number
  readonly cacheWrite1h: number
}

/** A page with prices, and the day on which it had them, as an ISO date. */
export interface PriceSource {
  readonly name: string
  readonly asOf: string
}

export interface ModelSpec {
  readonly id: string
  /** Tokens of prompt and answer together. */
  readonly contextTokens: number
  readonly maxOutputTokens: number
  readonly state: 'active' | 'deprecated' | 'retired'
  /** ISO date. */
  readonly retiresOn?: string
  readonly successor?: string
  readonly pdf: boolean
  readonly structuredOutput: boolean
  /** Whether tool_choice may force a tool. */
  readonly forcedTool: boolean
  readonly prefill: boolean
  /** Whole documents of one request: pages of PDFs, images. */
  readonly maxPdfPages: number
  readonly maxImages: number
  /** Bands in ascending order of upToPromptTokens, the last without. Empty: price unknown. */
  readonly prices: readonly ModelPrice[]
  /** Where the prices come from; absent: from the job, or there are none. */
  readonly priceSource?: PriceSource
  readonly batchFactor: number
  /** What a region multiplies all prices of tokens by; one that is not named costs the same. */
  readonly regionFactors?: Readonly<Record<string, number>>
  /** Bytes of UTF-8 text for one token, typically; absent: unknown. */
  readonly bytesPerToken?: number
  /** Shorter prefixes are not cached, and nothing says so. */
  readonly minCacheTokens?: number
  /** What an image costs at most: larger ones are made smaller before the model sees them. Absent: unknown. */
  readonly maxImageTokens?: number
}

/** What a batch is at the provider. Times are milliseconds since 1970. */
export interface RemoteBatch {
  readonly id: string
  readonly status: 'running' | 'ended' | 'failed'
  readonly requests: number
  readonly createdAt: number
  readonly expiresAt: number | null
  readonly endedAt: number | null
  /** The tag we labelled it with, where the provider takes labels. */
  readonly label?: string
  /** Why it failed as a whole, in the provider's words. */
  readonly failure?: string
  /** The provider's own object, for `batches get`. */
  readonly raw: JsonObject
}

/** One request on its way out; the body's chunks together are one JSON object of exactly `bytes` bytes. */
export interface OutgoingRequest {
  readonly customId: string
  readonly bytes: number
  body(): Iterable<Uint8Array> | AsyncIterable<Uint8Array>
  /** Copies the body into `into` from `at` on, where there is room for it. Absent: the body is not in memory. */
  copyBody?(into: Uint8Array, at: number): void
}

/** A batch on its way out. `open` may be called again: it starts from the first request. */
export interface OutgoingBatch {
  readonly label: string
  readonly requests: number
  /** Exact bytes of the create call's body, by the provider's `overhead`. */
  readonly bytes: number
  /** In blocks, each to be read before the next: awaiting once a request would cost more than sending it. */
  open(): AsyncIterable<Iterable<OutgoingRequest>>
}

export interface Connection {
  readonly baseUrl: string
  readonly apiKey: string
  readonly headers: Readonly<Record<string, string>>
  readonly betas: readonly string[]
  readonly version?: string
}

/**
 * Who answers, in three parts: limits (data), encode and decode (pure), connect (I/O). Planning needs neither key nor
 * network.
 */
export interface Provider {
  readonly type: string
  readonly about: string
  readonly limits: BatchLimits
  readonly defaultBaseUrl: string
  readonly defaultApiKeyEnv: string
  /** The environment variable that overrides the base URL. */
  readonly baseUrlEnv: string
  /** The model's facts, with `prices` of the job put over ours; undefined: not in our table. */
  model(id: string, prices?: JsonObject): ModelSpec | undefined
  /** What this provider or this model cannot honour of the job. `path` is a pointer into the job. */
  check(job: Job, today: Date): readonly Problem[]
  /** Neutral → dialect: the body of one request, as it would be sent alone. */
  encode(prompt: Prompt): JsonObject
  /** The body of a follow-up: what was sent, changed. */
  amend(body: JsonObject, edit: FollowUpEdit): JsonObject
  /** Dialect → neutral: one line of a results file. Throws where the line is not one. */
  decode(line: JsonObject): ResultLine
  /** A reader of lines that need not be decoded; absent: every line is. */
  scanner?(): AnswerScanner
  /** How a request of a batch with these params of a job will be billed. */
  billing(params: JsonObject): Billing
  /** USD; null: unknown. */
  cost(model: ModelSpec | undefined, usage: Usage, billing: Billing): number | null
  connect(connection: Connection): BatchApi
}

/** Reads the commonest lines of a results file in their bytes, without making an object of each. */
export interface AnswerScanner {
  /**
   * Reads the line from `start` to `end` (its newline, or the end of the bytes), which is valid UTF-8. The answer holds
   * until the next call. undefined: parse the line and `decode` it.
   */
  scan(bytes: Buffer, start: number, end: number): PlainAnswer | undefined
}

/**
 * What `decode` would say of a line that succeeded: one text, complete, billed as batch, without citations, tool calls or
 * searches. Places are those of the strings' bytes between the quotes; only the text may have escapes.
 */
export interface PlainAnswer {
  /** Answers of which this is the very same object have the same model, stop reason and region. */
  readonly alike: object
  readonly idStart: number
  readonly idEnd: number
  readonly textStart: number
  readonly textEnd: number
  readonly modelStart: number
  readonly modelEnd: number
  readonly stopStart: number
  readonly stopEnd: number
  /** The region it is billed for; 0: none. */
  readonly regionStart: number
  readonly regionEnd: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cacheReadInputTokens: number
  readonly cacheCreationInputTokens: number
  readonly cacheCreation1hInputTokens: number
}

/** A file on its way to the provider's Files API. */
export interface OutgoingFile {
  readonly name: string
  readonly mediaType: string
  /** Exact number of bytes that `open` gives. */
  readonly bytes: number
  /** sha256 of the content, hex. */
  readonly digest: string
  readonly keepSeconds: number
  open(): AsyncIterable<Uint8Array>
}

/** A file at the provider. Times are milliseconds since 1970. */
export interface RemoteFile {
  readonly id: string
  readonly createdAt: number
  /** null: it does not expire. */
  readonly expiresAt: number | null
}

/** Files that requests refer to by their ids. Refusals are RefusedError, as of `submit`. */
export interface FilesApi {
  /** Passes on what reading the file throws; then nothing was uploaded. */
  upload(file: OutgoingFile, signal: AbortSignal): Promise<RemoteFile>
  /** Those of the ids that still exist, and what time it is at the provider. */
  find(ids: readonly string[], signal: AbortSignal): Promise<{ now: number; files: readonly RemoteFile[] }>
  /** A file that is gone already is no error. */
  delete(id: string, signal: AbortSignal): Promise<void>
}

/**
 * The provider's live batch API. Calls are not retried inside: the run loop decides.
 *
 * `submit` throws RefusedError only when the provider surely did not take the batch; anything else thrown means that
 * nobody knows, and is treated as a crash.
 */
export interface BatchApi {
  submit(batch: OutgoingBatch, signal: AbortSignal): Promise<RemoteBatch>
  /** All batches of the workspace, newest first, a page at a time as they are consumed. */
  list(signal: AbortSignal): AsyncIterable<RemoteBatch>
  /** undefined: the provider says that it does not exist. */
  retrieve(id: string, signal: AbortSignal): Promise<RemoteBatch | undefined>
  /**
   * The raw bytes of the results file, JSON lines in any order; each piece is good until the next is asked for. Throws
   * ResultsGoneError when they no longer exist, ResultsElsewhereError when they lie where our key must not go.
   */
  results(id: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>
  cancel(id: string, signal: AbortSignal): Promise<void>
  delete(id: string, signal: AbortSignal): Promise<void>
  /** One realtime call with a request's body, for `try`; the answer as a results line. */
  send(customId: string, body: JsonObject, signal: AbortSignal): Promise<ResultLine>
  /** Whether the model exists for this key; throws RefusedError('unauthorised') for a bad key. */
  hasModel(id: string, signal: AbortSignal): Promise<boolean>
  /** Input tokens of a request's body; free of charge. Absent: the provider does not count. */
  countTokens?(body: JsonObject, signal: AbortSignal): Promise<number>
  /** Absent: the provider has no Files API. */
  readonly files?: FilesApi
}

/** The results existed and are gone for good (retention, deletion): no retry will bring them back. */
export class ResultsGoneError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ResultsGoneError'
  }
}

/** The results are said to lie where our key must not go: asking again does not help. */
export class ResultsElsewhereError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ResultsElsewhereError'
  }
}
