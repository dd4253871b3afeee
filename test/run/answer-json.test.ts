import { describe, expect, it } from 'vitest'
import { compileSchema } from '../../src/core/json-schema.ts'
import { jsonCandidates, parseWholeText } from '../../src/run/answer-json.ts'
import { checkOutput } from '../../src/run/check-output.ts'
import { answerOf, SCHEMA } from './jobs.ts'

const GOOD = '{"title":"A","pages":1}'

describe('JSON in a text', () => {
  it.each([
    ['a document', '{"a":1}', { a: 1 }],
    ['white space around it', ' \n[1]\n', [1]],
    ['a bare value', '"yes"', 'yes'],
  ])('is the whole text: %s', (_, text, value) => {
    expect(parseWholeText(text)).toEqual({ found: true, value })
  })

  it.each([
    ['nothing', '', 'empty'],
    ['white space', ' \n', 'empty'],
    ['prose', 'Yes.', 'not JSON'],
    ['two documents', '{} {}', 'not JSON'],
    ['a cut one', '{"a":', 'not JSON'],
  ])('is not the whole text: %s', (_, text, words) => {
    expect(parseWholeText(text)).toMatchObject({ found: false, message: expect.stringContaining(words) })
  })

  const values = (text: string) => jsonCandidates(text).found.map(({ value }) => value)
  it.each<[string, string, unknown[]]>([
    ['the whole text and nothing in it', '{"a":{"b":1}}', [{ a: { b: 1 } }]],
    ['a fence', 'Here:\n```json\n{"a":1}\n```\nBye', [{ a: 1 }, { a: 1 }]],
    ['a fence without a language', '```\n[1]\n```', [[1], [1]]],
    ['a fence with Windows line ends', '```json\r\n{"a":1}\r\n```', [{ a: 1 }, { a: 1 }]],
    ['prose around it', 'The answer is {"a":"}"} of course.', [{ a: '}' }]],
    ['escaped quotes', 'So: {"a":"\\"}"}', [{ a: '"}' }]],
    ['several', 'As [1] and {"a":1} say, {"b":[2]}.', [[1], { a: 1 }, { b: [2] }]],
    ['brackets in prose', 'Use { and } or [see there] for {"a":1}', [{ a: 1 }]],
    ['an empty object', 'None: {}', [{}]],
    ['a text without any', 'No brackets at all', []],
    ['nothing in one that is cut off', 'Here: {"list":[{"a":1},{"a":2}', []],
    ['nothing in one that is broken', 'Here: {"list":[{"a":1}],} and {"b":1}', [{ b: 1 }]],
  ])('is found: %s', (_, text, expected) => {
    expect(values(text)).toEqual(expected)
  })

  it('is looked for in time that grows with the text alone', () => {
    const begun = performance.now()
    for (const text of ['{"'.repeat(200_000), '[['.repeat(200_000), '{"a":1'.repeat(100_000), '{} '.repeat(100_000)])
      jsonCandidates(text)
    expect(performance.now() - begun).toBeLessThan(3000)
  })
})

describe('the output of an answer', () => {
  const check = (text: string) => checkOutput('prompt', compileSchema(SCHEMA), answerOf(text))

  it('is the first value that fits, wherever it stands', () => {
    expect(check(`For example {"title":"B"} and [1]. Mine is ${GOOD}, not {"title":"C","pages":2}.`)).toEqual({
      value: { title: 'A', pages: 1 },
      violations: [],
    })
  })

  it('is judged by its largest value where none fits', () => {
    const { violations } = check('See [1]: {"title":"A long one","pages":0}')
    expect(violations).toEqual(['pages must be 1 or more; it is 0.'])
  })

  it('is no JSON where only a piece of it is', () => {
    expect(check(`{"items":[${GOOD}`).violations).toEqual([expect.stringContaining('The answer is not JSON')])
  })
})
