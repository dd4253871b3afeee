import { describe, expect, it } from 'vitest'
import type { Json } from '../../src/core/json.ts'
import type { RunHeader } from '../../src/core/run.ts'
import type { Notice } from '../../src/run/ports.ts'
import { createToolRunner, type ToolTurn } from '../../src/run/tools.ts'
import { type HandlerCall, HandlerGoneError, type ToolResult } from '../../src/tool/tool.ts'
import { callsOf } from './jobs.ts'

type Run = (call: HandlerCall) => Promise<ToolResult>

function world(run: Run) {
  const stored = new Map<string, Json>()
  const calls: HandlerCall[] = []
  const notices: Notice[] = []
  const interrupted = new AbortController()
  const signal = new AbortController()
  const clock = { time: 0 }
  const context = {
    header: { run: 'demo' } as RunHeader,
    store: {
      read: async (key: string) => stored.get(key),
      write: async (key: string, value: Json) => void stored.set(key, value),
    } as never,
    notify: (notice: Notice) => void notices.push(notice),
    clock: { now: () => clock.time, sleep: async () => undefined },
  }
  const handlers = {
    check: async () => [],
    run: async (call: HandlerCall) => {
      calls.push(call)
      return run(call)
    },
    close: async () => undefined,
  }
  const runner = () => createToolRunner(context, handlers, { interrupted: interrupted.signal, signal: signal.signal })
  return { stored, calls, notices, interrupted, clock, runner }
}

const never = new AbortController().signal
const text = (content: string): ToolResult => ({ content, isError: false })
const BOTH = callsOf({ name: 'lookup', input: { term: 'fog' } }, { name: 'search' })

function turnOf(answer = BOTH, ordinal = 7): ToolTurn {
  const { toolCalls: calls, content: assistant } = answer
  return { index: 0, attempt: 1, ordinal, key: `row-${ordinal}`, row: { city: 'Oslo' }, calls, assistant }
}

describe('running the tools of a turn', () => {
  it('answers with the turn and a result for each call, in the order of the calls', async () => {
    const { runner, calls } = world(async ({ tool }) => {
      if (tool === 'lookup') await new Promise((resolve) => setTimeout(resolve, 20))
      return tool === 'lookup' ? text('thick') : { content: 'no such place', isError: true }
    })
    expect(await runner()(turnOf(), never)).toEqual({
      type: 'append',
      messages: [
        { role: 'assistant', content: BOTH.content },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'toolu_0', content: 'thick' },
            { type: 'tool_result', tool_use_id: 'toolu_1', content: 'no such place', is_error: true },
          ],
        },
      ],
    })
    expect(calls[0]).toEqual({
      tool: 'lookup',
      toolUseId: 'toolu_0',
      input: { term: 'fog' },
      row: { city: 'Oslo' },
      idempotencyKey: 'runs/demo/tool/0000/1/7/toolu_0',
    })
  })

  it('sends thinking and server tools back as they came', async () => {
    const content = [
      { type: 'thinking', thinking: 'Hm.', signature: 'c2ln' },
      { type: 'text', text: '' },
      { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} },
      { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [] },
      { type: 'tool_use', id: 'toolu_0', name: 'lookup', input: {} },
    ]
    const { runner } = world(async () => text(''))
    const answer = { ...callsOf({ name: 'lookup' }), content }
    const { messages } = (await runner()(turnOf(answer), never)) as { messages: readonly { content: Json }[] }
    expect(messages[0]?.content).toEqual(content.filter((block) => block.type !== 'text'))
    expect(messages[1]?.content, 'no blank text').toEqual([{ type: 'tool_result', tool_use_id: 'toolu_0' }])
  })

  it('stores each result before it is used, and never runs a handler again that has finished', async () => {
    let isBroken = true
    const { runner, calls, stored } = world(async ({ tool }) => {
      if (tool === 'search' && isBroken) throw new HandlerGoneError('gone')
      return text(tool)
    })
    await expect(runner()(turnOf(), never)).rejects.toThrow('gone')
    expect([...stored]).toEqual([['runs/demo/tool/0000/1/7/toolu_0', { content: 'lookup', isError: false }]])
    isBroken = false
    await runner()(turnOf(), never)
    expect(calls.map(({ tool }) => tool)).toEqual(['lookup', 'search', 'search'])
    await runner()(turnOf(), never)
    expect(calls).toHaveLength(3)
    await runner()(turnOf(BOTH, 8), never)
    expect(calls).toHaveLength(5)
  })

  it('keeps calls apart to which a provider gave the same id', async () => {
    const { runner, calls } = world(async ({ input }) => text(JSON.stringify(input)))
    const twice = callsOf(
      { name: 'lookup', id: 'call', input: { a: 1 } },
      { name: 'lookup', id: 'call', input: { a: 2 } },
    )
    await runner()(turnOf(twice), never)
    expect(calls.map(({ input }) => input)).toEqual([{ a: 1 }, { a: 2 }])
  })

  it('runs eight handlers at once over the whole run', async () => {
    let running = 0
    let most = 0
    const { runner, calls } = world(async () => {
      running += 1
      most = Math.max(most, running)
      await new Promise((resolve) => setTimeout(resolve, 5))
      running -= 1
      return text('done')
    })
    const run = runner()
    await Promise.all(Array.from({ length: 20 }, (_, ordinal) => run(turnOf(BOTH, ordinal), never)))
    expect(calls).toHaveLength(40)
    expect(most).toBe(8)
  })

  it('begins nothing after an interruption, and lets finish what runs', async () => {
    const { runner, calls, stored, interrupted } = world(async () => {
      await new Promise((resolve) => setTimeout(resolve, 20))
      return text('done')
    })
    const run = runner()
    const turns = Array.from({ length: 10 }, (_, ordinal) => run(turnOf(BOTH, ordinal), never))
    await new Promise((resolve) => setTimeout(resolve, 5))
    interrupted.abort()
    const ends = await Promise.allSettled(turns)
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(4)
    expect(calls).toHaveLength(8)
    expect(stored.size).toBe(8)
  })

  it('tells a person of the first failures of a tool', async () => {
    const { runner, notices } = world(async () => ({ content: 'out of fog\nat line 1', isError: true }))
    const run = runner()
    for (let ordinal = 0; ordinal < 9; ordinal += 1) await run(turnOf(callsOf({ name: 'lookup' }), ordinal), never)
    expect(notices.map(({ text: words }) => words)).toEqual([
      'lookup failed for row-0: out of fog',
      'lookup failed for row-1: out of fog',
      'lookup failed for row-2: out of fog Further failures of this tool are told to the model only.',
    ])
  })

  it('says from time to time that it goes on', async () => {
    const { runner, notices, clock } = world(async () => text('done'))
    const run = runner()
    for (let ordinal = 0; ordinal < 70; ordinal += 1) {
      clock.time += 1000
      await run(turnOf(callsOf({ name: 'lookup' }), ordinal), never)
    }
    expect(notices).toEqual([
      { type: 'note', text: '30 calls of tools have been run.' },
      { type: 'note', text: '60 calls of tools have been run.' },
    ])
  })
})
