import { gunzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { JsonObject } from '../../src/core/json.ts'
import { duckdb, duckdbTypes } from '../sink/duckdb.ts'
import {
  filesBelow,
  postgresRows,
  type Receiver,
  SUBJECTS,
  sqliteRows,
  startReceiver,
  writeEverywhere,
} from '../support/all-sinks.ts'
import { type CliResult, createProject, type Project, startEmulatorProcess } from '../support/cli.ts'
import { startPostgres, type TestServer, whyNoPostgres } from '../support/servers.ts'

const ROWS = 30
const REFUSED = ['row-7', 'row-19']
const ALL = Array.from({ length: ROWS }, (_, n) => `row-${n}`)
const GOOD = ALL.filter((key) => !REFUSED.includes(key))
const noPostgres = whyNoPostgres()

interface Answered {
  readonly key: string
  readonly status: string
  readonly output: { title: string; pages: number; tags: string[]; origin: { place: string; year: number } }
  readonly error: { type: string; message: string } | null
  readonly cost_usd: number
}

/** One run for all tests: its batches are collected in any order, and two rows are refused by the model. */
describe('one job with every sink', () => {
  let project: Project
  let receiver: Receiver
  let postgres: TestServer | undefined
  let result: CliResult
  let outcomes: readonly Answered[]
  let good: readonly Answered[]

  beforeAll(async () => {
    project = await createProject()
    receiver = await startReceiver()
    postgres = noPostgres === undefined ? await startPostgres() : undefined
    await writeEverywhere(project, { rows: ROWS, rowsPerBatch: 4, postgres: postgres !== undefined })
    const emulator = await startEmulatorProcess(project)
    try {
      await emulator.faults([
        { on: 'request', match: 'Row (7|19) is', do: { refusal: true } },
        { on: 'results', nth: [1, 3], do: { delay_ms: 400 } },
      ])
      const env = { ...emulator.env, RECEIVER: `${receiver.url}/answers`, DATABASE: postgres?.url ?? '' }
      result = await project.run(['run', 'job.yaml'], { env })
    } finally {
      await emulator.stop()
    }
    outcomes = await project.lines<Answered>('out/all.jsonl')
    good = outcomes.filter(({ status }) => status === 'succeeded')
  })
  afterAll(async () => {
    await postgres?.stop()
    await receiver.stop()
    await project.remove()
  })

  it('serves them all, and says where', () => {
    expect(result.code, result.stderr).toBe(3)
    expect(result.stderr).toContain('28 of 30 rows succeeded; 2 refused.')
    for (const place of ['out/all.jsonl', 'out/pages/', 'out/rows.db', 'out/own.txt']) {
      expect(result.stderr).toContain(place)
    }
    expect(result.stderr).not.toContain('warning')
  })

  it('jsonl: whole outcomes of all rows, in dataset order', () => {
    expect(outcomes.map(({ key }) => key)).toEqual(ALL)
    expect(outcomes.filter(({ status }) => status !== 'succeeded').map(({ key }) => key)).toEqual(REFUSED)
    for (const { key, output } of good) {
      expect(output.title + output.origin.place).toContain(`Row ${key.slice(4)} is about`)
    }
  })

  it('jsonl.gz: the rows that succeeded, compressed', async () => {
    const packed = (await filesBelow(project, 'out')).get('out/good.jsonl.gz') ?? Buffer.alloc(0)
    const lines = gunzipSync(packed).toString().trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toEqual(good)
  })

  it('csv: columns by path and by template, at a path with the run in it', async () => {
    const name = [...(await filesBelow(project, 'out')).keys()].find((path) => path.endsWith('.csv')) ?? ''
    expect(name).toMatch(/^out\/everywhere-everywhere-\d{8}-\d{6}-\w+\.csv$/)
    const rows = parse(await project.read(name), { columns: true }) as JsonObject[]
    expect(rows).toEqual(
      good.map(({ key, output }) => ({
        key,
        title: output.title,
        year: String(output.origin.year),
        who: `${key} of ${subjectOf(key)}`,
      })),
    )
  })

  it('tsv: the failed rows, with the reason', async () => {
    const rows = parse(await project.read('out/failed.tsv'), { columns: true, delimiter: '\t' }) as JsonObject[]
    expect(rows.map(({ key, status }) => [key, status])).toEqual(REFUSED.map((key) => [key, 'refused']))
    for (const { error } of rows) expect(error).not.toBe('')
  })

  it('json: one list', async () => {
    expect(JSON.parse(await project.read('out/good.json'))).toEqual(good)
  })

  it('parquet: a typed column for each property, as DuckDB reads it', async () => {
    const from = `FROM '${project.path('out/all.parquet')}'`
    expect(await duckdbTypes(from)).toMatchObject({
      pages: 'BIGINT',
      tags: 'VARCHAR[]',
      origin: 'STRUCT(place VARCHAR, "year" BIGINT)',
      cost_usd: 'DOUBLE',
    })
    const rows = await duckdb(`SELECT key, status, title, pages, tags, origin ${from}`)
    expect(rows).toEqual(
      outcomes.map(({ key, status, output }) => {
        const { title = null, pages = null, tags = null, origin = null } = output ?? {}
        return { key, status, title, pages, tags, origin }
      }),
    )
  })

  it('files: one page a row, path and content from templates', async () => {
    const pages = await filesBelow(project, 'out/pages')
    expect([...pages.keys()].sort()).toEqual(good.map(({ key }) => `out/pages/${subjectOf(key)}/${key}.md`).sort())
    for (const { key, output } of good) {
      const page = pages.get(`out/pages/${subjectOf(key)}/${key}.md`)?.toString()
      expect(page).toBe(`# ${output.title}\n\neverywhere found it in ${output.origin.place}.\n`)
    }
  })

  it('sqlite: two tables of one database', () => {
    const answers = sqliteRows(project.path('out/rows.db'), 'answers')
    const byKey = new Map(good.map((outcome) => [outcome.key, outcome.output]))
    expect(new Set(answers.map(({ key }) => key))).toEqual(new Set(GOOD))
    expect(answers).toHaveLength(GOOD.length)
    for (const { key, title, pages, tags, origin } of answers) {
      expect({ title, pages, tags: JSON.parse(String(tags)), origin: JSON.parse(String(origin)) }).toEqual(
        byKey.get(String(key)),
      )
    }
    const failures = sqliteRows(project.path('out/rows.db'), 'failures')
    expect(failures.map(({ key, status }) => [key, status])).toEqual([...REFUSED].sort().map((key) => [key, 'refused']))
  })

  it('webhook: every row once, a batch a request, each with its idempotency key', () => {
    const rows = receiver.requests.flatMap(({ body }) => body.outcomes as { key: string; status: string }[])
    expect(rows.map(({ key }) => key).sort()).toEqual([...ALL].sort())
    expect(new Set(receiver.requests.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(Math.ceil(ROWS / 4))
    expect(receiver.requests.every(({ path }) => path === '/answers')).toBe(true)
  })

  it('module: what the project’s own sink makes of them', async () => {
    expect(await project.read('out/own.txt')).toBe(GOOD.map((key) => `${key}\n`).join(''))
  })

  it('stdout: never beside a --json document', async () => {
    for (const command of [['run', 'job.yaml'], ['retry']]) {
      const { code, stdout, stderr } = await project.run([...command, '--json'])
      expect([code, stdout]).toEqual([2, ''])
      expect(stderr).toContain('sinks[11] prints rows on standard output, where --json prints one document')
    }
  })

  it('stdout: a line a row, and nothing else', () => {
    const keys = result.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).key)
    expect(keys.sort()).toEqual([...ALL].sort())
  })

  it.skipIf(noPostgres !== undefined)('postgres: typed columns, nested values as jsonb', async () => {
    const rows = await postgresRows(postgres?.url ?? '', 'llm.answers')
    const byKey = new Map(outcomes.map((outcome) => [outcome.key, outcome]))
    expect(rows.map(({ key }) => key).sort()).toEqual([...ALL].sort())
    for (const { key, status, title, pages, tags, origin } of rows) {
      const outcome = byKey.get(String(key))
      expect(status).toBe(outcome?.status)
      if (status === 'succeeded') expect({ title, pages: Number(pages), tags, origin }).toEqual(outcome?.output)
      else expect([title, pages, tags, origin]).toEqual([null, null, null, null])
    }
  })

  it.skipIf(noPostgres !== undefined)('postgres: letters that it cannot hold are replaced', async () => {
    const rows = await postgresRows(postgres?.url ?? '', 'llm.notes')
    expect(new Set(rows.map(({ note }) => note))).toEqual(new Set(GOOD.map((key) => `${key.slice(4)}\ufffd`)))
  })
})

function subjectOf(key: string): string {
  return SUBJECTS[Number(key.slice(4)) % 3] ?? ''
}
