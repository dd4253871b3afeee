// The keys that say how a run behaves, seen in what the provider receives and in what the sinks hold.

import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { JsonObject } from '../../src/core/json.ts'
import { pdfPageTexts } from '../../src/core/pdf.ts'
import { type ReceivedRequest, type Receiver, startReceiver } from '../support/all-sinks.ts'
import { type CliResult, type Project, type RunningEmulator, startEmulatorProcess } from '../support/cli.ts'
import { type RecordingProxy, startRecordingProxy } from '../support/recording-proxy.ts'
import { JOBS } from './keys-jobs.ts'
import { keysProject } from './keys-project.ts'

interface Answered {
  readonly key: string
  readonly custom_id: string
  readonly status: string
  readonly output: unknown
  readonly attempts: number
  readonly rounds: number
  readonly cost_usd: number
  readonly usage: { readonly input_tokens: number; readonly output_tokens: number }
  readonly error: { readonly type: string; readonly message: string } | null
}

let project: Project
let emulator: RunningEmulator
let proxy: RecordingProxy
let receiver: Receiver
const run = (args: readonly string[], env: Record<string, string> = emulator.env): Promise<CliResult> =>
  project.run(['run', ...args, '--json'], { env: { ...env, PROXY: proxy.url, HOOK: receiver.url } })

beforeAll(async () => {
  project = await keysProject()
  for (const [name, text] of Object.entries(JOBS)) await project.write(`jobs/${name}.yaml`, text)
  emulator = await startEmulatorProcess(project, ['--batch-seconds', '0.3'])
  proxy = await startRecordingProxy(emulator.url)
  receiver = await startReceiver()
  receiver.stall('/parts', 1000)
})
afterAll(async () => {
  await proxy.close()
  await receiver.stop()
  await emulator.stop()
  await project.remove()
})

