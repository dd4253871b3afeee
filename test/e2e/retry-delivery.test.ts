import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { duckdb } from '../sink/duckdb.ts'
import {
  filesBelow,
  postgresRows,
  type Receiver,
  sqliteRows,
  startReceiver,
  writeEverywhere,
} from '../support/all-sinks.ts'
import { type CliResult, createProject, type Project, startEmulatorProcess } from '../support/cli.ts'
import { startPostgres, type TestServer, whyNoPostgres } from '../support/servers.ts'

const ROWS = 24
const ALL = Array.from({ length: ROWS }, (_, n) => `row-${n}`)
const noPostgres = whyNoPostgres()

/** Rows 7 and 19 are refused at first, 19 for ever; each lies in a batch of its own among six. */
describe('retry', () => {
  let project: Project
  let receiver: Receiver
  let postgres: TestServer | undefined
  let first: CliResult
  let retried: CliResult
  let before: ReadonlyMap<string, Buffer>
  let postsBefore: number

  beforeAll(async () => {
    project = await createProject()
    receiver = await startReceiver()
    postgres = noPostgres === undefined ? await startPostgres() : undefined
    await writeEverywhere(project, { rows: ROWS, rowsPerBatch: 4, postgres: postgres !== undefined })
    const emulator = await startEmulatorProcess(project)
    try {
      const env = { ...emulator.env, RECEIVER: receiver.url, DATABASE: postgres?.url ?? '' }
      await emulator.faults([{ on: 'request', match: 'Row (7|19) is', do: { refusal: true } }])
      first = await project.run(['run', 'job.yaml'], { env })
      before = await filesBelow(project, 'out')
      postsBefore = receiver.requests.length
      await emulator.faults([{ on: 'request', match: 'Row 19 is', do: { refusal: true } }])
      retried = await project.run(['retry'], { env })
    } finally {
      await emulator.stop()
    }
  })
  afterAll(async () => {
    await postgres?.stop()
    await receiver.stop()
    await project.remove()
  })

  const GOOD = ALL.filter((key) => key !== 'row-19')

  it('asks the failed rows again', () => {
    expect(first.stderr).toContain('22 of 24 rows succeeded; 2 refused.')
    expect(retried.stderr).toContain('23 of 24 rows succeeded; 1 refused.')
    expect([first.code, retried.code]).toEqual([3, 3])
  })

  it('puts the new outcome in the place of the failed one in every file', async () => {
    const rows = await project.lines<{ key: string; status: string; attempts: number }>('out/all.jsonl')
    expect(rows.map(({ key }) => key)).toEqual(ALL)
    expect([rows[7], rows[19]]).toMatchObject([
      { status: 'succeeded', attempts: 2 },
      { status: 'refused', attempts: 2 },
    ])
    const others = String(before.get('out/all.jsonl'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(rows.filter(({ key }) => !/^row-(7|19)$/.test(key))).toEqual(
      others.filter(({ key }) => !/^row-(7|19)$/.test(key)),
    )
    const files = await filesBelow(project, 'out')
    // SQLite has files of its own beside a database for as long as anybody in this process has it open.
    const isOurs = (name: string): boolean => !/\.db-(shm|wal)$/.test(name)
    expect([...files.keys()].filter((name) => !before.has(name) && isOurs(name))).toEqual(['out/pages/salt/row-7.md'])
    const packed = gunzipSync(files.get('out/good.jsonl.gz') ?? Buffer.alloc(0))
      .toString()
      .trimEnd()
      .split('\n')
    expect(packed.map((line) => JSON.parse(line).key)).toEqual(GOOD)
    expect(JSON.parse(await project.read('out/good.json')).map(({ key }: { key: string }) => key)).toEqual(GOOD)
    const csv = [...files].find(([name]) => name.endsWith('.csv'))?.[1].toString() ?? ''
    expect(
      csv
        .split('\n')
        .map((line) => line.split(',')[0])
        .filter((key) => key?.startsWith('row-')),
    ).toEqual(GOOD)
    const failed = (await project.read('out/failed.tsv')).trimEnd().split('\n').slice(1)
    expect(failed.map((line) => line.split('\t').slice(0, 2))).toEqual([['row-19', 'refused']])
    expect(await project.read('out/own.txt')).toBe(GOOD.map((key) => `${key}\n`).join(''))
    const parquet = await duckdb(`SELECT key, status FROM '${project.path('out/all.parquet')}'`)
    expect(parquet).toEqual(rows.map(({ key, status }) => ({ key, status })))
  })

  it('and in every table', async () => {
    const path = project.path('out/rows.db')
    expect(sqliteRows(path, 'answers').map(({ key }) => key)).toEqual([...GOOD].sort())
    expect(sqliteRows(path, 'failures').map(({ key }) => key)).toEqual(['row-19'])
    if (postgres === undefined) return
    const rows = await postgresRows(postgres.url, 'llm.answers')
    expect(rows.map(({ key }) => key)).toEqual([...ALL].sort())
    expect(rows.filter(({ status }) => status !== 'succeeded').map(({ key }) => key)).toEqual(['row-19'])
  })

  it('sends only the batches that changed, as later attempts', () => {
    const again = receiver.requests.slice(postsBefore).map(({ body }) => [body.part, body.attempt])
    expect(again.sort()).toEqual([
      [1, 2],
      [4, 2],
    ])
    const printed = retried.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).key)
    expect(printed.sort()).toEqual([...ALL.slice(4, 8), ...ALL.slice(16, 20)].sort())
  })
})
