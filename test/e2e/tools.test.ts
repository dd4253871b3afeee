// Tools that a model calls over several rounds of batches, run by handlers of every kind.

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseRequestLine } from '../../src/core/request-line.ts'
import { openSqlite } from '../../src/disk/sqlite.ts'
import { seeded } from '../sim/random.ts'
import { createProject, type Project, startEmulatorProcess } from '../support/cli.ts'

const ROWS = 1000
const KILLS = 10
/** Handlers that run at once, and so may be in hand when the run is killed. */
const IN_HAND = 8

interface Outcome {
  readonly key: string
  readonly status: string
  readonly output: unknown
  readonly attempts: number
  readonly rounds: number
  readonly text: string
  readonly error: { readonly type: string; readonly message: string } | null
  readonly tool_calls?: readonly unknown[]
}

const HANDLERS = `
import { appendFileSync } from 'node:fs'
const begin = ({ row, toolUseId }) => appendFileSync('calls.log', row.id + ' ' + toolUseId + '\\n')
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
export async function harbour({ ferry }, context) {
  begin(context)
  await pause(2)
  return 'harbour of ' + ferry
}
export async function fog({ harbour }, context) {
  begin(context)
  await pause(3)
  if (harbour === 'none') throw new Error('no harbour for ' + context.row.id)
  return [{ type: 'text', text: 'fog at ' + harbour }]
}
`

/** Three rounds for each row: two calls side by side, one of which fails; one more call; the answer. */
function fixturesOf(id: string): [answer: object, second: object, first: object] {
  const call = (name: string, suffix: string, input: object) => {
    return { type: 'tool_use', id: `toolu_${id}_${suffix}`, name, input }
  }
  return [
    { match: `harbour of ${id}[^]*fog at ${id}`, text: `It is foggy at ${id}.` },
    {
      match: `harbour of ${id}`,
      content: [{ type: 'text', text: 'And the fog?' }, call('fog', 'c', { harbour: id })],
    },
    {
      match: `Ferry ${id}\\.`,
      content: [call('harbour', 'a', { ferry: id }), call('fog', 'b', { harbour: 'none' })],
    },
  ]
}

function transcriptOf(id: string): object[] {
  const [, second, first] = fixturesOf(id) as [object, { content: object[] }, { content: object[] }]
  const result = (suffix: string, content: unknown, more = {}) => {
    return { type: 'tool_result', tool_use_id: `toolu_${id}_${suffix}`, content, ...more }
  }
  const said = second.content.map((block) => ('text' in block ? { ...block, citations: null } : block))
  return [
    { role: 'user', content: `Ferry ${id}.` },
    { role: 'assistant', content: first.content },
    {
      role: 'user',
      content: [result('a', `harbour of ${id}`), result('b', `no harbour for ${id}`, { is_error: true })],
    },
    { role: 'assistant', content: said },
    { role: 'user', content: [result('c', [{ type: 'text', text: `fog at ${id}` }])] },
  ]
}

