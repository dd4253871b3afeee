import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HandlerGoneError } from '../../src/tool/tool.ts'
import { call, callOf, createToolProject, never, type ToolProject } from './project.ts'

const MODULE = `
import { appendFileSync } from 'node:fs'
let loads = 0
loads += 1
export const text = ({ term }) => 'about ' + term
export const facts = async (input, { row, toolUseId, idempotencyKey, signal }) =>
  ({ input, row, toolUseId, idempotencyKey, signal: signal instanceof AbortSignal, loads })
export const blocks = () => [{ type: 'text', text: 'one' }, { type: 'text', text: ' ' }, { type: 'text', text: 'two' }]
export const data = () => [{ type: 'document', name: 'no block' }]
export const nothing = () => undefined
export const half = () => 'a\\ud800b'
export const throws = () => { throw new Error('no such ferry') }
export const throwsText = async () => { throw 'just words' }
export const circle = () => { const a = {}; a.a = a; return a }
export const fn = () => () => 1
export const huge = () => 'x'.repeat(50_000_000)
export const hugeJson = () => ({ list: Array.from({ length: 200_000 }, () => 'abcdefgh') })
export const prints = () => { console.log('hello from stdout'); console.error('and stderr'); return 'printed' }
export const exits = () => process.exit(3)
export const aborts = async ({ ms }) => { await new Promise((r) => setTimeout(r, ms ?? 0)); process.abort() }
export const leaks = () => { setTimeout(() => { throw new Error('left behind') }, 1); return new Promise(() => {}) }
export const leaksLate = () => { setTimeout(() => { throw new Error('left behind') }, 1); return 'fine' }
export const hangs = () => new Promise(() => {})
export const waits = (_, { signal }) => new Promise((_, reject) =>
  signal.addEventListener('abort', () => { appendFileSync('aborted.txt', 'yes'); reject(signal.reason) }))
export const blocks4ever = () => { for (;;); }
export const pid = () => process.pid
export const slow = async ({ ms, name }) => {
  appendFileSync('slow.txt', name + '\\n')
  await new Promise((resolve) => setTimeout(resolve, ms))
  return name
}
export const constant = 4
export default () => 'the default'
`

