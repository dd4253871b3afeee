import type { JsonSchema } from '../core/component.ts'
import type { JsonObject } from '../core/json.ts'

/** The options of a sink that writes one file: `path`, and what it has of its own. */
export function fileSinkOptions(example: string, own: JsonObject): JsonSchema {
  return {
    type: 'object',
    required: ['path'],
    additionalProperties: false,
    properties: {
      path: {
        type: 'string',
        minLength: 1,
        description:
          'The file to write, relative to the project root; it may be a template over run and job. A path that ends in .gz is compressed.',
        examples: [example, 'out/{{job.name}}-{{run.id}}.jsonl.gz'],
      },
      ...own,
    },
  }
}
