/** The part of the job's schema that says what is asked: texts, turns and documents. */

import type { JsonSchema } from '../core/component.ts'
import { DEFAULTS } from './defaults.ts'
import { PAGES_PATTERN } from './units.ts'

/** For `oneOf`: exactly one of the keys is there. The empty `properties` are what strict validators ask for. */
export function oneKeyOf(names: readonly string[]): JsonSchema[] {
  return names.map((name) => ({ type: 'object', required: [name], properties: { [name]: true } }))
}

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

const TEMPLATE_TEXT: JsonSchema = {
  description: 'The template itself.',
  type: 'string',
  minLength: 1,
  examples: ['You are a careful analyst.'],
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
        properties: { template: TEMPLATE_PATH, text: TEMPLATE_TEXT, cache: CACHE },
        oneOf: oneKeyOf(['template', 'text']),
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

const PAGES_TITLE = 'page numbers such as 1-50 or 3,7-9'

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
        title: PAGES_TITLE,
        description: 'The pages of a PDF that are sent, counted from 1; the file is really cut.',
        anyOf: [
          { type: 'integer', minimum: 1 },
          { title: PAGES_TITLE, type: 'string', pattern: PAGES_PATTERN },
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
    oneOf: oneKeyOf(['file', 'url', 'text', 'file_id']),
  },
  examples: [[{ file: '{{file.path}}', title: '{{file.name}}', citations: true }]],
}
