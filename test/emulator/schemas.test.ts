import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../src/core/json.ts'
import { compileSchema } from '../../src/core/json-schema.ts'
import { valueForSchema } from '../../src/emulator/schema/schema-value.ts'

const PHRASES = [
  'Annual report of the Alder Works for 2025.',
  'Revenue rose to 12 million crowns.',
  'The board thanks all employees.',
]

/** What each schema exercises, and the schema. */
const SCHEMAS: Readonly<Record<string, JsonObject>> = {
  'a flat object': object({ title: { type: 'string' }, year: { type: 'integer' }, ok: { type: 'boolean' } }),
  'nested objects': object({ company: object({ address: object({ city: { type: 'string' } }) }) }),
  'a list of objects': object({ people: { type: 'array', items: object({ name: { type: 'string' } }), minItems: 2 } }),
  'an enum': object({ sentiment: { enum: ['positive', 'negative', 'neutral'] } }),
  'an enum of mixed types': object({ size: { enum: [1, 'two', null, { three: 3 }] } }),
  'a const': object({ version: { const: 'v1' }, kind: { const: 7 } }),
  'string lengths': object({ short: { type: 'string', maxLength: 10 }, long: { type: 'string', minLength: 200 } }),
  'numbers in ranges': object({
    share: { type: 'number', minimum: 0, maximum: 1 },
    above: { type: 'number', exclusiveMinimum: 5, exclusiveMaximum: 5.25 },
    negative: { type: 'integer', maximum: -3 },
  }),
  multiples: object({
    price: { type: 'number', multipleOf: 0.01, minimum: 1 },
    dozen: { type: 'integer', multipleOf: 12, minimum: 13 },
  }),
  'array lengths': object({ tags: { type: 'array', items: { type: 'string' }, minItems: 5, maxItems: 5 } }),
  'unique items': object({
    codes: { type: 'array', items: { enum: ['a', 'b', 'c', 'd'] }, minItems: 4, uniqueItems: true },
  }),
  'a tuple': {
    type: 'array',
    prefixItems: [{ type: 'string' }, { type: 'integer' }, { type: 'boolean' }],
    items: false,
    minItems: 3,
  },
  contains: { type: 'array', items: { type: 'integer' }, contains: { minimum: 100 }, minContains: 2, minItems: 4 },
  'dates and times': object({
    day: { type: 'string', format: 'date' },
    at: { type: 'string', format: 'date-time' },
    time: { type: 'string', format: 'time' },
    span: { type: 'string', format: 'duration' },
  }),
  addresses: object({
    mail: { type: 'string', format: 'email' },
    web: { type: 'string', format: 'uri' },
    host: { type: 'string', format: 'hostname' },
    v4: { type: 'string', format: 'ipv4' },
    v6: { type: 'string', format: 'ipv6' },
    id: { type: 'string', format: 'uuid' },
  }),
  'refs to $defs': {
    $defs: { money: object({ amount: { type: 'number' }, currency: { enum: ['EUR', 'USD'] } }) },
    ...object({ total: { $ref: '#/$defs/money' }, tax: { $ref: '#/$defs/money' } }),
  },
  'refs to definitions with neighbours': {
    definitions: { text: { type: 'string', minLength: 3 } },
    ...object({ name: { $ref: '#/definitions/text', maxLength: 8 } }),
  },
  'a chain of refs': {
    $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/c' }, c: { type: 'integer', minimum: 3 } },
    ...object({ value: { $ref: '#/$defs/a' } }),
  },
  'an anchor': {
    $defs: { p: { $anchor: 'point', ...object({ x: { type: 'number' } }) } },
    ...object({ at: { $ref: '#point' } }),
  },
  'a recursive tree': {
    $defs: {
      node: object({ label: { type: 'string' }, children: { type: 'array', items: { $ref: '#/$defs/node' } } }),
    },
    $ref: '#/$defs/node',
  },
  'a linked list that ends in null': {
    $defs: {
      item: object({ value: { type: 'integer' }, next: { anyOf: [{ $ref: '#/$defs/item' }, { type: 'null' }] } }),
    },
    $ref: '#/$defs/item',
  },
  anyOf: object({
    id: {
      anyOf: [
        { type: 'integer', minimum: 1 },
        { type: 'string', pattern: '^[A-Z]{3}-\\d{4}$' },
      ],
    },
  }),
  'oneOf with a discriminator': {
    type: 'object',
    oneOf: [
      object({ kind: { const: 'circle' }, radius: { type: 'number', exclusiveMinimum: 0 } }),
      object({ kind: { const: 'square' }, side: { type: 'number', exclusiveMinimum: 0 } }),
    ],
  },
  'oneOf where two branches overlap': {
    oneOf: [
      { type: 'integer', multipleOf: 3 },
      { type: 'integer', multipleOf: 5 },
    ],
  },
  allOf: {
    allOf: [
      { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] },
      { type: 'object', properties: { b: { type: 'integer', minimum: 5 } }, required: ['b'] },
      { properties: { b: { maximum: 6 } } },
    ],
  },
  'allOf of anyOf': {
    allOf: [
      { anyOf: [{ required: ['a'] }, { required: ['b'] }] },
      { anyOf: [{ required: ['c'] }, { required: ['d'] }] },
    ],
    type: 'object',
    properties: { a: { type: 'string' }, b: { type: 'string' }, c: { type: 'string' }, d: { type: 'string' } },
    additionalProperties: false,
  },
  patterns: object({
    code: { type: 'string', pattern: '^[A-Z]{2}\\d{3}(-[a-z]+)?$' },
    version: { type: 'string', pattern: '^\\d+\\.\\d+\\.\\d+$' },
    phone: { type: 'string', pattern: '^\\+?[0-9]{7,15}$' },
    long: { type: 'string', pattern: '^[a-f0-9]+$', minLength: 32, maxLength: 32 },
    either: { type: 'string', pattern: '^(yes|no|maybe)$' },
  }),
  'nullable by a list of types': object({ note: { type: ['string', 'null'] }, count: { type: ['integer', 'null'] } }),
  'additional properties of a type': {
    type: 'object',
    additionalProperties: { type: 'integer', minimum: 0 },
    minProperties: 3,
  },
  'pattern properties only': {
    type: 'object',
    patternProperties: { '^x-[a-z]+$': { type: 'boolean' } },
    additionalProperties: false,
    minProperties: 2,
  },
  'property names': { type: 'object', propertyNames: { pattern: '^[a-z]{2,4}$' }, minProperties: 2 },
  'if, then, else': {
    type: 'object',
    properties: { country: { enum: ['US', 'DE'] }, zip: { type: 'string' } },
    required: ['country', 'zip'],
    if: { properties: { country: { const: 'US' } } },
    // biome-ignore lint/suspicious/noThenProperty: it is a keyword of JSON Schema.
    then: { properties: { zip: { pattern: '^\\d{5}$' } } },
    else: { properties: { zip: { pattern: '^D-\\d{5}$' } } },
  },
  'dependent fields': {
    type: 'object',
    properties: { card: { type: 'string' }, address: { type: 'string' } },
    required: ['card'],
    dependentRequired: { card: ['address'] },
    dependentSchemas: { address: { properties: { zip: { type: 'integer' } }, required: ['zip'] } },
  },
  not: object({ word: { type: 'string', enum: ['a', 'b', 'c'], not: { enum: ['a', 'b'] } } }),
  'no type at all': {
    properties: { n: { minimum: 3 }, list: { items: { type: 'string' } }, any: {} },
    required: ['n', 'list', 'any'],
  },
  'a string at the top': { type: 'string', minLength: 1 },
  'an array of arrays': {
    type: 'array',
    items: { type: 'array', items: { type: 'number' }, minItems: 2, maxItems: 2 },
    minItems: 1,
  },
  'optional and required fields': {
    type: 'object',
    properties: { must: { type: 'string' }, may: { type: 'string' }, also: { type: 'integer' } },
    required: ['must'],
    additionalProperties: false,
    maxProperties: 2,
  },
  'a field called __proto__': {
    type: 'object',
    properties: { ['__proto__']: { type: 'string' } },
    required: ['__proto__'],
  },
  'draft 7': {
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    definitions: {
      pair: { type: 'array', items: [{ type: 'string' }, { type: 'integer' }], additionalItems: false, minItems: 2 },
    },
    properties: { pair: { $ref: '#/definitions/pair' } },
    required: ['pair'],
    dependencies: { pair: ['other'] },
  },
}