describe('a job with every key that says how it runs', () => {
  const env = { TEAM_KEY: 'sk-team', ANTHROPIC_API_KEY: 'sk-never' }
  let first: CliResult
  let outcomes: readonly Answered[]
  let peakInFlight: number
  const outcomeOf = (id: string): Answered => outcomes.find(({ key }) => key === `k-${id}`) as Answered

  beforeAll(async () => {
    await emulator.faults([
      { on: 'request', match: 'Be busy', do: { error: 'overloaded_error' } },
      { on: 'request', match: 'Be cut', attempts: 1, do: { truncated: true } },
    ])
    first = await run(['jobs/everything.yaml'], env)
    outcomes = await project.lines<Answered>('out/everything.jsonl')
    peakInFlight = ((await emulator.stats()) as unknown as { peak_in_flight_batches: number }).peak_in_flight_batches
  })

  it('ends with what became of every row: on_rejected, retry', () => {
    expect(first.code, first.stderr).toBe(3)
    expect(JSON.parse(first.stdout)).toMatchObject({
      job: 'everything',
      run_id: expect.stringMatching(/^everything-/),
      status: 'completed',
      requests: { total: 5, succeeded: 3, errored: 1, rejected: 1, reused: 0 },
    })
    expect(outcomes.map(({ key, status, attempts }) => [key, status, attempts])).toEqual([
      ['k-plain', 'succeeded', 1],
      ['k-cut', 'succeeded', 2],
      ['k-busy', 'errored', 2],
      ['k-lost', 'rejected', 0],
      ['k-last', 'succeeded', 1],
    ])
    expect(outcomeOf('lost').error?.message).toContain('Unknown name "say"')
    expect(outcomeOf('busy').error?.type).toBe('overloaded_error')
  })

  it('speaks to the provider as it says: base_url, api_key_env, headers, betas, version, params', () => {
    expect(proxy.calls.length).toBeGreaterThan(5)
    for (const { headers } of proxy.calls) {
      expect(headers).toMatchObject({
        authorization: 'Bearer sk-team',
        'x-team': 'research',
        'anthropic-version': '2023-06-01',
      })
      expect(headers['anthropic-beta']).toContain('beta-one-2026-01-01')
    }
    expect(proxy.requests()[0]?.params).toMatchObject({ model: 'claude-haiku-5-5', max_tokens: 100, temperature: 0.5 })
  })

  it('sends the pages that are asked for, and no more', async () => {
    const { messages } = proxy.requests()[0]?.params ?? {}
    const [{ content }] = messages as unknown as [{ content: [{ source: { data: string } }] }]
    const [{ source }] = content
    expect(await pdfPageTexts(Buffer.from(source.data, 'base64'), 9)).toEqual(['Second page'])
  })

  it('packs, names and polls batches as it says: batch', () => {
    const creates = proxy.calls.filter(
      ({ method, path }) => method === 'POST' && path.startsWith('/v1/messages/batches'),
    )
    const sizes = creates.map(({ body }) => (JSON.parse(body) as { requests: object[] }).requests.length)
    expect(Math.max(...sizes)).toBe(2)
    // Two batches of the first attempt, and one for each that had something to ask again.
    expect(creates.length).toBeGreaterThanOrEqual(3)
    expect(new Set(proxy.requests().map(({ custom_id: id }) => id))).toEqual(
      new Set(['k-plain', 'k-cut', 'k-busy', 'k-last']),
    )
    expect(peakInFlight).toBe(2)
    const polls = proxy.calls.filter(({ method, path }) => method === 'GET' && /\/batches(\?|$)/.test(path))
    expect(polls.length).toBeGreaterThanOrEqual(4)
  })

  it('gives answers that were cut off more room: retry.truncated', () => {
    const rooms = proxy.requests().filter(({ custom_id: id }) => id === 'k-cut')
    expect(rooms.map(({ params }) => params.max_tokens)).toEqual([100, 140])
  })

  it('counts money by its own prices: prices', () => {
    const { usage, cost_usd: cost } = outcomeOf('plain')
    expect(cost).toBeCloseTo((usage.input_tokens * 1000 + usage.output_tokens * 2000) / 1e6, 9)
    expect(JSON.parse(first.stdout).cost_usd).toBeCloseTo(
      outcomes.reduce((sum, { cost_usd: each }) => sum + each, 0),
      9,
    )
  })

  it('delivers what each sink selects, as it says: sinks', async () => {
    const good = ['k-plain', 'k-cut', 'k-last']
    const csv = await project.read('out/good.csv')
    expect(csv.charCodeAt(0)).toBe(0xfeff)
    expect(csv.slice(1).split('\r\n')).toEqual([
      'who;said;label',
      "k-plain;'=1+1;plain!",
      "k-cut;'-;cut!",
      "k-last;'@x;last!",
      '',
    ])
    expect(await project.read('out/failed.tsv')).toBe('key\tstatus\nk-busy\terrored\nk-lost\trejected\n')
    expect((JSON.parse(await project.read('out/good.json')) as Answered[]).map(({ key }) => key)).toEqual(good)
    for (const key of good) {
      const outcome = outcomes.find((row) => row.key === key)
      expect(await project.read(`out/pages/${key}.md`)).toBe(`# ${outcome?.output} (x)`)
    }
    expect(existsSync(project.path('out/pages/k-busy.md'))).toBe(false)
  })

  it('posts outcomes in pieces or one by one, as it says: url, batch, max_bytes, headers, timeout, retry_for', () => {
    const to = (path: string): ReceivedRequest[] => receiver.requests.filter((request) => request.path === path)
    expect(to('/rows').map(({ body }) => body)).toEqual(
      expect.arrayContaining(['k-plain', 'k-cut', 'k-last'].map((key) => ({ key }))),
    )
    const parts = new Map(to('/parts').map((request) => [request.idempotencyKey, request]))
    const pieces = [...parts.values()].map(({ body }) => body.outcomes as unknown as Answered[])
    expect(
      pieces
        .flat()
        .map(({ key }) => key)
        .sort(),
    ).toEqual(outcomes.map(({ key }) => key).sort())
    // Two outcomes of a batch are more than a thousand bytes.
    expect(Math.max(...pieces.map(({ length }) => length))).toBe(1)
    expect(to('/parts').every(({ headers }) => headers['x-team'] === 'research')).toBe(true)
    // The first was not answered in time, so it was sent again under its name.
    expect(to('/parts').length).toBeGreaterThan(parts.size)
  })

  it('keeps its state where it says: store', () => {
    expect(existsSync(project.path('.batchwright/elsewhere.db'))).toBe(true)
    expect(existsSync(project.path('.batchwright/state.db'))).toBe(false)
  })

  it('asks nothing again that was answered: reuse', async () => {
    await emulator.faults([])
    proxy.forget()
    const again = await run(['jobs/everything.yaml', '--new'], env)
    expect(again.code, again.stderr).toBe(3)
    expect(JSON.parse(again.stdout).requests).toMatchObject({ succeeded: 1, rejected: 1, reused: 3 })
    expect(proxy.requests().map(({ custom_id: id }) => id)).toEqual(['k-busy'])
  })
})