describe('tools', () => {
  let project: Project
  beforeEach(async () => {
    project = await createProject()
  })
  afterEach(() => project.remove())

  async function write(rows: readonly string[], tools: Readonly<Record<string, unknown>>, more: object = {}) {
    await project.write('rows.jsonl', rows.map((id) => `${JSON.stringify({ id })}\n`).join(''))
    const entries = Object.entries(tools).map(([name, handler]) => {
      return { name, input_schema: { type: 'object' }, ...(handler === null ? {} : { handler }) }
    })
    const job = {
      model: 'claude-haiku-5-5',
      dataset: { type: 'jsonl', path: 'rows.jsonl', key: '{{id}}' },
      prompt: 'Ferry {{id}}.',
      tools: entries,
      sinks: [{ type: 'jsonl', path: 'out.jsonl', select: 'all' }],
      ...more,
    }
    await project.write('job.yaml', JSON.stringify(job))
  }

  async function start(fixtures: readonly object[], ...args: string[]) {
    await project.write('answers.jsonl', fixtures.map((one) => JSON.stringify(one)).join('\n'))
    return startEmulatorProcess(project, ['--answers', `fixture:${project.path('answers.jsonl')}`, ...args])
  }

  /** Rows for which the model calls `tool` with its id once, and then repeats whether that went wrong. */
  function once(tools: Readonly<Record<string, string>>): object[] {
    const answers = Object.keys(tools).map((id) => ({ match: `Ferry ${id}\\.[^]*result of ${id}`, text: `fine ${id}` }))
    const calls = Object.entries(tools).flatMap(([id, name]) => [
      { match: `Ferry ${id}\\.[^]*asked ${id}`, text: `failed ${id}` },
      {
        match: `Ferry ${id}\\.`,
        content: [{ type: 'tool_use', id: `toolu_${id}`, name, input: { text: `asked ${id}`, id } }],
      },
    ])
    return [...answers, ...calls]
  }

  const outcomes = async () => {
    return new Map((await project.lines<Outcome>('out.jsonl')).map((outcome) => [outcome.key, outcome]))
  }

  /** The conversations that a run sent in an attempt, by key. `end` is that of `run --json`. */
  async function transcripts(end: { readonly stdout: string }, attempt: number): Promise<Map<string, object[]>> {
    const { run_id: run } = JSON.parse(end.stdout) as { run_id: string }
    const found = new Map<string, object[]>()
    // The run's own folder only: one that was killed as it began to plan may have left another without requests.
    const folder = project.path(`.batchwright/runs/${run}/requests`)
    for (const name of (await readdir(folder)).filter((file) => file.endsWith(`.${attempt}.plan`))) {
      for (const text of (await readFile(join(folder, name), 'utf8')).split('\n').filter((line) => line !== '')) {
        const line = parseRequestLine(Buffer.from(text))
        found.set(line.key, (JSON.parse(line.parts.join('')) as { messages: object[] }).messages)
      }
    }
    return found
  }

  /** Calls whose results are stored, as the handlers log them. */
  function storedCalls(): Set<string> {
    const database = openSqlite(project.path('.batchwright/state.db'))
    try {
      database.exec('CREATE TABLE IF NOT EXISTS checkpoint(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID')
      const rows = database.prepare("SELECT key FROM checkpoint WHERE key LIKE '%/tool/%'").all()
      const ids = rows.map(({ key }) => String(key).split('/').at(-1) ?? '')
      return new Set(ids.map((id) => `${id.split('_')[1]} ${id}`))
    } finally {
      database.close()
    }
  }

  const logged = async (): Promise<string[]> => {
    const text = await project.read('calls.log').catch(() => '')
    return text.split('\n').filter((line) => line !== '')
  }

  it('run over three rounds of a thousand rows, killed ten times, and no result is had or paid for twice', {
    timeout: 180_000,
  }, async () => {
    const ids = Array.from({ length: ROWS }, (_, at) => `r${String(at).padStart(4, '0')}`)
    await project.write('tools.mjs', HANDLERS)
    const handlers = {
      harbour: { module: 'tools.mjs', export: 'harbour' },
      fog: { module: 'tools.mjs', export: 'fog' },
    }
    await write(ids, handlers, { batch: { max_requests: 250 } })
    // All answers first: a fixture is the first that matches, and an answer's match holds more than a call's.
    const fixtures = [0, 1, 2].flatMap((round) => ids.map((id) => fixturesOf(id)[round] as object))
    const emulator = await start(fixtures)
    try {
      const random = seeded(20261122)
      let kills = 0
      const repeated = new Set<string>()
      const run = async () => {
        const stored = storedCalls()
        const before = (await logged()).length
        const options = { env: emulator.env, ...(kills < KILLS ? { killAfterMs: 400 + random() * 1100 } : {}) }
        const end = await project.run(['run', 'job.yaml', '--json', '--quiet'], options)
        for (const line of (await logged()).slice(before)) if (stored.has(line)) repeated.add(line)
        return end
      }
      let end = await run()
      for (; end.signal === 'SIGKILL'; end = await run()) kills += 1
      expect(end.code, end.stderr).toBe(0)
      expect(kills, 'the run was killed on its way').toBeGreaterThan(3)
      expect([...repeated], 'handlers with a stored result that ran again').toEqual([])
      const calls = await logged()
      expect(new Set(calls).size).toBe(3 * ROWS)
      expect(calls.length - 3 * ROWS, 'handlers that were in hand when the run was killed').toBeLessThanOrEqual(
        kills * IN_HAND,
      )
      const stats = await emulator.stats()
      expect(stats.paid_more_than_once).toEqual([])
      expect(stats.requests.accepted).toBe(3 * ROWS)

      const found = await outcomes()
      expect(found.size).toBe(ROWS)
      const sent = await transcripts(end, 3)
      for (const id of ids) {
        expect(found.get(id)).toMatchObject({
          status: 'succeeded',
          output: `It is foggy at ${id}.`,
          attempts: 3,
          rounds: 3,
          row: { id },
        })
        expect(sent.get(id)).toEqual(transcriptOf(id))
      }
      const shown = await project.run(['show', 'job', 'r0007'])
      for (const words of [
        'calls harbour {"ferry":"r0007"}',
        'tool gave: harbour of r0007',
        'tool failed: no harbour for r0007',
        'with the results of the tools',
        'assistant: It is foggy at r0007.',
      ])
        expect(shown.stdout).toContain(words)
      await project.run(['prune', '--older-than', '0'])
      expect(storedCalls().size).toBe(0)
    } finally {
      await emulator.stop()
    }
  })

  it('of every kind may throw, hang, print, exit or say too much: the model is told, and the run goes on', async () => {
    await project.write(
      'tools.mjs',
      `
      export const good = ({ id }) => { console.log('printed by good'); return 'result of ' + id }
      export const throws = () => { throw new Error('it broke') }
      export const hangs = () => new Promise(() => {})
      export const loops = () => { for (;;); }
      export const exits = () => process.exit(7)
      export const aborts = () => process.abort()
      export const huge = () => 'x'.repeat(50_000_000)
      `,
    )
    await project.write(
      'command.mjs',
      `
      let text = ''
      for await (const piece of process.stdin) text += piece
      const { input, row } = JSON.parse(text)
      console.log('result of ' + (input.id === row.id ? row.id : 'nobody'))
    `,
    )
    const module = (name: string, timeout = '20s') => ({ module: 'tools.mjs', export: name, timeout })
    const tools = {
      good: module('good'),
      throws: module('throws'),
      hangs: module('hangs', '500ms'),
      loops: module('loops', '500ms'),
      exits: module('exits'),
      aborts: module('aborts'),
      huge: module('huge'),
      command: { command: [process.execPath, 'command.mjs'] },
      fails: { command: ['sh', '-c', 'echo broken >&2; exit 3'] },
      sleeps: { command: ['sleep', '60'], timeout: '500ms' },
      nowhere: { http: 'http://127.0.0.1:1/' },
    }
    const ids = Object.fromEntries(Object.keys(tools).map((name) => [`row-${name}`, name]))
    await write(Object.keys(ids), tools)
    const emulator = await start(once(ids))
    try {
      const end = await project.run(['run', 'job.yaml', '--json'], { env: emulator.env })
      expect(end.code, end.stderr).toBe(0)
      expect(JSON.parse(end.stdout), 'nothing but the document is on stdout').toMatchObject({ status: 'completed' })
      expect(end.stderr).toContain('printed by good')
      expect(end.stderr).toContain('fails failed for row-fails: The tool ended with status 3: broken')
      const found = await outcomes()
      const sent = await transcripts(end, 2)
      const words = {
        throws: 'it broke',
        hangs: 'did not finish within 0.5 s',
        loops: 'blocked its process',
        exits: 'process.exit(7)',
        aborts: 'SIGABRT',
        huge: '50,000,000 bytes',
        fails: 'status 3: broken',
        sleeps: 'did not finish within 0.5 s',
        nowhere: 'could not be reached',
      }
      for (const name of Object.keys(tools)) {
        const isFine = name === 'good' || name === 'command'
        expect(found.get(`row-${name}`)?.output, name).toBe(`${isFine ? 'fine' : 'failed'} row-${name}`)
        const result = sent.get(`row-${name}`)?.at(-1) as { content: { content: string; is_error?: boolean }[] }
        expect(result.content[0]?.is_error, name).toBe(isFine ? undefined : true)
        if (!isFine) expect(result.content[0]?.content, name).toContain(words[name as keyof typeof words])
      }
    } finally {
      await emulator.stop()
    }
  })

  it('that cannot exist stop the run before anything is sent', async () => {
    await project.write('tools.mjs', 'export const lookup = () => 1\nexport const text = "no function"')
    const emulator = await start(once({}))
    try {
      await write(['a'], {
        missing: { module: 'tools.mjs', export: 'lokup' },
        text: { module: 'tools.mjs', export: 'text' },
        command: { command: ['no-such-program-anywhere'] },
        good: { module: 'tools.mjs', export: 'lookup' },
      })
      for (const args of [
        ['run', 'job.yaml'],
        ['plan', 'job.yaml'],
      ]) {
        const { code, stderr } = await project.run(args, { env: emulator.env })
        expect(code).toBe(2)
        expect(stderr).toContain('exports no function "lokup"; it exports lookup')
        expect(stderr).toContain('exports no function "text"')
        expect(stderr).toContain('"no-such-program-anywhere" is not there')
        expect(stderr).toContain('job.yaml')
      }
      expect((await emulator.stats()).calls.create ?? 0).toBe(0)
    } finally {
      await emulator.stop()
    }
  })

  it('that are gone when a run goes on stop it with what to do, and nothing is lost', async () => {
    await project.write('tools.mjs', "export default ({ id }) => 'result of ' + id")
    await write(['a', 'b'], { lookup: { module: 'tools.mjs' } })
    const emulator = await start(once({ a: 'lookup', b: 'lookup' }), '--batch-seconds', '1')
    try {
      const detached = await project.run(['run', 'job.yaml', '--detach'], { env: emulator.env })
      expect(detached.code, detached.stderr).toBe(0)
      await project.write('tools.mjs', 'export const other = 1')
      const stopped = await project.run(['resume'], { env: emulator.env })
      expect(stopped.code).toBe(1)
      expect(stopped.stderr).toContain('exports no function "default"')
      expect(stopped.stderr).toContain('batchwright resume')
      await project.write('tools.mjs', "export default ({ id }) => 'result of ' + id")
      const resumed = await project.run(['resume'], { env: emulator.env })
      expect(resumed.code, resumed.stderr).toBe(0)
      expect([...(await outcomes()).values()].map(({ output }) => output)).toEqual(['fine a', 'fine b'])
      expect((await emulator.stats()).paid_more_than_once).toEqual([])
    } finally {
      await emulator.stop()
    }
  })

  it('that run when a person interrupts finish, no others begin, and resume runs the rest', async () => {
    await project.write(
      'tools.mjs',
      `
      import { appendFileSync } from 'node:fs'
      export default async ({ id }, { toolUseId }) => {
        appendFileSync('calls.log', 'begin ' + toolUseId + '\\n')
        await new Promise((resolve) => setTimeout(resolve, 700))
        appendFileSync('calls.log', 'end ' + toolUseId + '\\n')
        return 'result of ' + id
      }
      `,
    )
    const ids = Array.from({ length: 30 }, (_, at) => `row${at}`)
    await write(ids, { lookup: { module: 'tools.mjs' } })
    const emulator = await start(once(Object.fromEntries(ids.map((id) => [id, 'lookup']))))
    try {
      const child = project.start(['run', 'job.yaml', '--quiet'], { env: emulator.env })
      const closed = new Promise<number | null>((resolve) => child.on('close', resolve))
      await expect.poll(logged, { timeout: 20_000, interval: 20 }).not.toEqual([])
      child.kill('SIGINT')
      const begun = Date.now()
      expect(await closed).toBe(130)
      expect(Date.now() - begun).toBeLessThan(5000)
      const calls = await logged()
      expect(calls.filter((line) => line.startsWith('begin'))).toHaveLength(IN_HAND)
      expect(calls.filter((line) => line.startsWith('end'))).toHaveLength(IN_HAND)
      const resumed = await project.run(['resume'], { env: emulator.env })
      expect(resumed.code, resumed.stderr).toBe(0)
      expect((await logged()).filter((line) => line.startsWith('begin'))).toHaveLength(ids.length)
      expect((await emulator.stats()).paid_more_than_once).toEqual([])
    } finally {
      await emulator.stop()
    }
  })

  it('without a handler are returned in the outcome, and rounds are bounded', async () => {
    await project.write('tools.mjs', "export default () => 'again'")
    await write(
      ['returned', 'endless'],
      { ask: null, lookup: { module: 'tools.mjs' } },
      { max_rounds: 3, gate: { max_error_rate: 1 } },
    )
    const emulator = await start([
      {
        match: 'Ferry returned',
        content: [
          { type: 'text', text: 'I ask.' },
          { type: 'tool_use', id: 'toolu_1', name: 'ask', input: { who: 'you' } },
        ],
      },
      { match: 'Ferry endless', content: [{ type: 'tool_use', id: 'toolu_2', name: 'lookup', input: {} }] },
    ])
    try {
      const { code, stderr } = await project.run(['run', 'job.yaml'], { env: emulator.env })
      expect(code, stderr).toBe(3)
      const found = await outcomes()
      expect(found.get('returned')).toMatchObject({
        status: 'succeeded',
        rounds: 1,
        output: 'I ask.',
        stop_reason: 'tool_use',
        tool_calls: [{ id: 'toolu_1', name: 'ask', input: { who: 'you' } }],
      })
      expect(found.get('endless')).toMatchObject({
        status: 'incomplete',
        rounds: 3,
        error: { message: expect.stringContaining('max_rounds') },
      })
    } finally {
      await emulator.stop()
    }
  })

  it('run in the example job, without a key', async () => {
    const example = await createProject({ examples: true })
    try {
      const { code, stderr } = await example.run(['run', 'jobs/answer-with-glossary.yaml', '--local'])
      expect(code, stderr).toBe(0)
      const found = await example.lines<Outcome>('out/answers.jsonl')
      expect(found).toHaveLength(11)
      expect(found.every(({ status, rounds }) => status === 'succeeded' && rounds === 2)).toBe(true)
    } finally {
      await example.remove()
    }
  })
})