describe('a handler that is a module', () => {
  let project: ToolProject
  beforeEach(async () => {
    project = await createToolProject()
    await project.write('tools.mjs', MODULE)
  })
  afterEach(() => project.remove())

  const open = (...names: string[]) =>
    project.open(
      Object.fromEntries(names.map((name) => [name, { module: 'tools.mjs', export: name, timeoutMs: 20_000 }])),
    )

  it('gives the model what the function returned', async () => {
    const handlers = open('text', 'facts', 'blocks', 'data', 'nothing', 'half', 'default')
    expect(await call(handlers, 'text', { term: 'fog' })).toEqual({ content: 'about fog', isError: false })
    const { content } = await call(handlers, 'facts', { a: 1 })
    expect(JSON.parse(content as string)).toEqual({
      input: { a: 1 },
      row: { city: 'Oslo' },
      toolUseId: 'toolu_1',
      idempotencyKey: 'key-1',
      signal: true,
      loads: 1,
    })
    const blocks = [
      { type: 'text', text: 'one' },
      { type: 'text', text: 'two' },
    ]
    expect(await call(handlers, 'blocks')).toEqual({ content: blocks, isError: false })
    expect(await call(handlers, 'data')).toEqual({ content: '[{"type":"document","name":"no block"}]', isError: false })
    expect(await call(handlers, 'nothing')).toEqual({ content: '', isError: false })
    expect(await call(handlers, 'half')).toEqual({ content: 'a\ufffdb', isError: false })
    expect(await call(handlers, 'default')).toEqual({ content: 'the default', isError: false })
  })

  it('tells the model what went wrong, and goes on', async () => {
    const handlers = open(
      'throws',
      'throwsText',
      'circle',
      'fn',
      'huge',
      'hugeJson',
      'exits',
      'leaks',
      'leaksLate',
      'pid',
    )
    const before = await call(handlers, 'pid')
    const table = {
      throws: 'no such ferry',
      throwsText: 'just words',
      circle: 'circular',
      fn: 'returned a function',
      huge: '50,000,000 bytes, which is too much',
      hugeJson: 'which is too much',
      exits: 'called process.exit(3)',
      leaks: 'left behind',
    }
    for (const [name, words] of Object.entries(table)) {
      const result = await call(handlers, name)
      expect(result.isError, name).toBe(true)
      expect(result.content, name).toContain(words)
    }
    expect(await call(handlers, 'leaksLate')).toEqual({ content: 'fine', isError: false })
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(await call(handlers, 'pid'), 'one process for all calls').toEqual(before)
  })

  it('keeps what handlers print out of our output', async () => {
    const handlers = open('prints')
    const write = process.stdout.write
    let ours = ''
    process.stdout.write = ((text: string) => {
      ours += text
      return true
    }) as typeof process.stdout.write
    try {
      expect(await call(handlers, 'prints')).toEqual({ content: 'printed', isError: false })
      await handlers.close()
    } finally {
      process.stdout.write = write
    }
    expect(ours).not.toContain('hello')
    expect(project.printed).toEqual(
      expect.arrayContaining(['tools.mjs prints: hello from stdout', 'tools.mjs prints: and stderr']),
    )
  })

  it('stops waiting for one that hangs, and tells it so', async () => {
    const handlers = project.open({
      hangs: { module: 'tools.mjs', export: 'hangs', timeoutMs: 100 },
      waits: { module: 'tools.mjs', export: 'waits', timeoutMs: 100 },
      pid: { module: 'tools.mjs', export: 'pid' },
    })
    const before = await call(handlers, 'pid')
    const late = { content: 'The tool did not finish within 0.1 s and was stopped.', isError: true }
    expect(await Promise.all([call(handlers, 'hangs'), call(handlers, 'waits')])).toEqual([late, late])
    expect(await readFile(join(project.folder, 'aborted.txt'), 'utf8')).toBe('yes')
    expect(await call(handlers, 'pid')).toEqual(before)
  })

  it('ends a process that is blocked, and runs the innocent again', async () => {
    const handlers = project.open({
      slow: { module: 'tools.mjs', export: 'slow' },
      blocks4ever: { module: 'tools.mjs', export: 'blocks4ever', timeoutMs: 200 },
    })
    const [one, blocked, two] = await Promise.all([
      call(handlers, 'slow', { name: 'one', ms: 100 }),
      call(handlers, 'blocks4ever'),
      call(handlers, 'slow', { name: 'two', ms: 100 }),
    ])
    expect(one).toEqual({ content: 'one', isError: false })
    expect(two).toEqual({ content: 'two', isError: false })
    expect(blocked.isError).toBe(true)
    expect(blocked.content).toContain('did not finish within 0.2 s and blocked its process')
  })

  it('finds out which call ends the process, and starts it anew', async () => {
    const handlers = open('slow', 'aborts', 'pid')
    const before = await call(handlers, 'pid')
    const calls = Array.from({ length: 6 }, (_, at) => call(handlers, 'slow', { name: `row-${at}`, ms: 300 }))
    const [died, ...fine] = await Promise.all([call(handlers, 'aborts', { ms: 50 }), ...calls])
    expect(died.content).toMatch(/^The tool gave no result: its process was ended by SIGABRT\.$/)
    expect(died.isError).toBe(true)
    expect(fine.map(({ content }) => content)).toEqual(calls.map((_, at) => `row-${at}`))
    expect(await call(handlers, 'pid')).not.toEqual(before)
  })

  it('leaves no process behind', async () => {
    const handlers = open('pid', 'hangs')
    const { content } = await call(handlers, 'pid')
    const controller = new AbortController()
    const hanging = handlers.run(callOf('hangs'), controller.signal)
    controller.abort(new Error('stopped'))
    await expect(hanging).rejects.toThrow('stopped')
    await handlers.close()
    expect(() => process.kill(Number(content), 0)).toThrow('ESRCH')
  })

  it('is found missing before anything is sent', async () => {
    await project.write('broken.mjs', "import './is-not-there.mjs'")
    await project.write('dies.mjs', 'process.abort()')
    await project.write('syntax.mjs', 'export default = 1')
    const handlers = project.open({
      a: { module: 'no.mjs' },
      b: { module: 'tools.mjs', export: 'txet' },
      c: { module: 'broken.mjs' },
      d: { module: 'dies.mjs' },
      e: { module: 'tools.mjs', export: 'constant' },
      f: { module: '../outside.mjs' },
      g: { module: 'syntax.mjs' },
      h: { module: 'tools.mjs', export: 'text' },
    })
    const problems = await handlers.check()
    expect(problems).toMatchObject([
      { path: '/tools/0/handler/module', message: 'The module no.mjs cannot be loaded: there is no such file.' },
      { path: '/tools/1/handler/export', message: expect.stringContaining('exports no function "txet"; it exports') },
      { path: '/tools/2/handler/module', message: expect.stringContaining('is-not-there.mjs') },
      { path: '/tools/3/handler/module', message: expect.stringContaining('was ended by SIGABRT while it was loaded') },
      { path: '/tools/4/handler/export' },
      { path: '/tools/5/handler/module', message: expect.stringContaining('outside the project root') },
      { path: '/tools/6/handler/module', message: expect.stringContaining('cannot be loaded') },
    ])
    await expect(handlers.run(callOf('a'), never)).rejects.toThrow(HandlerGoneError)
  })
})
