import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JsonSchema } from '../../src/core/component.ts'
import type { Json } from '../../src/core/json.ts'
import { compileSchema, schemaViolations } from '../../src/core/json-schema.ts'
import { isPlainSchema } from '../../src/core/plain-schema.ts'

const odd = fc.constantFrom<Json>(
  0,
  1,
  -1,
  2.5,
  '',
  'string',
  'object',
  [],
  ['string'],
  ['a', 'b', 'b'],
  true,
  null,
  {},
)

/** Schemas, and what is nearly one. */
function schemas(depth: number): fc.Arbitrary<JsonSchema> {
  const mostly = (...sound: readonly Json[]) =>
    fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...sound) }, { weight: 1, arbitrary: odd })
  const own = {
    type: mostly('string', 'object', 'array', ['integer', 'null']),
    enum: mostly(['a'], [1, null]),
    const: odd,
    minimum: mostly(0, -2.5),
    multipleOf: mostly(1, 0.1),
    maxLength: mostly(0, 3),
    uniqueItems: mostly(true, false),
    required: mostly([], ['a', 'b']),
    default: odd,
  }
  if (depth === 0) return fc.record(own, { requiredKeys: [] })
  const nested = schemas(depth - 1)
  const holding = {
    properties: fc.dictionary(fc.constantFrom('a', 'b', '__proto__', 'constructor', ''), nested, { maxKeys: 2 }),
    additionalProperties: fc.oneof(nested, fc.boolean()),
    items: fc.oneof(nested, fc.array(nested, { maxLength: 2 })),
    anyOf: fc.array(nested, { maxLength: 2 }),
    not: nested,
  }
  return fc.record({ ...own, ...holding }, { requiredKeys: [] })
}

describe('a plain schema', () => {
  it('that its metaschema finds sound always compiles', () => {
    let sound = 0
    fc.assert(
      fc.property(schemas(1), odd, (schema, value) => {
        if (!isPlainSchema(schema) || schemaViolations(schema).length > 0) return
        sound += 1
        expect(() => compileSchema(schema).validate(value)).not.toThrow()
      }),
      { numRuns: 3000 },
    )
    expect(sound).toBeGreaterThan(20)
  })

  it.each([
    { $ref: '#/$defs/a' },
    { type: 'string', pattern: '[' },
    { nullable: true },
    { id: 'x' },
    { enum: [] },
    { properties: { a: { patternProperties: {} } } },
    { items: [{ $async: true }] },
  ])('is not %j', (schema) => {
    expect(isPlainSchema(schema)).toBe(false)
  })
})
