import type { JsonSchema } from '../core/component.ts'
import { schemaViolations } from '../core/json-schema.ts'
import { nearest } from '../core/nearest.ts'
import { valueAt } from './finding.ts'

export interface SchemaMistake {
  /** JSON pointer into the schema. */
  readonly path: string
  readonly message: string
  readonly hint?: string
}

/** What somebody's JSON Schema says that a JSON Schema cannot say. */
export function schemaMistakes(schema: JsonSchema): readonly SchemaMistake[] {
  return schemaViolations(schema).map(({ path, message, keyword, params }) => {
    const given = valueAt(schema, path)
    const allowed = keyword === 'enum' ? (params.allowedValues as unknown[]).map(String) : []
    const meant = typeof given === 'string' ? (MEANT[given] ?? nearest(given, allowed)) : undefined
    // Names of fields keep their case; only our own "The value" is lowered.
    const sentence = `In a JSON Schema, ${message.replace(/^The value/, 'the whole')}`
    return { path, message: sentence, ...(meant === undefined ? {} : { hint: `Did you mean "${meant}"?` }) }
  })
}

/** Types as other languages call them. */
const MEANT: Readonly<Record<string, string>> = {
  text: 'string',
  str: 'string',
  int: 'integer',
  float: 'number',
  bool: 'boolean',
  list: 'array',
  dict: 'object',
  map: 'object',
}
