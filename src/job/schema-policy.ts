/** The part of the job's schema that says how a run behaves: batches, retries, money, storage. */

import type { JsonSchema } from '../core/component.ts'
import { DEFAULTS } from './defaults.ts'
import { POLL_PATTERN, SIZE_PATTERN } from './units.ts'

const SIZE_TITLE = 'a size such as 200MB or 64MiB, or a number of bytes'

export const BATCH: JsonSchema = {
  description: 'How requests travel together.',
  type: 'object',
  additionalProperties: false,
  properties: {
    max_requests: {
      description: "Requests in one batch at most; the provider's own limit holds too.",
      type: 'integer',
      minimum: 1,
      default: DEFAULTS.batch.maxRequests,
      examples: [1000],
    },
    max_bytes: {
      title: SIZE_TITLE,
      description:
        'Size of one batch at most: B, KB, MB, GB count by 1000; KiB, MiB, GiB by 1024; a number counts bytes.',
      anyOf: [
        { type: 'integer', minimum: 1 },
        { title: SIZE_TITLE, type: 'string', pattern: SIZE_PATTERN },
      ],
      default: DEFAULTS.batch.maxBytes,
      examples: ['64MiB'],
    },
    max_in_flight: {
      description: 'Batches at the provider at the same time, at most.',
      type: 'integer',
      minimum: 1,
      default: DEFAULTS.batch.maxInFlight,
      examples: [4],
    },
    poll: {
      title: 'a duration such as 30s, or a range such as 5s..60s',
      description: 'How often the provider is asked: between these two, less often the longer a batch takes.',
      type: 'string',
      pattern: POLL_PATTERN,
      default: DEFAULTS.batch.poll,
      examples: ['30s..5m'],
    },
    custom_id: {
      description:
        "The name of a request at the provider. `readable`: a slug of the row's key, the run's tag and the row's ordinal. `exact`: the key unchanged, which must fit the provider's rule.",
      enum: ['readable', 'exact'],
      default: DEFAULTS.batch.customId,
      examples: ['exact'],
    },
  },
  examples: [{ max_requests: 10000, max_bytes: '200MB', max_in_flight: 8, poll: '5s..60s' }],
}

export const RETRY: JsonSchema = {
  description: 'What happens to rows that did not get a whole answer.',
  type: 'object',
  additionalProperties: false,
  properties: {
    max_attempts: {
      description: 'Trips to the provider for one row at most; errors that may pass and expiries are tried again.',
      type: 'integer',
      minimum: 1,
      default: DEFAULTS.maxAttempts,
      examples: [5],
    },
    truncated: {
      description: 'Answers that were cut off at max_tokens are asked for again with more room. Absent: they are not.',
      type: 'object',
      additionalProperties: false,
      required: ['max_tokens'],
      properties: {
        grow: {
          description: 'How many times more room each further attempt gets.',
          type: 'number',
          exclusiveMinimum: 1,
          default: DEFAULTS.grow,
          examples: [2],
        },
        max_tokens: {
          description: 'The most room that is ever given.',
          type: 'integer',
          minimum: 1,
          examples: [8192],
        },
      },
      examples: [{ grow: 2, max_tokens: 8192 }],
    },
  },
  examples: [{ max_attempts: 3, truncated: { grow: 2, max_tokens: 8192 } }],
}

export const GATE: JsonSchema = {
  description: 'A batch this bad stops further submissions: a wrong prompt must not burn the rest.',
  type: 'object',
  additionalProperties: false,
  required: ['max_error_rate'],
  properties: {
    max_error_rate: {
      description:
        'The share of failed rows in a batch above which nothing more is submitted; 1 switches the gate off.',
      type: 'number',
      minimum: 0,
      maximum: 1,
      examples: [0.5],
    },
  },
  default: { max_error_rate: DEFAULTS.maxErrorRate },
  examples: [{ max_error_rate: 0.2 }],
}

const USD = (description: string, example: number): JsonSchema => ({
  description,
  type: 'number',
  minimum: 0,
  examples: [example],
})

export const BUDGET: JsonSchema = {
  description: 'What a run may cost.',
  type: 'object',
  additionalProperties: false,
  required: ['max_usd'],
  properties: {
    max_usd: {
      description:
        'US dollars at most: what is spent and what is under way together. Reached: the run stops and can be resumed.',
      type: 'number',
      exclusiveMinimum: 0,
      examples: [25],
    },
    confirm_above_usd: USD('`run` on a terminal asks first when the estimate is above this many US dollars.', 5),
  },
  examples: [{ max_usd: 25 }],
}

const PRICE: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['input', 'output'],
  properties: {
    input: USD('Input tokens.', 1),
    output: USD('Output tokens.', 5),
    cache_read: USD('Input tokens read from the cache; default: a tenth of `input`.', 0.1),
    cache_write_5m: USD('Input tokens written to the five-minute cache; default: 1.25 times `input`.', 1.25),
    cache_write_1h: USD('Input tokens written to the one-hour cache; default: twice `input`.', 2),
    up_to_prompt_tokens: {
      description: 'The band holds for prompts of up to this many tokens; absent: for all.',
      type: 'integer',
      minimum: 1,
      examples: [200000],
    },
    batch_factor: {
      description: 'What a batch costs as a share of these prices.',
      type: 'number',
      minimum: 0,
      maximum: 1,
      examples: [0.5],
    },
  },
}

export const PRICES: JsonSchema = {
  description:
    'Prices by model, in US dollars for a million tokens, over those in the package; one, or bands in ascending order.',
  type: 'object',
  additionalProperties: {
    title: 'a price, or a list of bands',
    anyOf: [PRICE, { type: 'array', minItems: 1, items: PRICE }],
  },
  examples: [{ 'claude-haiku-5-5': { input: 1, output: 5 } }],
}

export const STORE: JsonSchema = {
  title: 'a store URL that begins with sqlite:, postgres://, redis:// or memory:',
  description: 'Where the state of runs is kept.',
  type: 'string',
  pattern: '^(sqlite:|postgres(ql)?://|rediss?://|memory:|\\$\\{)',
  default: DEFAULTS.store,
  examples: ['sqlite:.batchwright/state.db', 'redis://localhost:6379'],
}
