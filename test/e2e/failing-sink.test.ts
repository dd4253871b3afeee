// Sinks that cannot be written when their turn comes: the others are served, the run says which and why, resume goes on.

import { spawnSync } from 'node:child_process'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSqlite } from '../../src/disk/sqlite.ts'
import { type Receiver, sqliteRows, startReceiver } from '../support/all-sinks.ts'
import {
  type CliResult,
  createProject,
  type Project,
  type RunningEmulator,
  startEmulatorProcess,
} from '../support/cli.ts'

const ROWS = 60

const JOB = `model: claude-haiku-5-5
dataset: { type: jsonl, path: rows.jsonl, key: "row-{{n}}" }
prompt: "Row {{n}}: {{text}}"
sinks:
  - out/first.jsonl
  - { type: csv, path: out/gone/rows.csv, columns: { key: key } }
  - { type: sqlite, path: out/rows.db, table: shaped, columns: { answer: text } }
  - { type: webhook, url_env: RECEIVER, retry_for: 0 }
  - { type: jsonl, path: small/rows.jsonl }
  - { type: files, path: "small/pages/{{key}}.md" }
  - { type: sqlite, path: out/rows.db, table: good }
  - out/last.parquet
batch: { max_requests: 20 }
`

describe('sinks that fail', () => {
  let project: Project
  let emulator: RunningEmulator
  let receiver: Receiver
  let canMount: boolean
  let failed: CliResult
  let env: Readonly<Record<string, string>>

  beforeAll(async () => {
    project = await createProject()
    receiver = await startReceiver()
    emulator = await startEmulatorProcess(project, ['--batch-seconds', '1'])
    env = { ...emulator.env, RECEIVER: `${receiver.url}/hook?token=hunter2` }
    await project.write('job.yaml', JOB)
    const text = 'x'.repeat(2000)
    const rows = Array.from({ length: ROWS }, (_, n) => `${JSON.stringify({ n, text })}\n`)
    await project.write('rows.jsonl', rows.join(''))
    const detached = await project.run(['run', 'job.yaml', '--detach'], { env })
    expect(detached.code, detached.stderr).toBe(0)
    // Everything was fine when it was checked; now it is not.
    await project.write('out/gone', 'a file where a folder was to be')
    const database = openSqlite(project.path('out/rows.db'))
    database.exec('CREATE TABLE shaped (run TEXT, key TEXT, other INTEGER)')
    database.close()
    receiver.answer(500)
    await mkdir(project.path('small'), { recursive: true })
    canMount = mount(project.path('small'))
    failed = await project.run(['resume'], { env })
  })
  afterAll(async () => {
    if (canMount) spawnSync('umount', [project.path('small')])
    await emulator.stop()
    await receiver.stop()
    await project.remove()
  })

  it('stop neither the run nor the other sinks', async () => {
    expect(failed.code, failed.stderr).toBe(1)
    expect(await project.lines('out/first.jsonl')).toHaveLength(ROWS)
    expect(sqliteRows(project.path('out/rows.db'), 'good')).toHaveLength(ROWS)
    expect(await readdir(project.path('out'))).toContain('last.parquet')
    const { stdout } = await project.run(['status', '--json'])
    const summary = JSON.parse(stdout)
    expect(summary).toMatchObject({ status: 'interrupted', requests: { succeeded: ROWS, pending: 0 } })
    const served = ['out/first.jsonl', ...(canMount ? [] : ['small/rows.jsonl', 'small/pages/{{key}}.md'])]
    expect(summary.outputs.map(({ path }: { path: string }) => path)).toEqual([
      ...served,
      'out/rows.db',
      'out/last.parquet',
    ])
  })

  it('are named with their places and the causes, in one message that says how to go on', () => {
    const lines = failed.stderr.split('\n')
    const lineOf = (name: string): string => lines.findLast((line) => line.startsWith(`  ${name}: `)) ?? ''
    expect(lineOf('sink 2 (csv out/gone/rows.csv)')).toMatch(/EEXIST|ENOTDIR/)
    expect(lineOf('sink 3 (sqlite out/rows.db)')).toContain('The table "shaped" has no columns "batch", "answer".')
    expect(lineOf('sink 4 (webhook)')).toMatch(/http:\/\/127\.0\.0\.1:\d+\/hook did not take the outcomes.*500/)
    if (canMount) {
      expect(lineOf('sink 5 (jsonl small/rows.jsonl)')).toContain('ENOSPC')
      expect(lineOf('sink 6 (files small/pages/{{key}}.md)')).toContain('ENOSPC')
    }
    expect(failed.stderr).toContain('Every answer is landed and safe')
    expect(failed.stderr).toMatch(/Go on with: batchwright resume job-/)
    expect(failed.stderr).not.toContain('hunter2')
  })

  it('leave no trace', async () => {
    if (canMount) expect(await readdir(project.path('small'), { recursive: true })).toEqual(['pages'])
    expect(sqliteRows(project.path('out/rows.db'), 'shaped')).toEqual([])
    expect((await readdir(project.path('out'))).filter((name) => name.startsWith('.'))).toEqual([])
  })

  it('are left in peace until the end once they failed', () => {
    expect(failed.stderr.match(/sink 4 \(webhook\): .* tried again at its end/g)).toHaveLength(1)
    expect(failed.stderr.match(/sink 3 \(sqlite .* tried again at its end/g)).toHaveLength(1)
  })

  it('are served by resume when the cause is mended; only then the run is completed', async () => {
    const still = await project.run(['resume'], { env })
    expect(still.code, still.stderr).toBe(1)
    await rm(project.path('out/gone'))
    const database = openSqlite(project.path('out/rows.db'))
    database.exec('DROP TABLE shaped')
    database.close()
    receiver.answer(204)
    if (canMount) expect(spawnSync('mount', ['-o', 'remount,size=64m', project.path('small')]).status).toBe(0)
    const before = await emulator.stats()
    const resumed = await project.run(['resume', '--json'], { env })
    expect(resumed.code, resumed.stderr).toBe(0)
    const { status, outputs } = JSON.parse(resumed.stdout)
    expect(status).toBe('completed')
    expect(outputs.map(({ rows }: { rows: number }) => rows)).toEqual(Array(8).fill(ROWS))
    expect(await project.read('out/gone/rows.csv')).toMatch(/^key\r?\n(row-\d+\r?\n){60}$/)
    expect(sqliteRows(project.path('out/rows.db'), 'shaped')).toHaveLength(ROWS)
    expect(await project.lines('small/rows.jsonl')).toEqual(await project.lines('out/first.jsonl'))
    expect((await readdir(project.path('small/pages'))).length).toBe(ROWS)
    expect(receiver.requests.flatMap(({ body }) => body.outcomes)).toHaveLength(ROWS)
    const { calls } = await emulator.stats()
    expect([calls.create, calls.results]).toEqual([before.calls.create, before.calls.results])
  })
})

/** A disk that is full at once. False where nothing may be mounted: then the folder is an ordinary one. */
function mount(folder: string): boolean {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]).status === 0
}
