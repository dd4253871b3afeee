/** The part of the job's schema that says what is asked: texts, documents, tools and the answer's form. */

import type { JsonSchema } from '../core/component.ts'
import { DEFAULTS } from './defaults.ts'
import { DURATION_PATTERN, PAGES_PATTERN } from './units.ts'

const CACHE: JsonSchema = {
  description:
    'Marks the end of a prefix that the provider keeps for this long, so that requests which share it pay less.',
  enum: ['5m', '1h'],
  examples: ['1h'],
}

const TEMPLATE_PATH: JsonSchema = {
  description: 'A Handlebars file, relative to the project root. Every .hbs beside it is a partial by its stem.',
  type: 'string',
  minLength: 1,
  examples: ['templates/summarize.hbs'],
}

/** A template: a text, or a mapping that names a file or holds the text, with a cache mark. */
function text(description: string, examples: readonly JsonSchema[string][]): JsonSchema {
  return {
    title: 'a text, or a mapping with "template" (a file) or "text"',
    description,
    anyOf: [
      { type: 'string', minLength: 1 },
      {
        type: 'object',
        additionalProperties: false,
        required: ['template'],
        properties: { template: TEMPLATE_PATH, cache: CACHE },
      },
      {
        type: 'object',
        additionalProperties: false,
        required: ['text'],
        properties: {
          text: {
            description: 'The template itself.',
            type: 'string',
            minLength: 1,
            examples: ['You are a careful analyst.'],
          },
          cache: CACHE,
        },
      },
    ],
    examples,
  }
}

export const SYSTEM = text('The system prompt: a template.', [
  'You answer in one sentence.',
  { template: 'templates/analyst.hbs', cache: '1h' },
])

export const PROMPT = text('The one user turn: a template. Use `messages` instead for more turns.', [
  'Is this review positive? {{text}}',
  { template: 'templates/summarize.hbs' },
])

const CONTENT = text('What is said in this turn: a template.', ['{{question}}', { template: 'templates/question.hbs' }])

export const MESSAGES: JsonSchema = {
  description:
    'The turns of the conversation, instead of `prompt`: few-shot examples, or a prefilled answer at the end.',
  type: 'array',
  minItems: 1,
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['role', 'content'],
    properties: {
      role: { description: 'Who speaks.', enum: ['user', 'assistant'], examples: ['user'] },
      content: {
        title: 'a text, a mapping with "template" or "text", or a list of these',
        description: 'What is said in this turn: a template, or a list of them, each a block of its own.',
        anyOf: [...(CONTENT.anyOf as JsonSchema[]), { type: 'array', minItems: 1, items: CONTENT }],
        examples: ['{{question}}', [{ text: 'A long example', cache: '1h' }, '{{question}}']],
      },
    },
  },
  examples: [
    [
      { role: 'user', content: 'Good food!' },
      { role: 'assistant', content: 'positive' },
      { role: 'user', content: '{{text}}' },
    ],
  ],
}

const template = (description: string, example: string): JsonSchema => ({
  description,
  type: 'string',
  minLength: 1,
  examples: [example],
})

export const DOCUMENTS: JsonSchema = {
  description: 'Documents that go with every request, in this order; texts in it are templates.',
  type: 'array',
  items: {
    type: 'object',
    additionalProperties: false,
    properties: {
      file: template(
        'A file: PDF, image or text, known by its content; relative to the project root.',
        '{{file.path}}',
      ),
      url: template('An address from which the provider fetches the document.', '{{pdf_url}}'),
      text: template('The text of the document.', '{{body}}'),
      file_id: template("The id of a file that was uploaded to the provider's Files API.", '{{file_id}}'),
      title: template('The title of the document, as the model sees it.', '{{file.name}}'),
      context: template('What the model should know about the document; never cited.', 'A report of {{year}}'),
      citations: {
        description: 'Lets the answer cite the document; not together with structured output.',
        type: 'boolean',
        default: DEFAULTS.citations,
        examples: [true],
      },
      cache: CACHE,
      pages: {
        title: 'page numbers such as 1-50 or 3,7-9',
        description: 'The pages of a PDF that are sent, counted from 1; the file is really cut.',
        anyOf: [
          { type: 'integer', minimum: 1 },
          { type: 'string', pattern: PAGES_PATTERN },
        ],
        examples: ['1-50', '3,7-9', 1],
      },
      upload: {
        description:
          "How a file travels: `inline` as base64 in each request; `files` once through the provider's Files API and then by reference.",
        enum: ['inline', 'files'],
        default: DEFAULTS.upload,
        examples: ['files'],
      },
    },
    oneOf: [{ required: ['file'] }, { required: ['url'] }, { required: ['text'] }, { required: ['file_id'] }],
  },
  examples: [[{ file: '{{file.path}}', title: '{{file.name}}', citations: true }]],
}

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
  oneOf: [{ required: ['module'] }, { required: ['command'] }, { required: ['http'] }],
  examples: [{ module: 'tools/glossary.mjs', export: 'lookup' }, { command: ['python3', 'tools/glossary.py'] }],
}

const TOOL_NAME: JsonSchema = {
  title: 'a name of letters, digits, _ and -, at most 128 long',
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
    if: { required: ['type'] },
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
