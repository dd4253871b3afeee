import { describe, expect, it } from 'vitest'
import type { Job } from '../../src/core/job.ts'
import type { Answer, Result, Status } from '../../src/core/result.ts'
import type { Carried, FollowUpKind } from '../../src/run/carried.ts'
import { answerOf, callsOf, outputOf, settled, toolOf } from './jobs.ts'

interface Case {
  readonly name: string
  readonly job?: Partial<Job>
  readonly result: Answer | Result
  readonly carried?: Partial<Carried>
  readonly status: Status
  readonly next?: FollowUpKind
  /** In the error's message. */
  readonly says?: string
}

const ROOM = { retry: { maxAttempts: 3, truncated: { grow: 2, maxTokens: 3000 } } }
const errored = (kind: 'transient' | 'invalid' | 'account'): Result => {
  return { type: 'errored', code: 'some_error', message: 'Some words', kind }
}
const TOOLS = { tools: [toolOf('lookup'), toolOf('search')] }

const CASES: readonly Case[] = [
  { name: 'a text', result: answerOf('Hello'), status: 'succeeded' },
  {
    name: 'an end at a stop sequence',
    result: answerOf('Hello', { stopReason: 'stop_sequence' }),
    status: 'succeeded',
  },
  { name: 'no text', result: answerOf(''), status: 'invalid', says: 'no text' },
  { name: 'blank text', result: answerOf(' \n '), status: 'invalid', says: 'no text' },
  { name: 'a refusal', result: answerOf('I', { end: 'refused' }), status: 'refused', says: 'refused' },
  {
    name: 'a refusal with reasons',
    result: answerOf('', { end: 'refused', stopDetails: { category: 'bio', explanation: 'No.' } }),
    status: 'refused',
    says: 'bio: No.',
  },
  { name: 'too long a prompt', result: answerOf('H', { end: 'context_exceeded' }), status: 'incomplete' },

  { name: 'a cut answer', result: answerOf('H', { end: 'truncated' }), status: 'incomplete', says: 'max_tokens' },
  {
    name: 'a cut answer with room to grow',
    job: ROOM,
    result: answerOf('H', { end: 'truncated' }),
    status: 'incomplete',
    next: 'more_room',
  },
  {
    name: 'a cut answer that has grown to the most',
    job: { retry: { maxAttempts: 9, truncated: { grow: 2, maxTokens: 3000 } } },
    carried: { growths: 2 },
    result: answerOf('H', { end: 'truncated' }),
    status: 'incomplete',
  },
  {
    name: 'a cut answer after the last attempt',
    job: ROOM,
    carried: { growths: 2 },
    result: answerOf('H', { end: 'truncated' }),
    status: 'incomplete',
  },

  { name: 'a pause', result: answerOf('H', { end: 'paused' }), status: 'incomplete', next: 'continue' },
  {
    name: 'a pause in the last round',
    carried: { turns: 2 },
    result: answerOf('H', { end: 'paused' }),
    status: 'incomplete',
    says: 'max_rounds',
  },

  { name: 'a transient error', result: errored('transient'), status: 'errored', next: 'again' },
  { name: 'the third transient error', carried: { transient: 2 }, result: errored('transient'), status: 'errored' },
  { name: 'an invalid request', result: errored('invalid'), status: 'errored', says: 'Some words' },
  { name: 'an account fault', result: errored('account'), status: 'errored', next: 'again' },
  { name: 'an expiry', result: { type: 'expired' }, status: 'expired', next: 'again' },
  { name: 'a cancellation', result: { type: 'canceled' }, status: 'canceled' },

  { name: 'calls', job: TOOLS, result: callsOf({ name: 'lookup' }), status: 'incomplete', next: 'tools' },
  {
    name: 'calls in the last round',
    job: TOOLS,
    carried: { turns: 2 },
    result: callsOf({ name: 'lookup' }),
    status: 'incomplete',
    says: 'after 3 rounds (max_rounds)',
  },
  {
    name: 'calls after answers that were cut off, mended or retried',
    job: TOOLS,
    carried: { rounds: 7, growths: 2, repairs: 2, turns: 1 },
    result: callsOf({ name: 'lookup' }),
    status: 'incomplete',
    next: 'tools',
  },
  {
    name: 'a call that nobody runs',
    job: { tools: [toolOf('lookup'), toolOf('ask', false)] },
    result: callsOf({ name: 'lookup' }, { name: 'ask' }),
    status: 'succeeded',
  },
  {
    name: 'a call of a tool that there is not',
    job: TOOLS,
    result: callsOf({ name: 'lookup' }, { name: 'invented' }),
    status: 'incomplete',
    next: 'tools',
  },
  { name: 'calls of a job without tools', result: callsOf({ name: 'invented' }), status: 'succeeded' },

  {
    name: 'JSON that fits',
    job: outputOf('structured'),
    result: answerOf('{"title":"A","pages":1}'),
    status: 'succeeded',
  },
  {
    name: 'JSON behind prose, where JSON was promised',
    job: outputOf('structured'),
    result: answerOf('Here: {"title":"A","pages":1}'),
    status: 'invalid',
    next: 'repair',
    says: 'not JSON',
  },
  {
    name: 'JSON behind prose, where it was asked for',
    job: outputOf('prompt'),
    result: answerOf('Here: {"title":"A","pages":1}'),
    status: 'succeeded',
  },
  {
    name: 'JSON that breaks the schema',
    job: outputOf('structured'),
    result: answerOf('{"pages":0,"x":1}'),
    status: 'invalid',
    next: 'repair',
    says: '"title" is missing. Unknown field "x". pages must be 1 or more; it is 0.',
  },
  {
    name: 'JSON that breaks the schema after the last repair',
    job: outputOf('structured', 2),
    carried: { repairs: 2 },
    result: answerOf('{}'),
    status: 'invalid',
  },
  {
    name: 'JSON that breaks the schema where nothing is repaired',
    job: outputOf('structured', 0),
    result: answerOf('{}'),
    status: 'invalid',
  },
  {
    name: 'an empty answer instead of JSON',
    job: outputOf('structured'),
    result: answerOf(''),
    status: 'invalid',
    next: 'repair',
    says: 'The answer is empty',
  },
  {
    name: 'JSON that is cut off',
    job: outputOf('structured'),
    result: answerOf('{"title":"A","pages":1}', { end: 'truncated' }),
    status: 'incomplete',
  },
  {
    name: 'a refusal instead of JSON',
    job: outputOf('structured'),
    result: answerOf('{"title":"A","pages":1}', { end: 'refused' }),
    status: 'refused',
  },
  {
    name: 'an answer by call',
    job: outputOf('tool'),
    result: callsOf({ name: 'answer', input: { title: 'A', pages: 1 } }),
    status: 'succeeded',
  },
  {
    name: 'an answer by call that breaks the schema',
    job: outputOf('tool'),
    result: callsOf({ name: 'answer', input: { title: 1 } }),
    status: 'invalid',
    next: 'repair',
    says: 'title must be a text; it is 1.',
  },
  {
    name: 'an answer by call beside another call',
    job: { ...outputOf('tool'), ...TOOLS },
    result: callsOf({ name: 'lookup' }, { name: 'answer', input: { title: 'A', pages: 1 } }),
    status: 'succeeded',
  },
  {
    name: 'another call before the answer by call',
    job: { ...outputOf('tool'), ...TOOLS },
    result: callsOf({ name: 'lookup' }),
    status: 'incomplete',
    next: 'tools',
  },
  {
    name: 'a tool called "answer" in another mode',
    job: { ...outputOf('structured'), tools: [toolOf('answer')] },
    result: callsOf({ name: 'answer', input: { title: 'A', pages: 1 } }),
    status: 'incomplete',
    next: 'tools',
  },
]

