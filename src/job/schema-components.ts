/** The part of the job's schema that is made from the declarations of sources, sinks and providers. */

import type { Component, JsonSchema } from '../core/component.ts'
import { invariant } from '../core/errors.ts'
import type { JsonObject } from '../core/json.ts'
import { DEFAULTS } from './defaults.ts'

/** What pluggable parts a job may name. */
export interface Catalog {
  readonly sources: readonly Component[]
  readonly sinks: readonly Component[]
  readonly providers: readonly { readonly type: string; readonly about: string }[]
}

/** The keys of `dataset` that every source has. */
export const DATASET_KEYS: JsonObject = {
  key: {
    description:
      "A template that names the row in every file we write; it must be different for each. Default: the file's path, else the row's position.",
    type: 'string',
    minLength: 1,
    examples: ['{{file.stem}}'],
  },
  where: {
    description: 'Only rows for which this CEL expression over their fields is true.',
    type: 'string',
    minLength: 1,
    examples: ['file.size < 30000000'],
  },
  limit: { description: 'At most so many rows.', type: 'integer', minimum: 1, examples: [1000] },
  sample: {
    description: 'A random sample of the rows: the same for the same seed.',
    type: 'object',
    additionalProperties: false,
    required: ['size'],
    properties: {
      size: { description: 'How many rows.', type: 'integer', minimum: 1, examples: [100] },
      seed: {
        description: 'Chooses the sample.',
        type: 'integer',
        default: DEFAULTS.sampleSeed,
        examples: [7],
      },
    },
    examples: [{ size: 100, seed: 7 }],
  },
  matrix: {
    description: 'Names with lists of values: one request for each row and each combination of values.',
    type: 'object',
    minProperties: 1,
    additionalProperties: { title: 'a list of values', type: 'array', minItems: 1 },
    examples: [{ language: ['English', 'French'] }],
  },
}

/** The keys of a sink that every sink has. */
export const SINK_KEYS: JsonObject = {
  select: {
    description: 'Which outcomes: `succeeded`, `failed` (everything else) or `all`.',
    enum: ['succeeded', 'failed', 'all'],
    default: DEFAULTS.select,
    examples: ['failed'],
  },
}

export function datasetSchema(sources: readonly Component[]): JsonSchema {
  return {
    title: 'a path, or a mapping with "type"',
    description: `Where the rows come from: ${typesInWords(sources)}. A string is a path whose extension tells the type; .gz is allowed.`,
    anyOf: [{ type: 'string', minLength: 1 }, ...sources.map((source) => componentSchema(source, DATASET_KEYS))],
    examples: ['data/reviews.csv', { type: 'files', path: 'data/*.pdf', key: '{{file.stem}}' }],
  }
}

export function sinksSchema(sinks: readonly Component[]): JsonSchema {
  return {
    description: `What receives the outcomes: ${typesInWords(sinks)}. A string is a path whose extension tells the type; .gz is allowed.`,
    type: 'array',
    items: {
      title: 'a path, or a mapping with "type"',
      anyOf: [{ type: 'string', minLength: 1 }, ...sinks.map((sink) => componentSchema(sink, SINK_KEYS))],
    },
    examples: [['out/sentiment.jsonl'], [{ type: 'jsonl', path: 'out/failures.jsonl', select: 'failed' }]],
  }
}

export function providerSchema(providers: Catalog['providers']): JsonSchema {
  const type: JsonSchema = {
    description: `Who answers. ${providers.map(({ type, about }) => `\`${type}\`: ${about}`).join(' ')}`,
    enum: providers.map((provider) => provider.type),
    default: DEFAULTS.provider,
    examples: [DEFAULTS.provider],
  }
  return {
    title: 'the name of a provider, or a mapping',
    description: 'Who answers: a name, or a mapping with its settings.',
    anyOf: [
      { enum: type.enum as string[], type: 'string' },
      { type: 'object', additionalProperties: false, properties: { type, ...PROVIDER_KEYS } },
    ],
    default: DEFAULTS.provider,
    examples: [DEFAULTS.provider, { type: DEFAULTS.provider, base_url: 'http://127.0.0.1:8787' }],
  }
}

const PROVIDER_KEYS: JsonObject = {
  base_url: {
    title: 'an http or https URL',
    description: "Another address than the provider's own: a gateway, or a local server.",
    type: 'string',
    pattern: '^(https?://|\\$\\{)',
    examples: ['http://127.0.0.1:8787'],
  },
  api_key_env: {
    title: 'the name of an environment variable (the key itself never stands in a job)',
    description: 'The environment variable that holds the API key. Default: ANTHROPIC_API_KEY for anthropic.',
    type: 'string',
    pattern: '^[A-Za-z_][A-Za-z0-9_]*$',
    maxLength: 64,
    examples: ['TEAM_ANTHROPIC_KEY'],
  },
  headers: {
    description: 'Further headers of every call.',
    type: 'object',
    additionalProperties: { type: 'string' },
    examples: [{ 'x-team': 'research' }],
  },
  betas: {
    description: 'Beta features of the API to switch on, by name.',
    type: 'array',
    items: { type: 'string', minLength: 1 },
    examples: [['output-300k-2026-03-24']],
  },
  version: {
    description: 'An API version other than the current one, for those who need what it removed.',
    type: 'string',
    minLength: 1,
    examples: ['2023-06-01'],
  },
}

/** One form of the mapping: the component's own options, its `type`, and the keys that all of its kind have. */
function componentSchema(component: Component, common: JsonObject): JsonSchema {
  const own = component.options.properties as JsonObject | undefined
  invariant(own?.type === undefined, `The component ${component.type} declares an option "type".`)
  return {
    additionalProperties: false,
    ...component.options,
    type: 'object',
    description: component.about,
    required: ['type', ...((component.options.required as string[] | undefined) ?? [])],
    properties: {
      type: { description: component.about, const: component.type, examples: [component.type] },
      ...common,
      ...own,
    },
  }
}

function typesInWords(components: readonly Component[]): string {
  return components.map((component) => component.type).join(', ')
}
