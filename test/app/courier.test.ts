import { readdir, readFile, rm } from 'node:fs/promises'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { bindSinks, contextOf } from '../../src/app/bind.ts'
import { createCourier } from '../../src/app/courier.ts'
import { openWorkspace, type Surroundings, type Workspace } from '../../src/app/workspace.ts'
import { runFiles } from '../../src/core/names.ts'
import { type BatchState, checkpointKeys, type RunHeader } from '../../src/core/run.ts'
import type { BoundSink } from '../../src/run/deliver.ts'
import { Delivery } from '../../src/run/deliver.ts'
import { readStates } from '../../src/run/desk.ts'
import type { LiveContext } from '../../src/run/ports.ts'
import { createProject, killed, type Project, startEmulatorProcess } from '../support/cli.ts'

const ROWS = 90
const FILES = ['all.jsonl', 'good.csv', 'failed.json', 'keys.tsv'] as const

let project: Project
let workspace: Workspace
let header: RunHeader
let states: readonly BatchState[]
let sinks: readonly BoundSink[]
/** What a run that nobody disturbed wrote. */
const expected = new Map<string, string>()

beforeAll(async () => {
  project = await createProject()
  const rows = Array.from({ length: ROWS }, (_, id) => JSON.stringify({ id, note: `“${id}” Züge` }))
  await project.write('rows.jsonl', rows.join('\n'))
  await project.write(
    'job.yaml',
    `model: claude-haiku-5-5
dataset: { type: jsonl, path: rows.jsonl, key: "row {{id}}" }
prompt: "Say {{note}}."
retry: { max_attempts: 1 }
batch: { max_requests: 30 }
sinks:
  - { type: jsonl, path: all.jsonl, select: all }
  - { type: csv, path: good.csv }
  - { type: json, path: failed.json, select: failed }
  - { type: tsv, path: keys.tsv, columns: { key: key, cost: cost_usd } }
  - { type: files, path: "each/{{key}}.txt" }
`,
  )
  const emulator = await startEmulatorProcess(project)
  await emulator.faults([{ on: 'request', match: '7. Züge', do: { refusal: true } }])
  const { code, stderr } = await project.run(['run', 'job.yaml', '--quiet'], { env: emulator.env })
  await emulator.stop()
  expect(code, stderr).toBe(3)
  for (const name of FILES) expected.set(name, await project.read(name))
  return () => project.remove()
})

beforeEach(async () => {
  const surroundings = {
    cwd: project.folder,
    env: {},
    process: { pid: process.pid, hostname: 'here', startedAt: 0 },
    clock: { now: Date.now },
    writeOut: async () => undefined,
  } as unknown as Surroundings
  workspace = await openWorkspace(surroundings, project.folder)
  const [run = ''] = await workspace.artifacts.runs()
  header = (await workspace.store.read(checkpointKeys.header(run))) as unknown as RunHeader
  states = await readStates({ header, store: workspace.store })
  sinks = bindSinks(workspace, { run, job: header.job }, new AbortController().signal)
  for (const name of FILES) await rm(project.path(name))
})
afterEach(async () => {
  await workspace.close()
  for (const [name, text] of expected) await project.write(name, text)
})

const left = async (): Promise<string[]> =>
  (await readdir(project.folder)).filter(
    (name) => name.includes('batchwright-tmp') || name in Object.fromEntries(expected),
  )

