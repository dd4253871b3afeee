import { describe, expect, it } from 'vitest'
import { checkStructuredSchema } from '../../../src/provider/anthropic/check-schema.ts'
import { acceptableSchema } from '../../../src/provider/anthropic/output-schema.ts'

describe('acceptableSchema', () => {
  it.each([
    [{ type: 'string' }, { type: 'string' }],
    [
      { type: 'string', description: 'A name.', minLength: 2, pattern: '^a' },
      { type: 'string', description: 'A name.\n\n{minLength: 2, pattern: "^a"}' },
    ],
    [
      { type: 'integer', minimum: 1, maximum: 5 },
      { type: 'integer', description: '{minimum: 1, maximum: 5}' },
    ],
    [
      { type: 'array', items: { type: 'number', multipleOf: 2 }, minItems: 1, maxItems: 3 },
      {
        type: 'array',
        items: { type: 'number', description: '{multipleOf: 2}' },
        minItems: 1,
        description: '{maxItems: 3}',
      },
    ],
    [
      { type: 'array', items: { type: 'string' }, minItems: 2 },
      { type: 'array', items: { type: 'string' }, description: '{minItems: 2}' },
    ],
    [
      { type: 'string', format: 'date' },
      { type: 'string', format: 'date' },
    ],
    [
      { type: 'string', format: 'isbn' },
      { type: 'string', description: '{format: "isbn"}' },
    ],
    [{ enum: ['a', null] }, { enum: ['a', null] }],
    [{ oneOf: [{ type: 'string' }, { type: 'null' }] }, { anyOf: [{ type: 'string' }, { type: 'null' }] }],
    [
      { type: ['object', 'null'], properties: { a: { type: 'object', properties: {} } } },
      {
        type: ['object', 'null'],
        properties: { a: { type: 'object', properties: {}, additionalProperties: false } },
        additionalProperties: false,
      },
    ],
    [
      {
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        $defs: { point: { type: 'object', properties: { x: { type: 'number', minimum: 0 } } } },
        type: 'object',
        additionalProperties: true,
        properties: { at: { $ref: '#/$defs/point' } },
        required: ['at'],
      },
      {
        $defs: {
          point: {
            type: 'object',
            properties: { x: { type: 'number', description: '{minimum: 0}' } },
            additionalProperties: false,
          },
        },
        type: 'object',
        properties: { at: { $ref: '#/$defs/point' } },
        required: ['at'],
        additionalProperties: false,
      },
    ],
  ])('makes of %j what the API takes', (given, accepted) => {
    expect(acceptableSchema(given)).toEqual(accepted)
  })
})

describe('checkStructuredSchema', () => {
  const object = (properties: object, required: string[] = Object.keys(properties)) => ({
    type: 'object',
    properties,
    required,
  })
  const many = (count: number, schema: object) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, schema]))

  it.each([
    [object({ a: { type: 'string' } })],
    [object(many(24, { type: 'string' }), [])],
    [object(many(16, { type: ['string', 'null'] }))],
    [{ ...object({ a: { $ref: '#/$defs/a' }, b: { $ref: '#/$defs/a' } }), $defs: { a: { type: 'string' } } }],
  ])('finds nothing wrong with %j', (schema) => {
    expect(checkStructuredSchema(schema as never, '/output/schema')).toEqual([])
  })

  it.each<[string, object, string, RegExp]>([
    ['too many optional properties', object(many(25, { type: 'string' }), []), '', /25 optional properties.*allow 24/],
    ['too many unions', object(many(17, { type: ['string', 'null'] })), '', /17 unions.*allow 16/],
    [
      'free names',
      object({ m: { type: 'object', additionalProperties: { type: 'string' } } }),
      '/properties/m/additionalProperties',
      /free names/,
    ],
    ['an object without properties', object({ m: { type: 'object' } }), '/properties/m', /only ever be \{\}/],
    ['a part without a type', object({ 'a/b': { description: 'anything' } }), '/properties/a~1b', /no type/],
    [
      'a circle',
      {
        ...object({ root: { $ref: '#/$defs/node' } }),
        $defs: { node: object({ next: { $ref: '#/$defs/node' } }, []) },
      },
      '',
      /refers to itself \(#\/\$defs\/node\)/,
    ],
    ['a reference to the whole', object({ child: { $ref: '#' } }, []), '', /refers to itself \(#\)/],
  ])('names %s', (_, schema, path, message) => {
    const problems = checkStructuredSchema(schema as never, '/output/schema')
    expect(problems).toHaveLength(1)
    expect(problems[0]?.path).toBe(`/output/schema${path}`)
    expect(problems[0]?.message).toMatch(message)
    expect(problems[0]?.hint).toContain('mode: tool')
  })
})