describe('what becomes of a row', () => {
  for (const { name, job = {}, result, carried = {}, status, next, says } of CASES) {
    it(`${name}: ${status}${next === undefined ? '' : `, unless asked again (${next})`}`, () => {
      const { final, followUp } = settled(job, result, carried)
      expect(final.status).toBe(status)
      expect(followUp?.kind).toBe(next)
      if (status === 'succeeded') expect(final.error).toBeNull()
      else expect(final.error?.message).not.toBe('')
      if (says !== undefined) expect(final.error?.message).toContain(says)
      if (status !== 'succeeded') expect(final.output).toBeNull()
    })
  }

  it('carries the answer', () => {
    expect(settled({}, answerOf('Hello')).final).toMatchObject({ output: 'Hello', text: 'Hello', model: 'fake-1' })
    const json = settled(outputOf('prompt'), answerOf('```json\n{"title":"A","pages":1}\n```'))
    expect(json.final.output).toEqual({ title: 'A', pages: 1 })
    const broken = settled(outputOf('prompt', 0), answerOf('{"title":"A"}'))
    expect(broken.final).toMatchObject({ output: null, text: '{"title":"A"}' })
  })

  it('shows calls in the outcome unless they carried a valid answer', () => {
    const returned = callsOf({ name: 'ask', input: { a: 1 } })
    expect(settled({ tools: [toolOf('ask', false)] }, returned).final.toolCalls).toEqual(returned.toolCalls)
    const both = callsOf({ name: 'lookup' }, { name: 'answer', input: { title: 'A', pages: 1 } })
    const good = settled({ ...outputOf('tool'), ...TOOLS }, both).final
    expect(good.output).toEqual({ title: 'A', pages: 1 })
    expect(good.toolCalls.map(({ name }) => name)).toEqual(['lookup'])
    const bad = callsOf({ name: 'answer', input: { title: 1 } })
    expect(settled(outputOf('tool', 0), bad).final.toolCalls).toEqual(bad.toolCalls)
  })

  it('counts each kind of trip by itself', () => {
    const carried = { transient: 1, growths: 1, repairs: 0, turns: 1 }
    const spent = (job: Partial<Job>, result: Answer | Result) => settled(job, result, carried).followUp?.spent
    expect(spent({}, errored('transient'))).toEqual({ ...carried, transient: 2 })
    expect(spent(ROOM, answerOf('H', { end: 'truncated' }))).toEqual({ ...carried, growths: 2 })
    expect(spent(outputOf('prompt'), answerOf('no'))).toEqual({ ...carried, repairs: 1 })
    expect(spent(TOOLS, callsOf({ name: 'lookup' }))).toEqual({ ...carried, turns: 2 })
    expect(spent({}, answerOf('H', { end: 'paused' }))).toEqual({ ...carried, turns: 2 })
    expect(spent({}, errored('account'))).toEqual(carried)
  })

  it('grows max_tokens step by step, and not beyond its bound', () => {
    const edits = [0, 1].map(
      (growths) => settled(ROOM, answerOf('H', { end: 'truncated' }), { growths }).followUp?.edit,
    )
    expect(edits).toEqual([
      { type: 'more_room', maxTokens: 2048 },
      { type: 'more_room', maxTokens: 3000 },
    ])
  })

  it('goes on after a pause with what was said, as it was said', () => {
    const content = [
      { type: 'text', text: ' ' },
      { type: 'server_tool_use', id: 's', name: 'web_search', input: {} },
    ]
    expect(settled({}, answerOf('', { end: 'paused', content })).followUp?.edit).toEqual({
      type: 'append',
      messages: [{ role: 'assistant', content: content.slice(1) }],
    })
  })

  it('stops the run for a fault that every request would meet', () => {
    expect(settled({}, errored('account')).stop).toContain('some_error: Some words')
    expect(settled({}, errored('transient')).stop).toBeUndefined()
  })
})
