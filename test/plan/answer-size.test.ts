import { describe, expect, it } from 'vitest'
import { answerSize } from '../../src/plan/answer-size.ts'

const text = { type: 'string' }

describe('the size of an answer', () => {
  it.each([
    ['a constant', { const: 'yes' }, 5, 5],
    ['an enum', { enum: ['a', 'abc'] }, 3, 4],
    ['a text', text, 2, 82],
    ['a short text', { type: 'string', minLength: 3, maxLength: 10 }, 5, 12],
    ['a date', { type: ['null', 'string'], format: 'date' }, 2, 12],
    ['a number', { type: 'integer' }, 1, 4],
    ['a truth', { type: 'boolean' }, 4, 5],
    ['a list', { type: 'array', items: { type: 'boolean' } }, 2, 20],
    ['a list of so many', { type: 'array', items: { type: 'boolean' }, minItems: 5, maxItems: 9 }, 27, 32],
    ['an object', { type: 'object', properties: { a: text, b: { const: 1 } }, required: ['b'] }, 8, 95],
    ['a choice', { anyOf: [{ type: 'boolean' }, { const: 'a long one' }] }, 4, 8.5],
    ['a reference', { $ref: '#/$defs/way', $defs: { way: { const: 'up' } } }, 4, 4],
    ['a reference to nothing', { $ref: '#/$defs/way' }, 2, 2],
    ['anything', {}, 2, 80],
  ])('is told by the schema of %s', (_, schema, low, likely) => {
    expect(answerSize(schema)).toEqual({ low, likely })
  })

  it('is found at once also where a schema contains itself many times', () => {
    const names = Array.from({ length: 40 }, (_, at) => [`p${at}`, { $ref: '#' }])
    const began = performance.now()
    expect(answerSize({ type: 'object', properties: Object.fromEntries(names) }).likely).toBeGreaterThan(300)
    expect(performance.now() - began).toBeLessThan(500)
  })
})