describe('a value made for a schema', () => {
  for (const [name, schema] of Object.entries(SCHEMAS)) {
    it(`fits: ${name}`, () => {
      for (let draw = 0; draw < 20; draw++) {
        const value = valueForSchema(schema, PHRASES, `draw ${draw}`)
        expect(compileSchema(schema).validate(value), JSON.stringify(value)).toEqual([])
      }
    })
  }

  it('says in its strings what the request says', () => {
    const value = valueForSchema(object({ title: { type: 'string' }, summary: { type: 'string' } }), PHRASES, 'x')
    expect(value).toEqual({ title: PHRASES[0], summary: PHRASES[1] })
  })

  it('is the same for the same draw, and differs between draws', () => {
    const schema = object({ n: { type: 'integer' }, list: { type: 'array', items: { type: 'integer' } } })
    expect(valueForSchema(schema, PHRASES, 'one')).toEqual(valueForSchema(schema, PHRASES, 'one'))
    const values = new Set(
      Array.from({ length: 20 }, (_, at) => JSON.stringify(valueForSchema(schema, PHRASES, String(at)))),
    )
    expect(values.size).toBeGreaterThan(5)
  })

  it('is made also for a schema that nothing can fit', () => {
    expect(() => valueForSchema({ type: 'string', enum: [1], minLength: 3 }, PHRASES, 'x')).not.toThrow()
    expect(() => valueForSchema({ allOf: [{ type: 'string' }, { type: 'integer' }] }, PHRASES, 'x')).not.toThrow()
    expect(() => valueForSchema({ $ref: '#' }, PHRASES, 'x')).not.toThrow()
  })
})

function object(properties: JsonObject): JsonObject {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false }
}
