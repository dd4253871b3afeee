import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../src/core/json.ts'
import { compileSchema } from '../../src/core/json-schema.ts'
import { withDescribedRules } from '../../src/emulator/answers/described-rules.ts'
import { valueForSchema } from '../../src/emulator/schema/schema-value.ts'
import { acceptableSchema } from '../../src/provider/anthropic/output-schema.ts'

const SCHEMA: JsonObject = {
  type: 'object',
  required: ['n', 'code', 'list', 'share'],
  additionalProperties: false,
  properties: {
    n: { type: 'integer', minimum: 3, maximum: 9, description: 'A number, small {really}.' },
    code: { type: 'string', pattern: '^[A-Z]{2}, \\d{4}$' },
    list: { type: 'array', minItems: 2, uniqueItems: true, items: { type: 'string', minLength: 3, maxLength: 12 } },
    share: { anyOf: [{ type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 }, { $ref: '#/$defs/none' }] },
  },
  $defs: { none: { type: 'string', maxLength: 4 } },
}

describe('rules that structured outputs do not know', () => {
  it('are read from the descriptions into which clients move them', () => {
    const moved = acceptableSchema(SCHEMA)
    const check = compileSchema(SCHEMA)
    const values = Array.from({ length: 20 }, (_, at) => {
      return valueForSchema(
        withDescribedRules(moved),
        ['A long sentence of the request.', 'Another one.'],
        `draw ${at}`,
      )
    })
    for (const value of values) expect(check.validate(value)).toEqual([])
  })

  it.each([
    ['words', 'The year of the {thing}.'],
    ['words that look like rules', 'See below.\n\n{not a rule}'],
    ['a rule that is none', '{minimum: many}'],
    ['a rule that makes no schema', '{type: "nothing"}'],
  ])('are not seen in %s', (_, description) => {
    const schema = { type: 'object', properties: { a: { type: 'number', description } } }
    expect(withDescribedRules(schema)).toEqual(schema)
  })
})
