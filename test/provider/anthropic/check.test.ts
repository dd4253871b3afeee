import { describe, expect, it } from 'vitest'
import type { Job } from '../../../src/core/job.ts'
import { check } from '../../../src/provider/anthropic/check.ts'
import { jobWith, textAt } from '../../support/anthropic-job.ts'

const TODAY = new Date('2026-11-22T12:00:00Z')
const SCHEMA = { type: 'object', required: ['a'], properties: { a: { type: 'string' } } }
const params = (over: object) => ({ params: { max_tokens: 1024, ...over } as Job['params'] })
const output = (mode: 'structured' | 'tool' | 'prompt', schema: object = SCHEMA) => ({
  output: { mode, schema: schema as never, repair: 1 },
})
const documentWith = (over: object) => ({
  citations: false,
  upload: 'inline' as const,
  path: '/documents/0',
  ...over,
})
const turn = (role: 'user' | 'assistant') => ({ role, content: [{ text: textAt('x') }] })
const tool = { type: 'client' as const, name: 'look_up', inputSchema: { type: 'object' } }

describe('check finds nothing wrong with', () => {
  it.each<[string, Partial<Job>]>([
    ['the smallest job', {}],
    ['a model that it does not know', { model: 'llama3.3:70b' }],
    ['a later member of a family', { model: 'claude-haiku-6' }],
    [
      'a name near ours that the job has a price for',
      { model: 'claude-haiku-5-4', prices: { 'claude-haiku-5-4': {} } },
    ],
    ['a deprecated model before its day', { model: 'claude-sonnet-4-5' }],
    [
      'sampling under the older version',
      { ...params({ temperature: 0 }), provider: { type: 'anthropic', headers: {}, betas: [], version: '2023-06-01' } },
    ],
    ['structured output', output('structured')],
    ['a forced tool on Haiku 5.5', output('tool')],
    ['a prefilled answer on Haiku 4.5', { model: 'claude-haiku-4-5', messages: [turn('user'), turn('assistant')] }],
    [
      'long output with its beta',
      {
        ...params({ max_tokens: 300_000 }),
        provider: { type: 'anthropic', headers: {}, betas: ['output-300k-2026-03-24'] },
      },
    ],
    ['thinking as the model takes it', params({ thinking: { type: 'adaptive' }, output_config: { effort: 'low' } })],
    [
      'four cache marks, hours first',
      {
        system: { text: textAt('s'), cache: '1h' },
        documents: [documentWith({ cache: '1h' }), documentWith({ cache: '5m' })],
        messages: [{ role: 'user', content: [{ text: textAt('x'), cache: '5m' }] }],
      },
    ],
    ['stream: false', params({ stream: false })],
  ])('%s', (_, over) => {
    expect(check(jobWith(over), TODAY)).toEqual([])
  })
})

