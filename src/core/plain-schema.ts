/** Schemas that need not be compiled to know that they can be. */

import { isJsonObject } from './json.ts'

/** Keywords whose value the metaschema vouches for; where one holds schemas, how. */
const KEYWORDS: Readonly<Record<string, 'value' | 'schema' | 'schemas' | 'named'>> = {
  additionalProperties: 'schema',
  allOf: 'schemas',
  anyOf: 'schemas',
  const: 'value',
  default: 'value',
  description: 'value',
  enum: 'value',
  examples: 'value',
  exclusiveMaximum: 'value',
  exclusiveMinimum: 'value',
  items: 'schema',
  maxItems: 'value',
  maxLength: 'value',
  maximum: 'value',
  minItems: 'value',
  minLength: 'value',
  minimum: 'value',
  multipleOf: 'value',
  not: 'schema',
  oneOf: 'schemas',
  properties: 'named',
  required: 'value',
  title: 'value',
  type: 'value',
  uniqueItems: 'value',
}

/**
 * Whether a schema that fits its metaschema surely compiles: it says nothing that refers elsewhere, that is a pattern,
 * or that ajv knows more of than the standard. Most schemas of answers are of this kind, and compiling one to learn that
 * takes as long as all else that is done for a job before it runs.
 */
export function isPlainSchema(schema: unknown): boolean {
  if (typeof schema === 'boolean') return true
  if (!isJsonObject(schema)) return false
  return Object.entries(schema).every(([keyword, value]) => {
    const holds = Object.hasOwn(KEYWORDS, keyword) ? KEYWORDS[keyword] : undefined
    if (holds === undefined) return false
    if (holds === 'schema') return isPlainSchema(value)
    if (holds === 'schemas') return Array.isArray(value) && value.every(isPlainSchema)
    if (holds === 'named') return isJsonObject(value) && Object.values(value).every(isPlainSchema)
    // An empty enum is one for the standard, and none for ajv.
    return keyword !== 'enum' || (Array.isArray(value) && value.length > 0)
  })
}