describe('a courier', () => {
  it('writes what is written without one, in whatever order batches are done', async () => {
    const courier = createCourier(workspace, header, sinks, 1)
    for (const index of [2, 0, 1]) courier?.done(states[index] as BatchState)
    const reports = await courier?.finish()
    await courier?.close()
    const found = new Map<string, string>()
    for (const name of FILES) found.set(name, await project.read(name))
    expect(found).toEqual(expected)
    expect([...(reports ?? [])]).toEqual([
      [0, { type: 'jsonl', path: 'all.jsonl', rows: ROWS }],
      [1, { type: 'csv', path: 'good.csv', rows: ROWS - 9 }],
      [2, { type: 'json', path: 'failed.json', rows: 9 }],
      [3, { type: 'tsv', path: 'keys.tsv', rows: ROWS - 9 }],
    ])
    expect(await left()).toEqual([...FILES].sort())
  })

  it('shows nothing before all batches are done, and leaves nothing when it is given up', async () => {
    const courier = createCourier(workspace, header, sinks, 1)
    courier?.done(states[0] as BatchState)
    while ((await left()).length === 0) await new Promise((resolve) => setTimeout(resolve, 10))
    expect((await left()).every((name) => name.startsWith('.'))).toBe(true)
    await courier?.close()
    expect(await left()).toEqual([])
    await courier?.close()
  })

  it('leaves to the usual way what it cannot do', async () => {
    const name = runFiles.results(1, 1)
    const path = `${workspace.runFolder(header.run)}/${name}`
    const landed = await readFile(path)
    await rm(path)
    const courier = createCourier(workspace, header, sinks, 1)
    for (const state of states) courier?.done(state)
    expect(await courier?.finish()).toEqual(new Map())
    expect(await left()).toEqual([])
    await project.write(`.batchwright/runs/${header.run}/${name}`, landed)
    const context = { ...contextOf(workspace, header), notify: () => undefined } as unknown as LiveContext
    const { reports, failures } = await new Delivery(context, sinks, courier).all(states)
    await courier?.close()
    expect([reports.map(({ path: place }) => place), failures]).toEqual([[...FILES, 'each/{{key}}.txt'], []])
    for (const file of FILES) expect(await project.read(file)).toBe(expected.get(file))
  })

  it('is not asked for what is not worth a thread', () => {
    expect(createCourier(workspace, header, sinks)).toBeUndefined()
    expect(createCourier(workspace, header, sinks.slice(4), 1)).toBeUndefined()
    const [batch] = header.batches
    expect(createCourier(workspace, { ...header, batches: batch ? [batch] : [] }, sinks, 1)).toBeUndefined()
  })
})

describe('a run of many rows', () => {
  it('ends up with every row once and in order, though it is killed while a courier writes', async () => {
    const many = await createProject()
    const rows = 24_000
    await many.write('rows.csv', `id\n${Array.from({ length: rows }, (_, id) => id).join('\n')}\n`)
    await many.write(
      'job.yaml',
      `model: claude-haiku-5-5
dataset: { type: csv, path: rows.csv, key: "{{id}}" }
prompt: "Say {{id}}."
batch: { max_requests: 4000, max_in_flight: 8 }
sinks: [out.jsonl]
`,
    )
    const emulator = await startEmulatorProcess(many, ['--answers', 'echo', '--batch-seconds', '600'])
    try {
      const { code, stderr } = await many.run(['run', 'job.yaml', '--detach', '--quiet'], { env: emulator.env })
      expect(code, stderr).toBe(0)
      await emulator.advance(700)
      const isWriting = async (): Promise<boolean> =>
        (await readdir(many.folder)).some((name) => name.startsWith('.out.jsonl'))
      for (const nth of [
        [5, 6],
        [1, 2],
        [1, 2],
      ]) {
        // Some results keep the run waiting while those before them are written.
        await emulator.faults([{ on: 'results', nth, do: { delay_ms: 60_000 } }])
        const child = many.start(['resume', '--quiet'], { env: emulator.env })
        while (child.exitCode === null && !(await isWriting())) await new Promise((resolve) => setTimeout(resolve, 5))
        expect(child.exitCode).toBeNull()
        await killed(child)
        expect((await readdir(many.folder)).includes('out.jsonl')).toBe(false)
      }
      await emulator.faults([])
      const end = await many.run(['resume', '--quiet', '--json'], { env: emulator.env })
      expect(end.code, end.stderr).toBe(0)
      const found = await many.lines<{ key: string }>('out.jsonl')
      expect(found.map(({ key }) => Number(key))).toEqual(Array.from({ length: rows }, (_, id) => id))
      expect(await isWriting()).toBe(false)
      expect((await emulator.stats()).paid_more_than_once).toEqual([])
    } finally {
      await emulator.stop()
      await many.remove()
    }
  })
})