describe('check names', () => {
  it.each<[string, Partial<Job>, string, RegExp]>([
    ['a retired model', { model: 'claude-3-opus-latest' }, '/model', /retired on 2026-01-05.*Use claude-opus-5-5/s],
    ['a misspelled model', { model: 'claude-hiaku-5-5' }, '/model', /Did you mean "claude-haiku-5-5"\?/],
    ['a dot in a version', { model: 'claude-haiku-5.5' }, '/model', /Did you mean "claude-haiku-5-5"\?/],
    [
      'a dated form that does not exist',
      { model: 'claude-opus-5-20260723' },
      '/model',
      /Did you mean "claude-opus-5"\?/,
    ],
    ['an older version that never was', { model: 'claude-haiku-4-4' }, '/model', /Did you mean "claude-haiku-4-5"/],
    [
      'a version of the API that does not exist',
      { provider: { type: 'anthropic', headers: {}, betas: [], version: '2024-01-01' } },
      '/provider/version',
      /serves 2026-10-21 and 2023-06-01/,
    ],
    ['temperature', params({ temperature: 1 }), '/params/temperature', /version: '2023-06-01'/],
    ['top_p', params({ top_p: 1 }), '/params/top_p', /takes no "top_p"/],
    ['top_k', params({ top_k: 1 }), '/params/top_k', /takes no "top_k"/],
    ['streaming', params({ stream: true }), '/params/stream', /cannot stream/],
    ['fast mode', params({ speed: 'fast' }), '/params/speed', /no fast mode/],
    ['fallback models', params({ fallbacks: ['x'] }), '/params/fallbacks', /no fallback/],
    ['max_tokens of 0', params({ max_tokens: 0 }), '/params/max_tokens', /from 1; it is 0/],
    ['max_tokens that is no number', params({ max_tokens: 'many' }), '/params/max_tokens', /it is "many"/],
    [
      'more tokens than the model answers with',
      params({ max_tokens: 128_001 }),
      '/params/max_tokens',
      /at most 128,000 tokens.*output-300k/s,
    ],
    [
      'more tokens than an older model answers with',
      { model: 'claude-haiku-4-5', ...params({ max_tokens: 64_001 }) },
      '/params/max_tokens',
      /at most 64,000 tokens.*Ask for less\./s,
    ],
    ['messages in params', params({ messages: [] }), '/params/messages', /made from "prompt" or "messages"/],
    ['a model in params', params({ model: 'x' }), '/params/model', /made from "model"/],
    [
      'a second system prompt',
      { ...params({ system: 'x' }), system: { text: textAt('s') } },
      '/params/system',
      /made from "system"/,
    ],
    [
      'tools in params and in the job',
      { ...params({ tools: [] }), tools: [tool] },
      '/params/tools',
      /made from "tools"/,
    ],
    [
      'a second format',
      { ...params({ output_config: { format: {} } }), ...output('structured') },
      '/params/output_config/format',
      /made from "output.schema"/,
    ],
    [
      'a choice of tool in mode tool',
      { ...params({ tool_choice: { type: 'auto' } }), ...output('tool') },
      '/params/tool_choice',
      /output.mode: tool/,
    ],
    [
      'thinking that the model does not take',
      params({ thinking: { type: 'enabled', budget_tokens: 1024 }, max_tokens: 4096 }),
      '/params/thinking/type',
      /takes no thinking of type "enabled"; it takes "adaptive" or "disabled"/,
    ],
    [
      'switching off what always thinks',
      { model: 'claude-opus-5-5', ...params({ thinking: { type: 'disabled' } }) },
      '/params/thinking/type',
      /it takes "adaptive"/,
    ],
    [
      'a budget for thinking above max_tokens',
      { model: 'claude-haiku-4-5', ...params({ thinking: { type: 'enabled', budget_tokens: 2048 } }) },
      '/params/thinking/budget_tokens',
      /less than "max_tokens" \(1024\); it is 2048/,
    ],
    [
      'a forced tool where none can be forced',
      { model: 'claude-opus-5-5', ...output('tool') },
      '/output/mode',
      /cannot be forced.*mode: structured/s,
    ],
    [
      'a forced choice where none can be forced',
      { model: 'claude-sonnet-5-5', ...params({ tool_choice: { type: 'any' } }), tools: [tool] },
      '/params/tool_choice',
      /cannot be forced/,
    ],
    [
      'a tool named like the answer',
      { ...output('tool'), tools: [{ ...tool, name: 'answer' }] },
      '/tools/0/name',
      /Rename/,
    ],
    ['a tool’s bad name', { tools: [{ ...tool, name: 'look up' }] }, '/tools/0/name', /it is "look up"/],
    [
      'a tool whose input is no object',
      { tools: [{ ...tool, inputSchema: { type: 'array' } }] },
      '/tools/0/input_schema',
      /type: object/,
    ],
    ['an answer that is no object in mode tool', output('tool', { type: 'array' }), '/output/schema', /type: object/],
    [
      'a schema that structured outputs cannot express',
      output('structured', { type: 'object' }),
      '/output/schema',
      /names no properties/,
    ],
    [
      'citations in a structured answer',
      { ...output('structured'), documents: [documentWith({ citations: true })] },
      '/documents/0/citations',
      /cannot cite/,
    ],
    [
      'a prefilled answer on a newer model',
      { messages: [turn('user'), turn('assistant')] },
      '/messages/1',
      /does not take the beginning/,
    ],
    [
      'a prefilled structured answer',
      { model: 'claude-haiku-4-5', ...output('structured'), messages: [turn('user'), turn('assistant')] },
      '/messages/1',
      /cannot begin with/,
    ],
    [
      'a fifth cache mark',
      {
        documents: Array.from({ length: 5 }, (_, index) => documentWith({ cache: '1h', path: `/documents/${index}` })),
      },
      '/documents/4/cache',
      /4 places at most; this job does at 5/,
    ],
    [
      'an hour after five minutes',
      { system: { text: textAt('s'), cache: '5m' }, documents: [documentWith({ cache: '1h' })] },
      '/documents/0/cache',
      /must stand before/,
    ],
  ])('%s', (_, over, path, words) => {
    const problems = check(jobWith(over), TODAY)
    expect(problems.map((problem) => problem.path)).toEqual([path])
    expect(`${problems[0]?.message} ${problems[0]?.hint ?? ''}`).toMatch(words)
  })

  it('a deprecated model from the day on which it retires, with its successor', () => {
    const job = jobWith({ model: 'claude-sonnet-4-5' })
    expect(check(job, new Date('2026-11-29T23:59:59Z'))).toEqual([])
    expect(check(job, new Date('2026-11-30T00:00:00Z'))[0]?.hint).toContain('claude-sonnet-5-5')
  })

  it('everything at once', () => {
    const job = jobWith({ model: 'claude-opus-5-5', ...params({ temperature: 1, stream: true }), ...output('tool') })
    expect(check(job, TODAY)).toHaveLength(3)
  })
})
