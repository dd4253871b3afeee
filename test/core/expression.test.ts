import { describe, expect, it } from 'vitest'
import { UserError } from '../../src/core/errors.ts'
import { compileExpression } from '../../src/core/expression.ts'
import type { JsonObject } from '../../src/core/json.ts'

const row: JsonObject = {
  file: { name: 'a.pdf', size: 100 },
  price: 1.75,
  stars: 3,
  name: 'x',
  text: 'a text of more than ten letters',
  tags: ['a', 'b'],
  scores: [1, 2.5],
  author: { email: 'a@b.c' },
  verified: true,
  note: null,
  type: 'review',
  list: [1, 2, 3],
  'Review text': 'good',
}

function evaluate(text: string, fields: JsonObject = row): boolean {
  return compileExpression(text).evaluate(fields)
}

function problemOf(text: string, fields: JsonObject = row): UserError['problems'][number] {
  try {
    evaluate(text, fields)
  } catch (error) {
    if (error instanceof UserError && error.problems[0]) return error.problems[0]
    throw error
  }
  throw new Error(`${text} was evaluated`)
}

describe('an expression that holds', () => {
  it.each([
    'file.size < 30000000',
    'price > 1.5',
    'price > 1',
    'stars == 3',
    'stars in [3, 4]',
    'stars != 4',
    'name == "x"',
    'name in ["x", "y"]',
    'tags.exists(t, t == "a")',
    'scores.all(s, s >= 1)',
    'size(text) > 10',
    'size(tags) == 2',
    'has(row.name)',
    'has(author.email)',
    '!has(author.phone)',
    'note == null',
    'verified',
    'file.name.endsWith(".pdf") && !name.startsWith("y")',
    'text.matches("more than [a-z]+")',
    'row["Review text"] == "good"',
    'tags[0] == "a"',
    'timestamp("2026-01-02T00:00:00Z") > timestamp("2025-01-01T00:00:00Z")',
  ])('%s', (text) => {
    expect(evaluate(text)).toBe(true)
  })

  it.each([
    '1 + stars == 4',
    'stars + 1 == 4',
    'stars * 2 > 5',
    '7 - stars > 3.5',
    'stars / 2 == 1.5',
    '3 / stars == 1',
    'stars % 2 == 1',
    '7 % stars == 1',
    '5.5 % stars == 2.5',
    'file.size / 1000 < 1',
    'price * 2 > 3',
    'size(tags) + stars == 5',
  ])('calculates with JSON numbers: %s', (text) => {
    expect(evaluate(text)).toBe(true)
  })

  it.each([
    'type == "review"',
    'list[0] == 1',
    '3 in list',
    'list.exists(x, x > 2) && type == "review"',
    'size(list) == 3',
  ])('a field may be called as a CEL type: %s', (text) => {
    expect(evaluate(text)).toBe(true)
  })

  it('the names of types stay types where a row has no such field, row by row', () => {
    const expression = compileExpression('type(stars) == double')
    expect(expression.evaluate({ stars: 3, double: 1, type: 'x' })).toBe(false)
    expect(expression.evaluate({ stars: 3 })).toBe(true)
  })

  it('is evaluated for each row anew', () => {
    const expression = compileExpression('stars > 2')
    expect([{ stars: 1 }, { stars: 3 }, { stars: 2.5 }].map((fields) => expression.evaluate(fields))).toEqual([
      false,
      true,
      true,
    ])
  })
})

describe('what is not CEL', () => {
  it.each([
    [
      'stars = 3',
      'The expression "stars = 3" is not CEL: unexpected character: = at column 7.',
      'Equality is written ==.',
      7,
    ],
    ['stars >', 'The expression "stars >" is not CEL: unexpected end at column 8.', undefined, 8],
    ['stars > 3 and ok', 'is not CEL: unexpected character', 'In CEL, and is written &&, or is ||, not is !.', 11],
    [
      'package == 1',
      'is not CEL: reserved identifier: package at column 1.',
      '"package" is a word of CEL; write the field as row["package"].',
      1,
    ],
    ['"open', 'is not CEL: unterminated string at column 1.', undefined, 1],
    ['', 'is not CEL: unexpected end at column 1.', undefined, 1],
    ['tags.exists(', 'is not CEL: unexpected end at column 13.', undefined, 13],
  ])('%s', (text, message, hint, column) => {
    const problem = problemOf(text)
    expect(problem.message).toContain(message)
    if (hint !== undefined) expect(problem.hint).toBe(hint)
    expect(problem.column).toBe(column)
    expect(problem.excerpt).toBe(text)
  })

  it('on a later line of the expression is shown with that line', () => {
    const problem = problemOf('stars > 3 &&\n  stars = 4')
    expect(problem).toMatchObject({ column: 9, excerpt: '  stars = 4' })
  })
})

describe('an expression that cannot be evaluated for a row', () => {
  it.each([
    ['starz > 3', 'it has no field "starz".', 'Did you mean "stars"?'],
    ['missing', 'it has no field "missing".', 'Test for a field with has(row.missing).'],
    ['author.phone == "1"', 'the value has no member "phone".', 'has(author.email)'],
    ['name > 3', 'there is no operation string > int.', 'A text is no number: convert it with double(field)'],
    ['note > 3', 'there is no operation null > int.', 'The value is null here'],
    [
      'name == 3',
      'it compares the text "x" with the number 3.',
      'Compare texts with texts, as in == "3", or convert: double(field) == 3.',
    ],
    ['3.5 != name', 'it compares the text "x" with the number 3.5.', 'Compare texts with texts'],
    ['now() > 3', 'there is no function now().', 'Test the kind'],
  ])('%s', (text, message, hint) => {
    const problem = problemOf(text)
    expect(problem.message).toBe(`The expression ${JSON.stringify(text)} cannot be evaluated for this row: ${message}`)
    expect(problem.hint).toContain(hint)
    expect(problem.column).toBeUndefined()
  })

  it('names the fields that exist', () => {
    expect(problemOf('missing', { id: 1, text: 'a' }).hint).toContain('Its fields are "id" and "text".')
  })

  it.each([
    ['stars', 'gives 3 for this row'],
    ['name', 'gives "x" for this row'],
    ['tags', 'gives a list for this row'],
    ['size(tags)', 'gives 2 for this row'],
  ])('gives neither true nor false: %s', (text, message) => {
    expect(problemOf(text).message).toContain(message)
  })

  it.each(['constructor', 'toString', 'hasOwnProperty'])('does not reach a prototype: %s', (name) => {
    expect(problemOf(`${name} == 1`).message).toContain('it has no field')
    expect(problemOf(`row.${name} == 1`).message).toContain('has no member')
  })
})
