import type { Json, JsonObject } from './json.ts'

export interface Usage {
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cacheCreationInputTokens: number
  readonly cacheReadInputTokens: number
  /** The part of cacheCreationInputTokens written with the one-hour TTL. */
  readonly cacheCreation1hInputTokens: number
  readonly webSearchRequests: number
}

export const NO_USAGE: Usage = {
  inputTokens: 0,
  outputTokens: 0,
  cacheCreationInputTokens: 0,
  cacheReadInputTokens: 0,
  cacheCreation1hInputTokens: 0,
  webSearchRequests: 0,
}

export function addUsage(a: Usage, b: Usage): Usage {
  if (a === NO_USAGE) return b
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cacheCreationInputTokens: a.cacheCreationInputTokens + b.cacheCreationInputTokens,
    cacheReadInputTokens: a.cacheReadInputTokens + b.cacheReadInputTokens,
    cacheCreation1hInputTokens: a.cacheCreation1hInputTokens + b.cacheCreation1hInputTokens,
    webSearchRequests: a.webSearchRequests + b.webSearchRequests,
  }
}

/** How the provider bills an answer, as far as its price does not follow from model and usage. */
export interface Billing {
  /** True: at the batch price; false: at list price. */
  readonly batch: boolean
  /** Where the model has to run, if that has a price of its own, in the provider's word: `us`. */
  readonly region?: string
  /** True: not at all, whatever the usage says. */
  readonly free?: boolean
}

/** A tool the model asked for. */
export interface ToolCall {
  readonly id: string
  readonly name: string
  readonly input: Json
}

/** What the model said in one turn. */
export interface Answer {
  /** All text blocks joined. */
  readonly text: string
  /** The blocks as the provider sent them, for continuing the conversation. */
  readonly content: Json
  readonly toolCalls: readonly ToolCall[]
  readonly citations: readonly Json[]
  /**
   * How it ended: `complete`; `tools` (waits for tool results); `truncated` (max_tokens); `context_exceeded`;
   * `paused` (a server-tool loop stopped, to be continued); `refused`; `unknown` (a stop reason that we do not know).
   */
  readonly end: 'complete' | 'tools' | 'truncated' | 'context_exceeded' | 'paused' | 'refused' | 'unknown'
  readonly stopReason: string
  readonly stopDetails?: Json
  readonly model: string
  readonly billing: Billing
}

/** The provider's line for one request. */
export type Result =
  | { readonly type: 'succeeded'; readonly answer: Answer; readonly usage: Usage }
  | { readonly type: 'errored'; readonly code: string; readonly message: string; readonly kind: ErrorKind }
  | { readonly type: 'expired' }
  | { readonly type: 'canceled' }

/** `transient`: the same request may succeed later; `invalid`: it never will; `account`: no request of this job will until a person acts. */
export type ErrorKind = 'transient' | 'invalid' | 'account'

/** What one line of a results file says: whose it is, and what became of it. */
export interface ResultLine {
  readonly customId: string
  readonly result: Result
}

export const STATUSES = [
  'succeeded',
  'incomplete',
  'refused',
  'invalid',
  'errored',
  'expired',
  'canceled',
  'rejected',
] as const
/** What became of a row, in one word. */
export type Status = (typeof STATUSES)[number]
/** Every status but success. */
export const FAILURES = STATUSES.filter((status): status is Exclude<Status, 'succeeded'> => status !== 'succeeded')

/** What became of a row, as a sink receives it: snake_case, because it is what users read. */
export interface Outcome {
  readonly key: string
  readonly custom_id: string | null
  readonly status: Status
  readonly output: Json
  readonly text: string | null
  readonly stop_reason: string | null
  readonly model: string
  readonly usage: OutcomeUsage
  /** USD over all attempts and rounds; null: the model's price is unknown. */
  readonly cost_usd: number | null
  readonly attempts: number
  readonly rounds: number
  readonly batch_id: string | null
  readonly error: { readonly type: string; readonly message: string } | null
  readonly citations?: readonly Json[]
  readonly tool_calls?: readonly Json[]
  readonly row: JsonObject
}

export interface OutcomeUsage {
  readonly input_tokens: number
  readonly output_tokens: number
  readonly cache_creation_input_tokens: number
  readonly cache_read_input_tokens: number
}

export function outcomeUsage(usage: Usage): OutcomeUsage {
  return {
    input_tokens: usage.inputTokens,
    output_tokens: usage.outputTokens,
    cache_creation_input_tokens: usage.cacheCreationInputTokens,
    cache_read_input_tokens: usage.cacheReadInputTokens,
  }
}

/** Whether a sink with this `select` receives an outcome of this status. */
export function isSelected(select: 'succeeded' | 'failed' | 'all', status: Status): boolean {
  return select === 'all' || (status === 'succeeded') === (select === 'succeeded')
}
