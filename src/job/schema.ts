/** The JSON Schema of a job, from which editors complete and by which `validate` checks. One source for both. */

import type { JsonSchema } from '../core/component.ts'
import { DEFAULTS } from './defaults.ts'
import { type Catalog, datasetSchema, providerSchema, sinksSchema } from './schema-components.ts'
import { BATCH, BUDGET, GATE, PRICES, RETRY, STORE } from './schema-policy.ts'
import { DOCUMENTS, MESSAGES, oneKeyOf, PROMPT, SYSTEM } from './schema-prompt.ts'
import { OUTPUT, TOOLS } from './schema-tools.ts'

export type { Catalog } from './schema-components.ts'

/** The whole schema; the options of sources and sinks come from their own declarations. */
export function jobSchema(catalog: Catalog): JsonSchema {
  // Each part stands in it as an object of its own: errors are told apart by the object that they come from.
  return JSON.parse(JSON.stringify(composed(catalog))) as JsonSchema
}

function composed(catalog: Catalog): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'A Batchwright job',
    description: 'A batch job for an LLM batch API: a dataset, a prompt, and where the answers go.',
    type: 'object',
    additionalProperties: false,
    required: ['model', 'dataset'],
    properties: {
      version: {
        description: 'The version of the job language.',
        const: 1,
        default: DEFAULTS.version,
        examples: [1],
      },
      name: {
        title: 'made of letters, digits, ".", "_" and "-", begin with a letter or digit, and be at most 64 long',
        description: "The job's name: runs are found by it. Default: the stem of the file.",
        type: 'string',
        pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$',
        examples: ['summarize-pdfs'],
      },
      description: {
        description: 'What the job is for, in words for people.',
        type: 'string',
        examples: ['Summarise every PDF under jobs/data'],
      },
      vars: {
        description: 'Constants for templates, as `vars.NAME`; `--var NAME=value` overrides one.',
        type: 'object',
        default: {},
        examples: [{ language: 'English' }],
      },
      provider: providerSchema(catalog.providers),
      model: {
        description: 'The model that answers, by its id at the provider.',
        type: 'string',
        minLength: 1,
        examples: ['claude-haiku-5-5'],
      },
      params: PARAMS,
      dataset: datasetSchema(catalog.sources),
      documents: { ...DOCUMENTS, default: [] },
      system: SYSTEM,
      prompt: PROMPT,
      messages: MESSAGES,
      tools: { ...TOOLS, default: [] },
      max_rounds: {
        description: "Tool rounds of a row at most; the last round's state is then the outcome.",
        type: 'integer',
        minimum: 1,
        default: DEFAULTS.maxRounds,
        examples: [8],
      },
      output: OUTPUT,
      sinks: { ...sinksSchema(catalog.sinks), default: [] },
      on_rejected: {
        description:
          'When a row fails its check before anything is sent: `stop` sends nothing; `skip` sends the rest and delivers the rejected ones to the sinks that select them.',
        enum: ['stop', 'skip'],
        default: DEFAULTS.onRejected,
        examples: ['skip'],
      },
      batch: BATCH,
      retry: RETRY,
      gate: GATE,
      reuse: {
        description: 'A request whose exact content was answered in an earlier run is not paid for again.',
        type: 'boolean',
        default: DEFAULTS.reuse,
        examples: [true],
      },
      budget: BUDGET,
      prices: PRICES,
      store: STORE,
    },
    oneOf: oneKeyOf(['prompt', 'messages']),
  }
}

const PARAMS: JsonSchema = {
  description: "Any further body parameter of the provider's API, passed through unchanged.",
  type: 'object',
  properties: {
    max_tokens: {
      description: 'Tokens of one answer at most.',
      type: 'integer',
      minimum: 1,
      default: DEFAULTS.maxTokens,
      examples: [4096],
    },
  },
  default: { max_tokens: DEFAULTS.maxTokens },
  examples: [{ max_tokens: 1024, output_config: { effort: 'low' } }],
}
