/** An answer before it is dressed as a Message, and who gives one. */

import type { JsonObject } from '../../core/json.ts'
import type { ApiError } from '../api-error.ts'
import type { ModelFacts } from '../models.ts'
import type { Asked } from './asked.ts'

export interface Answer {
  readonly content: readonly JsonObject[]
  readonly stopReason: 'end_turn' | 'max_tokens' | 'stop_sequence' | 'tool_use' | 'refusal' | string
  readonly stopSequence?: string
  readonly stopDetails?: JsonObject
  /** Where the answerer knows better than our counting. */
  readonly outputTokens?: number
  readonly thinkingTokens?: number
}

export interface AnswerContext {
  readonly model: ModelFacts
  /** Of everything asked: what choices are drawn from, with the seed. */
  readonly draw: string
}

/** An answer mode. Throws ApiError (also through the promise) for a request that it refuses. */
export interface AnswerMode {
  answer(asked: Asked, context: AnswerContext): Answer | Promise<Answer>
}

export type Answered = { readonly answer: Answer } | { readonly error: ApiError }
