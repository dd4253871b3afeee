// The options that csv and tsv share.

import type { JsonSchema } from '../core/component.ts'
import type { Problem } from '../core/errors.ts'
import type { JsonObject } from '../core/json.ts'
import { quoted } from '../core/phrase.ts'
import { TYPES_OPTION } from './csv-types.ts'
import { ENCODINGS } from './encoding.ts'
import { PATH_OPTION } from './files-of.ts'

/** What a schema cannot say of them. */
export function checkSeparated(options: JsonObject): readonly Problem[] {
  const problems: Problem[] = []
  const columns = Array.isArray(options.columns) ? (options.columns as readonly string[]) : []
  const twice = columns.find((name, index) => columns.indexOf(name) !== index)
  if (twice !== undefined)
    problems.push({
      message: `columns names ${quoted(twice)} twice.`,
      hint: 'Every column needs a name of its own.',
      path: '/columns',
    })
  if (options.delimiter !== undefined && options.delimiter === options.quote)
    problems.push({
      message: 'delimiter and quote are the same character.',
      hint: 'Leave "quote" out for the usual double quote.',
      path: '/quote',
    })
  if (options.escape !== undefined && options.quote === '')
    problems.push({ message: 'escape needs a quote.', hint: 'Leave one of the two out.', path: '/escape' })
  return problems
}

export function separatedOptions(delimiter: string): JsonSchema {
  return {
    type: 'object',
    required: ['path'],
    additionalProperties: false,
    properties: {
      path: PATH_OPTION,
      delimiter: {
        type: 'string',
        minLength: 1,
        maxLength: 8,
        pattern: '^[^\\r\\n]+$',
        description: 'What stands between two values.',
        default: delimiter,
        examples: [';', '|'],
      },
      quote: {
        type: 'string',
        maxLength: 1,
        pattern: '^[^\\r\\n]?$',
        description:
          'The character around values that contain the delimiter, a line break or the quote itself. "" switches quoting off: quotes are then ordinary letters.',
        default: '"',
        examples: ["'", ''],
      },
      escape: {
        type: 'string',
        minLength: 1,
        maxLength: 1,
        pattern: '^[^\\r\\n]$',
        description:
          'The character that stands before a quote inside quotes, where the file does not double the quote.',
        examples: ['\\'],
      },
      columns: {
        type: 'array',
        minItems: 1,
        items: { type: 'string', minLength: 1, not: { const: '__proto__' } },
        description: 'The names of the columns, for a file without a header line: its first line is then a row.',
        examples: [['id', 'text', 'stars']],
      },
      encoding: {
        enum: [...ENCODINGS],
        description: 'How the letters are stored. latin1 is windows-1252, which Excel writes in the west.',
        default: 'utf-8',
        examples: ['latin1'],
      },
      types: TYPES_OPTION,
    },
  }
}
