import { describe, expect, it } from 'vitest'
import { repairMessages } from '../../src/run/repair.ts'
import { answerOf, callsOf } from './jobs.ts'

const WORDS = [
  'Your answer does not fit the schema that was asked for:',
  '- title must be a text; it is 1.',
  'Give the whole answer again, as JSON that fits the schema, with nothing before or after it.',
].join('\n')
const VIOLATIONS = ['title must be a text; it is 1.']

describe('a repair', () => {
  it('sends the answer back with what is wrong with it, in sentences', () => {
    const content = [
      { type: 'thinking', thinking: 'Hm.', signature: 'c2ln' },
      { type: 'text', text: '{"title":1}' },
    ]
    expect(repairMessages('structured', answerOf('{"title":1}', { content }), VIOLATIONS)).toEqual([
      { role: 'assistant', content },
      { role: 'user', content: WORDS },
    ])
  })

  it('answers a call with an error, and every other call of the turn as well', () => {
    const [said, reply] = repairMessages(
      'tool',
      callsOf({ name: 'lookup' }, { name: 'answer', input: { title: 1 } }, { name: 'answer' }),
      VIOLATIONS,
    )
    expect(said?.content).toHaveLength(3)
    expect(reply).toMatchObject({
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 'toolu_0', is_error: true, content: expect.stringContaining('Not run') },
        { tool_use_id: 'toolu_1', is_error: true, content: expect.stringContaining('Call the tool "answer" again') },
        { tool_use_id: 'toolu_2', is_error: true, content: expect.stringContaining('title must be a text') },
      ],
    })
  })

  it('speaks in words where a call was asked for and none was made', () => {
    const [, reply] = repairMessages('tool', answerOf('Here it is.'), VIOLATIONS)
    expect(reply?.content).toContain('Call the tool "answer" again')
  })

  for (const [name, content] of [
    ['nothing', []],
    ['blank text', [{ type: 'text', text: ' \n' }]],
  ] as const) {
    it(`says nothing for the model that said ${name}: the API refuses an empty turn`, () => {
      expect(repairMessages('prompt', answerOf('', { content }), VIOLATIONS)).toEqual([
        { role: 'user', content: WORDS },
      ])
    })
  }

  it('names the first twenty violations and counts the rest', () => {
    const [, reply] = repairMessages(
      'prompt',
      answerOf('{}'),
      Array.from({ length: 23 }, (_, at) => `Wrong ${at}.`),
    )
    expect(reply?.content).toContain('- Wrong 19.')
    expect(reply?.content).not.toContain('- Wrong 20.')
    expect(reply?.content).toContain('and 3 more')
  })
})
