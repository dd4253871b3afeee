import type { Component } from '../../src/core/component.ts'
import type { JsonObject } from '../../src/core/json.ts'
import type { Catalog } from '../../src/job/schema.ts'

const path: JsonObject = {
  description: 'A path, a glob, or a list of either.',
  anyOf: [
    { type: 'string', minLength: 1 },
    { type: 'array', minItems: 1, items: { type: 'string', minLength: 1 } },
  ],
  examples: ['data/reviews.csv'],
}
const delimiter: JsonObject = { description: 'What separates columns.', type: 'string', maxLength: 1, examples: [';'] }
const columns: JsonObject = {
  description: 'Names with paths into the outcome.',
  type: 'object',
  additionalProperties: { type: 'string' },
  examples: [{ title: 'output.title' }],
}

function component(
  type: string,
  extensions: readonly string[],
  properties: JsonObject,
  required = ['path'],
): Component {
  const options = { type: 'object', additionalProperties: false, required, properties }
  return { type, about: `The ${type} component.`, extensions, options }
}

/** A small catalog that stays as it is, so that the texts of errors do not change when a component is added. */
export const testCatalog: Catalog = {
  sources: [
    component('rows', [], { rows: { description: 'The rows.', type: 'array', examples: [[{ text: 'a' }]] } }, ['rows']),
    component('csv', ['.csv'], { path, delimiter }),
    component('jsonl', ['.jsonl', '.ndjson'], { path }),
    component('files', ['.pdf'], { path }),
  ],
  sinks: [
    component('jsonl', ['.jsonl'], { path: { ...path, anyOf: [{ type: 'string', minLength: 1 }] } }),
    {
      ...component('csv', ['.csv'], { path, columns }),
      check: ({ columns: given }) =>
        Object.entries((given ?? {}) as Record<string, string>).flatMap(([name, from]) =>
          from.startsWith('output') || from === 'key'
            ? []
            : [{ path: `/columns/${name}`, message: `No field "${from}".` }],
        ),
    },
    component('files', ['.md'], {
      path,
      template: { description: 'A template.', type: 'string', examples: ['t.hbs'] },
    }),
  ],
  providers: [
    { type: 'anthropic', about: 'The Message Batches API.' },
    { type: 'openai', about: 'The Batch API.' },
  ],
}
