/** The part of the job's schema that says what the model may call, and what form its answer has. */

import type { JsonSchema } from '../core/component.ts'
import { DEFAULTS } from './defaults.ts'
import { oneKeyOf } from './schema-prompt.ts'
import { DURATION_PATTERN } from './units.ts'

const SCHEMA_OR_FILE = (description: string, file: string): JsonSchema => ({
  title: 'a JSON Schema, or a mapping { $ref: file }',
  description,
  type: 'object',
  examples: [{ $ref: file }, { type: 'object', required: ['title'], properties: { title: { type: 'string' } } }],
})

const HANDLER: JsonSchema = {
  description:
    'What runs when the model calls the tool: a module, a command or an HTTP endpoint. Without it calls are returned, not run.',
  type: 'object',
  additionalProperties: false,
  properties: {
    module: {
      description: 'A JavaScript module that exports the function, relative to the project root.',
      type: 'string',
      minLength: 1,
      examples: ['tools/glossary.mjs'],
    },
    export: {
      description: 'The name of the exported function.',
      type: 'string',
      minLength: 1,
      default: DEFAULTS.handlerExport,
      examples: ['lookup'],
    },
    command: {
      description:
        'A program and its arguments, run without a shell: the input as JSON on stdin, the result from stdout.',
      type: 'array',
      minItems: 1,
      items: { type: 'string', minLength: 1 },
      examples: [['python3', 'tools/glossary.py']],
    },
    http: {
      title: 'an http or https URL',
      description: 'A URL that the input is posted to as JSON.',
      type: 'string',
      pattern: '^(https?://|\\$\\{)',
      examples: ['http://127.0.0.1:8080/lookup'],
    },
    timeout: {
      title: 'a duration such as 30s or 2m',
      description: 'How long one call may take.',
      type: 'string',
      pattern: DURATION_PATTERN,
      default: DEFAULTS.handlerTimeout,
      examples: ['30s'],
    },
  },
  oneOf: oneKeyOf(['module', 'command', 'http']),
  examples: [{ module: 'tools/glossary.mjs', export: 'lookup' }, { command: ['python3', 'tools/glossary.py'] }],
}

const TOOL_NAME: JsonSchema = {
  title: 'made of letters, digits, _ and -, and at most 128 long',
  description: 'The name by which the model calls the tool.',
  type: 'string',
  pattern: '^[A-Za-z0-9_-]{1,128}$',
  examples: ['lookup_glossary'],
}

export const TOOLS: JsonSchema = {
  description: "Tools that the model may call. An entry with a `type` is the provider's own and is passed through.",
  type: 'array',
  items: {
    type: 'object',
    if: { required: ['type'], properties: { type: true } },
    // biome-ignore lint/suspicious/noThenProperty: `then` is a keyword of JSON Schema.
    then: {
      type: 'object',
      required: ['type', 'name'],
      properties: {
        type: {
          description: "The provider's type of the tool; any further keys go to the provider unchanged.",
          type: 'string',
          minLength: 1,
          examples: ['web_search_20250305'],
        },
        name: TOOL_NAME,
      },
    },
    else: {
      type: 'object',
      additionalProperties: false,
      required: ['name', 'input_schema'],
      properties: {
        name: TOOL_NAME,
        description: {
          description: 'What the tool does and when to call it, in words for the model.',
          type: 'string',
          examples: ["Look up a term in the company's glossary"],
        },
        input_schema: SCHEMA_OR_FILE('The JSON Schema of the input: a file, or inline.', 'schemas/lookup.schema.json'),
        handler: HANDLER,
      },
    },
  },
  examples: [[{ type: 'web_search_20250305', name: 'web_search' }]],
}

export const OUTPUT: JsonSchema = {
  description: 'The answer must be JSON that fits a schema.',
  type: 'object',
  additionalProperties: false,
  required: ['schema'],
  properties: {
    schema: SCHEMA_OR_FILE('The JSON Schema of the answer: a file, or inline.', 'schemas/summary.schema.json'),
    mode: {
      description:
        "`structured`: the provider's structured output. `tool`: a forced tool call. `prompt`: the JSON is taken out of the answer's text.",
      enum: ['structured', 'tool', 'prompt'],
      default: DEFAULTS.outputMode,
      examples: ['prompt'],
    },
    repair: {
      description: 'How many times an invalid answer goes back to the model with what is wrong with it.',
      type: 'integer',
      minimum: 0,
      default: DEFAULTS.repair,
      examples: [2],
    },
  },
  examples: [{ schema: { $ref: 'schemas/summary.schema.json' }, mode: 'structured', repair: 1 }],
}
