import { expect, test } from 'vitest'
import type { JsonSchema } from '../../src/core/component.ts'
import { UserError } from '../../src/core/errors.ts'
import { compileSchema } from '../../src/core/json-schema.ts'

function messages(schema: JsonSchema, value: unknown): string[] {
  return compileSchema(schema)
    .validate(value)
    .map((violation) => `${violation.path}: ${violation.message}`)
}

const person: JsonSchema = {
  type: 'object',
  required: ['name'],
  additionalProperties: false,
  properties: {
    name: { type: 'string', minLength: 1 },
    age: { type: 'integer', minimum: 0 },
    mood: { enum: ['good', 'bad'] },
    born: { type: 'string', format: 'date' },
    tags: { type: 'array', items: { type: 'string' }, maxItems: 2, uniqueItems: true },
  },
}

test('a value that fits has no violations', () => {
  expect(messages(person, { name: 'Ada', age: 36, mood: 'good', born: '1815-12-10', tags: ['a'] })).toEqual([])
})

test('every violation is a sentence that says where, what is allowed and what was given', () => {
  expect(messages(person, { age: 'old', mood: 'so-so', born: 'soon', tags: [1, 'b', 'c'], nmae: 'Ada' })).toEqual([
    ': "name" is missing.',
    '/nmae: Unknown field "nmae".',
    '/age: age must be a whole number; it is "old".',
    '/mood: mood must be one of "good" or "bad"; it is "so-so".',
    '/born: born must be a valid date; it is "soon".',
    '/tags: tags must have at most 2 items; it has 3.',
    '/tags/0: tags[0] must be a text; it is 1.',
  ])
  expect(messages(person, [])).toEqual([': The value must be an object; it is an empty list.'])
})

test('names with slashes and tildes keep their pointer', () => {
  expect(messages({ properties: { 'a/b~c': { type: 'null' } } }, { 'a/b~c': 1 })).toEqual([
    '/a~1b~0c: ["a/b~c"] must be null; it is 1.',
  ])
})

const shape: JsonSchema = {
  $defs: {
    circle: {
      type: 'object',
      required: ['type', 'radius'],
      additionalProperties: false,
      properties: { type: { const: 'circle' }, radius: { type: 'number' } },
    },
  },
  oneOf: [
    { type: 'string' },
    { $ref: '#/$defs/circle' },
    {
      type: 'object',
      required: ['type', 'side'],
      additionalProperties: false,
      properties: { type: { const: 'square' }, side: { anyOf: [{ type: 'number' }, { type: 'null' }] } },
    },
  ],
}

test('of several alternatives only the one that was meant is reported', () => {
  expect(messages(shape, { type: 'circle', radius: 'big' })).toEqual(['/radius: radius must be a number; it is "big".'])
  expect(messages(shape, { type: 'square', side: 'big', colour: 1 })).toEqual([
    '/colour: Unknown field "colour".',
    '/side: side must be a number or null; it is "big".',
  ])
})

test('when no alternative was meant, the tags or the types that are allowed are named', () => {
  expect(messages(shape, { type: 'triangle' })).toEqual([
    '/type: type must be one of "circle" or "square"; it is "triangle".',
  ])
  expect(messages(shape, 5)).toEqual([': The value must be a text or an object; it is 5.'])
})

test('alternatives that cannot be told apart are said to fit none', () => {
  expect(messages({ anyOf: [false, { not: {} }] }, 5)).toEqual([
    ': The value must not be what its schema\'s "not" describes; it is 5.',
  ])
  expect(messages({ items: { anyOf: [false, false] } }, [5])).toEqual([
    '/0: [0] has none of the forms that its schema allows; it is 5.',
  ])
})

test('a list of a hundred thousand wrong items is answered soon', () => {
  const started = performance.now()
  const wrong = Array.from({ length: 100_000 }, () => ({ type: 'triangle', side: 'big' }))
  expect(messages({ items: { oneOf: shape.oneOf ?? [] }, $defs: shape.$defs ?? {} }, wrong).length).toBeGreaterThan(10)
  expect(performance.now() - started).toBeLessThan(20_000)
})

test('a schema may say which earlier draft it is written in', () => {
  const draft7 = { $schema: 'http://json-schema.org/draft-07/schema#', items: [{ type: 'string' }] }
  expect(messages(draft7, [1])).toEqual(['/0: [0] must be a text; it is 1.'])
  expect(messages({ $schema: 'http://json-schema.org/draft-06/schema#', type: 'null' }, null)).toEqual([])
  expect(() => compileSchema({ $schema: 'http://json-schema.org/draft-03/schema#' })).toThrow(UserError)
})

test('a schema that does not compile is a UserError that says why', () => {
  expect(() => compileSchema({ type: 'strnig' })).toThrow(/not a JSON Schema that can be used: .*type/)
  expect(() => compileSchema({ $ref: 'other.json' })).toThrow(UserError)
  expect(() => compileSchema({ pattern: '(' })).toThrow(UserError)
  expect(() => compileSchema({ $async: true })).toThrow(UserError)
})

test('patterns that are only valid without the unicode flag are read without it', () => {
  expect(messages({ pattern: '^[\\w\\-]+$' }, 'a b')).toEqual([
    ': The value must match the pattern ^[\\w\\-]+$; it is "a b".',
  ])
})

test('two different schemas may have the same $id', () => {
  expect(messages({ $id: 'https://example.com/x', type: 'string' }, 1)).toHaveLength(1)
  expect(messages({ $id: 'https://example.com/x', type: 'number' }, 1)).toHaveLength(0)
})

test('equal schemas are compiled once, whatever the order of their keys', () => {
  expect(compileSchema({ type: 'string', minLength: 1 })).toBe(compileSchema({ minLength: 1, type: 'string' }))
})

test('a value nested deeper than the stack is a violation, not a crash', () => {
  let deep: unknown = 1
  for (let i = 0; i < 100_000; i++) deep = [deep]
  expect(messages({ items: { $ref: '#' } }, deep)).toEqual([': The value is nested too deeply to be checked.'])
})

test('a value can be hidden in the sentences', () => {
  const [violation] = compileSchema(person).validate({ name: 'x', mood: 's3cret' }, (pointer) =>
    pointer === '/mood' ? 'hidden' : undefined,
  )
  expect(violation?.message).toBe('mood must be one of "good" or "bad"; it is hidden.')
})
