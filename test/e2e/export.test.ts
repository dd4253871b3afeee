import { readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { duckdb } from '../sink/duckdb.ts'
import { filesBelow, postgresRows, type Receiver, sqliteRows, startReceiver } from '../support/all-sinks.ts'
import {
  type CliResult,
  createProject,
  type Project,
  type RunningEmulator,
  startEmulatorProcess,
} from '../support/cli.ts'
import { startPostgres, type TestServer, whyNoPostgres } from '../support/servers.ts'

const ROWS = 30
const PER_BATCH = 10
const ALL = Array.from({ length: ROWS }, (_, n) => `row-${n}`)
const noPostgres = whyNoPostgres()

const JOB = `model: claude-haiku-5-5
dataset: { type: jsonl, path: rows.jsonl, key: "row-{{n}}" }
prompt: "Row {{n}}: {{text}}"
sinks: [out/rows.jsonl, { type: sqlite, path: out/rows.db }]
batch: { max_requests: ${PER_BATCH}, max_in_flight: 1 }
retry: { max_attempts: 3 }
`

/**
 * One run in a process of its own. Its first batch comes back with a row to be asked again (row-3) and a refused one
 * (row-5); from then on the API refuses everything, so that the run goes on for as long as the tests look at it.
 */
describe('export', () => {
  let project: Project
  let emulator: RunningEmulator
  let receiver: Receiver
  let postgres: TestServer | undefined
  let ending: Promise<{ code: number | null; stderr: string }>

  beforeAll(async () => {
    postgres = noPostgres === undefined ? await startPostgres() : undefined
    receiver = await startReceiver()
    project = await createProject()
    emulator = await startEmulatorProcess(project)
    await project.write('job.yaml', JOB)
    const rows = Array.from({ length: ROWS }, (_, n) => `${JSON.stringify({ n, text: `Text ${n}.` })}\n`)
    await project.write('rows.jsonl', rows.join(''))
    await emulator.faults([
      { on: 'create', nth: Array.from({ length: 1000 }, (_, at) => at + 2), do: { status: 529 } },
      { on: 'request', match: 'Row 3:', attempts: 1, do: { error: 'overloaded_error' } },
      { on: 'request', match: 'Row 5:', do: { refusal: true } },
    ])
    const child = project.start(['run', 'job.yaml'], { env: emulator.env })
    let stderr = ''
    ending = new Promise((resolve) => child.on('close', (code) => resolve({ code, stderr })))
    await new Promise<void>((resolve, reject) => {
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        stderr += text
        if (stderr.includes('collected:')) resolve()
      })
      child.on('close', () => reject(new Error(stderr)))
    })
  })
  afterAll(async () => {
    await emulator.stop()
    await receiver.stop()
    await postgres?.stop()
    await project.remove()
  })

  /** Without a key and without an address: whatever it needed from the provider it could not have. */
  async function exported(target: string, ...args: string[]): Promise<CliResult> {
    const result = await project.run(['export', '--to', target, ...args])
    expect(result.code, result.stderr).toBe(0)
    return result
  }

  const SO_FAR = ALL.slice(0, PER_BATCH).filter((key) => key !== 'row-3' && key !== 'row-5')

  it('writes what is settled so far, while another process works on the run', async () => {
    const { calls } = await emulator.stats()
    const { stderr } = await exported('half/rows.jsonl')
    expect(stderr).toMatch(/^8 rows of job-\S+ written to half\/rows\.jsonl; 1 did not succeed .*; 21 pending\.\n$/)
    expect((await project.lines('half/rows.jsonl')).map(({ key }) => key)).toEqual(SO_FAR)
    await exported('half/rows.csv', '--select', 'failed')
    expect(keysOf(parse(await project.read('half/rows.csv'), { columns: true }))).toEqual(['row-5'])
    await exported('half/rows.db#looked')
    expect(keysOf(sqliteRows(project.path('half/rows.db'), 'looked'))).toEqual([...SO_FAR].sort())
    if (postgres !== undefined) {
      await exported(`${postgres.url}#looked`, '--select', 'all')
      expect(keysOf(await postgresRows(postgres.url, 'looked'))).toEqual([...SO_FAR, 'row-5'].sort())
    }
    const { stdout } = await project.run(['status', '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ status: 'running', requests: { pending: 21 } })
    const after = (await emulator.stats()).calls
    expect([after.results, after.messages]).toEqual([calls.results, calls.messages])
  })

  it('even into the table that the run delivers to, which has every row once in the end', async () => {
    await exported('out/rows.db', '--select', 'all')
    expect(keysOf(sqliteRows(project.path('out/rows.db'), 'outcomes'))).toEqual([...SO_FAR, 'row-5'].sort())
    await emulator.faults([{ on: 'request', match: 'Row 5:', do: { refusal: true } }])
    const { code, stderr } = await ending
    expect(code, stderr).toBe(3)
    const good = ALL.filter((key) => key !== 'row-5')
    expect(keysOf(sqliteRows(project.path('out/rows.db'), 'outcomes'))).toEqual([...good].sort())
    expect((await project.lines('out/rows.jsonl')).map(({ key }) => key)).toEqual(good)
  })

  it('replaces what an export of the unfinished run wrote', async () => {
    const { stderr } = await exported('half/rows.jsonl')
    expect(stderr).toMatch(/^29 rows of job-\S+ written to half\/rows\.jsonl; 1 did not succeed [^;]*\.\n$/)
    expect(await project.read('half/rows.jsonl')).toBe(await project.read('out/rows.jsonl'))
    await exported('half/rows.db#looked', '--select', 'all')
    expect(keysOf(sqliteRows(project.path('half/rows.db'), 'looked'))).toEqual([...ALL].sort())
    await exported('half/rows.db#looked', '--select', 'failed')
    expect(keysOf(sqliteRows(project.path('half/rows.db'), 'looked'))).toEqual(['row-5'])
    if (postgres === undefined) return
    await exported(`${postgres.url}#looked`, '--select', 'all')
    expect(keysOf(await postgresRows(postgres.url, 'looked'))).toEqual([...ALL].sort())
  })

  it('writes a finished run to every kind of target, and asks the API nothing', async () => {
    const { calls } = await emulator.stats()
    const good = await project.lines('out/rows.jsonl')
    const keys = good.map(({ key }) => key)
    const files = ['to/rows.jsonl.gz', 'to/rows.tsv', 'to/rows.json', 'to/pages/{{key}}.md', `${receiver.url}/export`]
    const [printed] = await Promise.all([
      exported('-', '--select', 'all'),
      exported('to/rows.parquet', '--select', 'all'),
      ...files.map((target) => exported(target)),
    ])
    expect(gunzipSync(await readFile(project.path('to/rows.jsonl.gz'))).toString()).toBe(
      await project.read('out/rows.jsonl'),
    )
    expect(keysOf(parse(await project.read('to/rows.tsv'), { columns: true, delimiter: '\t' }), false)).toEqual(keys)
    expect(JSON.parse(await project.read('to/rows.json'))).toEqual(good)
    expect(keysOf(await duckdb(`FROM '${project.path('to/rows.parquet')}'`), false)).toEqual(ALL)
    const pages = [...(await filesBelow(project, 'to/pages')).values()].map(String)
    expect(pages.sort()).toEqual(good.map(({ text }) => text).sort())
    expect(receiver.requests.flatMap(({ body }) => body.outcomes)).toEqual(good)
    const lines = printed.stdout.trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line).key)).toEqual(ALL)
    expect((await emulator.stats()).calls).toEqual(calls)
  })

  it('takes a path as it is meant where a person stands', async () => {
    await project.write('deep/down/note.txt', '')
    const child = await project.run(['export', '--to', 'here.csv'], { cwd: project.path('deep/down') })
    expect(child.code, child.stderr).toBe(0)
    expect(await project.read('deep/down/here.csv')).toContain('row-0')
  })

  it('says what is wrong with a target, and writes nothing', async () => {
    const { code, stderr } = await project.run(['export', '--to', 'out/page.md'])
    expect(code).toBe(2)
    expect(stderr).toContain('is the same for every row')
  })

  it('says what failed, and where', async () => {
    receiver.answer(400)
    const { code, stderr } = await project.run(['export', '--to', `${receiver.url}/export`])
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /^Error: webhook: The webhook http:\/\/127\.0\.0\.1:\d+\/export did not take the outcomes: it answered 400/,
    )
  })
})

function keysOf(rows: readonly unknown[], sorted = true): string[] {
  const keys = (rows as { key: string }[]).map(({ key }) => key)
  return sorted ? keys.sort() : keys
}
