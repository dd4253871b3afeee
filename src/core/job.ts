import type { Json, JsonObject } from './json.ts'

/** A text as the user wrote it, with its place, so that an error in a template can point at it. Always a template. */
export interface TemplateText {
  readonly text: string
  /** The file it stands in, relative to the root: a .hbs file, or the job file for an inline text. */
  readonly file: string
  /** Where the text begins in that file, from 1. */
  readonly line: number
  readonly column: number
}

export type CacheTtl = '5m' | '1h'

export interface TextSpec {
  readonly text: TemplateText
  readonly cache?: CacheTtl
}

/** One entry of `documents`: exactly one of file, url, text, fileId is set. */
export interface DocumentSpec {
  readonly file?: TemplateText
  readonly url?: TemplateText
  readonly text?: TemplateText
  readonly fileId?: TemplateText
  readonly title?: TemplateText
  readonly context?: TemplateText
  readonly citations: boolean
  readonly cache?: CacheTtl
  /** '1-50' or '3,7-9', counted from 1; PDFs only. */
  readonly pages?: string
  readonly upload: 'inline' | 'files'
  /** JSON pointer of the entry in the job, for errors: /documents/0. */
  readonly path: string
}

export interface MessageSpec {
  readonly role: 'user' | 'assistant'
  readonly content: readonly TextSpec[]
}

export type ToolHandler =
  | { readonly type: 'module'; readonly module: string; readonly export: string; readonly timeoutMs: number }
  | { readonly type: 'command'; readonly command: readonly string[]; readonly timeoutMs: number }
  | { readonly type: 'http'; readonly url: string; readonly timeoutMs: number }

/** A tool that we declare: its input schema has every file reference resolved. */
export interface ClientTool {
  readonly type: 'client'
  readonly name: string
  readonly description?: string
  readonly inputSchema: JsonObject
  readonly handler?: ToolHandler
}

/** A provider's own server tool, passed through as it stands in the job. */
export interface ServerTool {
  readonly type: 'server'
  readonly name: string
  readonly definition: JsonObject
}

export type ToolSpec = ClientTool | ServerTool

export interface OutputSpec {
  /** The schema with every file reference resolved: self-contained. */
  readonly schema: JsonObject
  readonly mode: 'structured' | 'tool' | 'prompt'
  readonly repair: number
}

/** Which outcomes a sink receives: `failed` is everything but `succeeded`. */
export type Select = 'succeeded' | 'failed' | 'all'

/** One entry of `sinks`, `type` resolved from the path's extension where the YAML gave only a path. */
export interface SinkSpec {
  readonly type: string
  readonly select: Select
  /** The component's own options as the schema of that sink describes them. */
  readonly options: JsonObject
  /** The text of the sink's `template` option where it names a file or is inline; compiled by whoever renders. */
  readonly template?: TemplateText
}

export interface DatasetSpec {
  readonly type: string
  /** The component's own options as the schema of that source describes them. */
  readonly options: JsonObject
  /** A template over the row; absent: the source's own key, else the row's position. */
  readonly key?: TemplateText
  /** A CEL expression over the row's fields. */
  readonly where?: string
  readonly limit?: number
  readonly sample?: { readonly size: number; readonly seed: number }
  readonly matrix?: Readonly<Record<string, readonly Json[]>>
}

export interface ProviderSpec {
  readonly type: string
  readonly baseUrl?: string
  readonly apiKeyEnv?: string
  readonly headers: Readonly<Record<string, string>>
  readonly betas: readonly string[]
  /** An API version other than the provider's current one. */
  readonly version?: string
}

export interface BatchPolicy {
  readonly maxRequests: number
  readonly maxBytes: number
  readonly maxInFlight: number
  readonly pollMinMs: number
  readonly pollMaxMs: number
  readonly customId: 'readable' | 'exact'
}

export interface RetryPolicy {
  /** Trips to the provider for one row at most, transient failures and expiries counted. */
  readonly maxAttempts: number
  /** Cut-off answers are asked again with max_tokens × grow, up to maxTokens; absent: they are not. */
  readonly truncated?: { readonly grow: number; readonly maxTokens: number }
}

/** What the YAML says, resolved and frozen: plain data, stored whole in the run's header. */
export interface Job {
  readonly version: 1
  readonly name: string
  readonly description?: string
  /** Absolute path of the project root at planning; all other paths in a job are relative to it. */
  readonly root: string
  /** The job file, relative to the root. */
  readonly file: string
  readonly vars: JsonObject
  readonly provider: ProviderSpec
  readonly model: string
  readonly params: JsonObject
  readonly dataset: DatasetSpec
  readonly documents: readonly DocumentSpec[]
  readonly system?: TextSpec
  readonly messages: readonly MessageSpec[]
  /** Every `.hbs` beside a template of this job, by stem. */
  readonly partials: Readonly<Record<string, TemplateText>>
  readonly tools: readonly ToolSpec[]
  readonly maxRounds: number
  readonly output?: OutputSpec
  readonly sinks: readonly SinkSpec[]
  readonly onRejected: 'stop' | 'skip'
  readonly batch: BatchPolicy
  readonly retry: RetryPolicy
  readonly gate?: { readonly maxErrorRate: number }
  readonly reuse: boolean
  readonly budget?: { readonly maxUsd: number; readonly confirmAboveUsd?: number }
  readonly prices?: JsonObject
  readonly store: string
}
