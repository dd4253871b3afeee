import type { JsonObject } from '../core/json.ts'
import type { Source } from './source.ts'

export const rows: Source = {
  type: 'rows',
  about: 'Rows written in the job itself.',
  options: {
    type: 'object',
    required: ['rows'],
    additionalProperties: false,
    properties: {
      rows: {
        type: 'array',
        minItems: 1,
        items: { type: 'object' },
        description: 'The rows, one object each; its members are the fields that templates see.',
        examples: [[{ city: 'Paris' }, { city: 'Rome' }]],
      },
    },
  },
  async *rows(options, { jobFile, signal }) {
    for (const fields of (options.rows ?? []) as readonly JsonObject[]) {
      signal.throwIfAborted()
      yield { fields, place: { file: jobFile } }
    }
  },
}
