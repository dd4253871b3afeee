import { describe, expect, test } from 'vitest'
import type { Json, JsonObject } from '../../src/core/json.ts'
import { kindOfColumn } from '../../src/sink/column-kind.ts'
import { checkColumns, namedColumns, objectOf } from '../../src/sink/columns.ts'
import { outcomeOf } from '../../src/sink/contract-data.ts'
import { contextIn } from './places.ts'

const outcome = { ...outcomeOf('a', 7), output: { title: 'T', tags: ['x', 'y'], author: { name: 'N' } } }
const read = (columns: Json): JsonObject => objectOf(namedColumns({ columns }, contextIn('/')) ?? [], outcome)

describe('a column', () => {
  test('reads a dotted path into the outcome, null where there is nothing', () => {
    expect(
      read({
        title: 'output.title',
        second: 'output.tags.1',
        author: 'output.author',
        n: 'row.n',
        none: 'output.no.such',
      }),
    ).toEqual({ title: 'T', second: 'y', author: { name: 'N' }, n: 7, none: null })
  })

  test('is a template where it holds one', () => {
    expect(read({ link: 'https://example.com/{{key}}?title={{output.title}}' })).toEqual({
      link: 'https://example.com/a?title=T',
    })
  })

  test('of a list is an outcome field under its own name', () => {
    expect(read(['key', 'status'])).toEqual({ key: 'a', status: 'succeeded' })
  })

  test('reads nothing that is inherited', () => {
    expect(read({ a: 'output.constructor', b: 'row.toString.name' })).toEqual({ a: null, b: null })
  })

  test('begins with a field of the outcome, or its check says which there are', () => {
    expect(checkColumns({ columns: { a: 'outptu.title', 'b/c': 'title', d: '{{title}}', e: 'row.x' } })).toEqual([
      expect.objectContaining({ path: '/columns/a', hint: 'Did you mean "output.title"?' }),
      expect.objectContaining({ path: '/columns/b~1c', hint: expect.stringContaining('output.title') }),
    ])
    expect(checkColumns({ columns: ['key', 'titel'] })).toEqual([expect.objectContaining({ path: '/columns/1' })])
    expect(checkColumns({})).toEqual([])
  })

  test('names no property that the schema of the output rules out', () => {
    const outputSchema = { type: 'object', properties: { title: {}, pages: {} }, additionalProperties: false }
    const named = (columns: Json) => () => namedColumns({ columns }, contextIn('/', { outputSchema }))
    expect(named({ a: 'output.titel' })).toThrow('the output\'s schema has no property "titel"')
    expect(named({ a: 'output.title', b: 'row.anything' })).not.toThrow()
  })
})

describe('the kind of a column', () => {
  const schema = {
    type: 'object',
    properties: {
      text: { type: 'string' },
      count: { type: 'integer' },
      maybe: { type: ['number', 'null'] },
      either: { type: ['integer', 'number'] },
      both: { type: ['string', 'integer'] },
      flag: { const: true },
      level: { enum: ['low', 'high', null] },
      when: { anyOf: [{ type: 'string' }, { type: 'null' }] },
      ref: { $ref: '#/$defs/score' },
      loop: { $ref: '#/properties/loop' },
      list: { type: 'array', items: { type: 'object', properties: { n: { type: 'integer' } } } },
      any: {},
    },
    $defs: { score: { type: 'number' } },
  } satisfies JsonObject

  test.each([
    ['output.text', 'text'],
    ['output.count', 'integer'],
    ['output.maybe', 'double'],
    ['output.either', 'double'],
    ['output.both', 'json'],
    ['output.flag', 'boolean'],
    ['output.level', 'text'],
    ['output.when', 'text'],
    ['output.ref', 'double'],
    ['output.loop', 'unknown'],
    ['output.list', 'json'],
    ['output.list.0.n', 'integer'],
    ['output.any', 'unknown'],
    ['output.missing', 'unknown'],
    ['output', 'json'],
    ['cost_usd', 'double'],
    ['usage.input_tokens', 'integer'],
    ['error', 'json'],
    ['row.n', 'unknown'],
  ])('%s is %s', (path, kind) => {
    expect(kindOfColumn({ name: 'x', path, read: () => null }, schema)).toBe(kind)
  })

  test('of an output without a schema is text, as is that of a template', () => {
    expect(kindOfColumn({ name: 'x', path: 'output', read: () => null }, undefined)).toBe('text')
    expect(kindOfColumn({ name: 'x', read: () => null }, schema)).toBe('text')
  })
})
