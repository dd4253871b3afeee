/** The YAML of a job as TypeScript sees it. A test holds it and the schema together. */

import type { CacheTtl, Select } from '../core/job.ts'
import type { Json, JsonObject } from '../core/json.ts'

export interface JobSpec {
  readonly version?: 1
  readonly name?: string
  readonly description?: string
  readonly vars?: JsonObject
  readonly provider?: string | ProviderYaml
  readonly model: string
  readonly params?: ParamsYaml
  readonly dataset: string | DatasetYaml
  readonly documents?: readonly DocumentYaml[]
  readonly system?: TextYaml
  readonly prompt?: TextYaml
  readonly messages?: readonly MessageYaml[]
  readonly tools?: readonly ToolYaml[]
  readonly max_rounds?: number
  readonly output?: OutputYaml
  readonly sinks?: readonly (string | SinkYaml)[]
  readonly on_rejected?: 'stop' | 'skip'
  readonly batch?: BatchYaml
  readonly retry?: RetryYaml
  readonly gate?: { readonly max_error_rate: number }
  readonly reuse?: boolean
  readonly budget?: BudgetYaml
  readonly prices?: Readonly<Record<string, PriceYaml | readonly PriceYaml[]>>
  readonly store?: string
}

export interface ProviderYaml {
  readonly type?: string
  readonly base_url?: string
  readonly api_key_env?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly betas?: readonly string[]
  readonly version?: string
}

export interface ParamsYaml {
  readonly max_tokens?: number
  readonly [parameter: string]: Json | undefined
}

/** Beside these keys, the options of the source named by `type`. */
export interface DatasetYaml {
  readonly type: string
  readonly key?: string
  readonly where?: string
  readonly limit?: number
  readonly sample?: { readonly size: number; readonly seed?: number }
  readonly matrix?: Readonly<Record<string, readonly Json[]>>
  readonly [option: string]: Json | undefined
}

/** A template: a text, a file, or either with a cache mark. */
export type TextYaml =
  | string
  | { readonly template: string; readonly cache?: CacheTtl }
  | { readonly text: string; readonly cache?: CacheTtl }

/** Exactly one of file, url, text and file_id. */
export interface DocumentYaml {
  readonly file?: string
  readonly url?: string
  readonly text?: string
  readonly file_id?: string
  readonly title?: string
  readonly context?: string
  readonly citations?: boolean
  readonly cache?: CacheTtl
  readonly pages?: string | number
  readonly upload?: 'inline' | 'files'
}

export interface MessageYaml {
  readonly role: 'user' | 'assistant'
  readonly content: TextYaml | readonly TextYaml[]
}

export interface ClientToolYaml {
  readonly name: string
  readonly description?: string
  readonly input_schema: JsonObject
  readonly handler?: HandlerYaml
}

/** A provider's own tool: anything with a `type`. */
export interface ServerToolYaml {
  readonly type: string
  readonly name: string
  readonly [option: string]: Json
}

export type ToolYaml = ClientToolYaml | ServerToolYaml

/** Exactly one of module, command and http. */
export interface HandlerYaml {
  readonly module?: string
  readonly export?: string
  readonly command?: readonly string[]
  readonly http?: string
  readonly timeout?: string
}

export interface OutputYaml {
  readonly schema: JsonObject
  readonly mode?: 'structured' | 'tool' | 'prompt'
  readonly repair?: number
}

/** Beside these keys, the options of the sink named by `type`. */
export interface SinkYaml {
  readonly type: string
  readonly select?: Select
  readonly template?: string
  readonly [option: string]: Json | undefined
}

export interface BatchYaml {
  readonly max_requests?: number
  readonly max_bytes?: string | number
  readonly max_in_flight?: number
  readonly poll?: string
  readonly custom_id?: 'readable' | 'exact'
}

export interface RetryYaml {
  readonly max_attempts?: number
  readonly truncated?: { readonly grow?: number; readonly max_tokens: number }
}

export interface BudgetYaml {
  readonly max_usd: number
  readonly confirm_above_usd?: number
}

/** USD per million tokens at list price; the band holds for prompts of up to `up_to_prompt_tokens`. */
export interface PriceYaml {
  readonly input: number
  readonly output: number
  readonly cache_read?: number
  readonly cache_write_5m?: number
  readonly cache_write_1h?: number
  readonly up_to_prompt_tokens?: number
  readonly batch_factor?: number
}