describe('answers', () => {
  beforeAll(async () => {
    await emulator.faults([
      { on: 'request', match: 'Fill in for (forced|unrepaired)', attempts: 1, do: { invalid_json: true } },
      { on: 'request', match: 'Fill in for prompted', attempts: 2, do: { invalid_json: true } },
    ])
    proxy.forget()
    const names = ['structured', 'forced', 'prompted', 'unrepaired', 'tooled', 'cut']
    const { code, stderr } = await run(
      names.map((name) => `jobs/${name}.yaml`),
      { ...emulator.env, ANTHROPIC_BASE_URL: proxy.url },
    )
    expect(code, stderr).toBe(3)
  })

  const answer = async (name: string): Promise<Answered> =>
    (await project.lines<Answered>(`out/${name}.jsonl`))[0] as Answered
  const asked = (word: string): JsonObject[] =>
    proxy
      .requests()
      .filter(({ params }) => JSON.stringify(params.messages).includes(word))
      .map(({ params }) => params)

  it('are JSON by structured output, by a forced tool, or out of the text: output.mode', async () => {
    for (const name of ['structured', 'forced', 'prompted'])
      expect(await answer(name)).toMatchObject({ status: 'succeeded', output: { word: expect.any(String) } })
    const [structured, forced, prompted] = ['structured', 'forced', 'prompted'].map((name) => asked(name)[0])
    expect(structured).toMatchObject({ output_config: { format: { type: 'json_schema' } } })
    expect(forced).toMatchObject({ tool_choice: { type: 'tool' } })
    expect(forced?.output_config).toBeUndefined()
    expect(prompted?.output_config ?? prompted?.tools).toBeUndefined()
    expect(JSON.stringify(prompted)).toContain('word')
  })

  it('go back with what is wrong, as often as the job says: output.repair', async () => {
    expect(await answer('structured')).toMatchObject({ attempts: 1 })
    expect(await answer('forced')).toMatchObject({ status: 'succeeded', attempts: 2 })
    expect(await answer('prompted')).toMatchObject({ status: 'succeeded', attempts: 3 })
    expect(await answer('unrepaired')).toMatchObject({ status: 'invalid', attempts: 1 })
  })

  it('use tools for so many rounds: tools, max_rounds', async () => {
    expect(await answer('tooled')).toMatchObject({ status: 'succeeded', rounds: 2 })
    expect(JSON.stringify(asked('tooled')[1])).toContain('Looked up a string')
    const cut = await answer('cut')
    expect(cut.rounds).toBe(1)
    expect(asked('What is cut')).toHaveLength(1)
  })
})

describe('limits', () => {
  it('a budget that is too small stops the run before it begins: budget', async () => {
    await emulator.faults([])
    const before = (await emulator.stats()).batches.length
    const { code, stderr } = await run(['jobs/money.yaml'])
    expect(code, stderr).toBe(4)
    expect(stderr).toContain('budget.max_usd')
    expect((await emulator.stats()).batches).toHaveLength(before)
  })

  it('a batch that went badly stops the others: gate, on_rejected', async () => {
    await emulator.faults([{ on: 'request', match: 'Refuse', do: { error: 'invalid_request_error' } }])
    const before = (await emulator.stats()).batches.length
    const { code, stderr } = await run(['jobs/gated.yaml'])
    expect(code, stderr).toBe(4)
    expect(stderr).toContain('gate.max_error_rate')
    expect((await emulator.stats()).batches).toHaveLength(before + 1)
    const stopped = await run(['jobs/everything.yaml', '--new', '--set', 'on_rejected=stop'], {
      TEAM_KEY: 'sk-team',
    })
    expect(stopped.code, stopped.stderr).toBe(2)
    expect(stopped.stderr).toContain('Unknown name "say"')
  })
})
