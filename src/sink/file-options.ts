import type { JsonSchema } from '../core/component.ts'
import type { JsonObject } from '../core/json.ts'

/** The options of a sink that writes one text file, which may be compressed: `path`, and what it has of its own. */
export function textFileOptions(ending: string, own: JsonObject): JsonSchema {
  return fileSinkOptions(`${ending}.gz`, own, ' A path that ends in .gz is compressed.')
}

/** The options of a sink that writes one file. */
export function fileSinkOptions(ending: string, own: JsonObject, more = ''): JsonSchema {
  return {
    type: 'object',
    required: ['path'],
    additionalProperties: false,
    properties: {
      path: {
        type: 'string',
        minLength: 1,
        description: `The file to write, relative to the project root; it may be a template over run and job.${more}`,
        examples: [`out/summaries.${ending.replace(/\.gz$/, '')}`, `out/{{job.name}}-{{run.id}}.${ending}`],
      },
      ...own,
    },
  }
}
