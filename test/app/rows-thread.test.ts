import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { rowsHere } from '../../src/app/rows-here.ts'
import { openRows } from '../../src/app/rows-thread.ts'
import { InvariantError, UserError } from '../../src/core/errors.ts'
import type { DatasetSpec, Job } from '../../src/core/job.ts'
import type { PlannedRow } from '../../src/plan/rows.ts'
import { fileSources } from '../../src/source/file-sources.ts'
import type { Source } from '../../src/source/source.ts'
import { threads } from '../support/threads.ts'

/** What threads do instead of reading. */
const INSTEAD = {
  /** Ends before it has said anything. */
  dead: 'process.exit(1)',
  /** Says nothing, and lives. */
  mute: 'setInterval(() => undefined, 1000)',
  /** Fails in a way of the system's. */
  failing: `import { parentPort } from 'node:worker_threads'
    const cause = { message: 'the disk is gone', code: 'EIO' }
    parentPort.postMessage({ type: 'failed', message: 'cannot be read', stack: 'the stack', code: 'EIO', isFault: false, cause })`,
  /** Breaks a promise of ours. */
  broken: `import { parentPort } from 'node:worker_threads'
    parentPort.postMessage({ type: 'failed', message: 'a broken promise', stack: 'the stack', isFault: true })`,
} as const

vi.mock('node:worker_threads', async (importActual) => {
  const { watched } = await import('../support/threads.ts')
  return watched(await importActual())
})

const ROWS = 3000
let root: string

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'batchwright-rows-'))
  const rows = Array.from({ length: ROWS }, (_, id) => ({
    id,
    note: `“${id}” Züge\n, and "so" on`,
    more: 'x'.repeat(300),
  }))
  const lines = rows.map((row) => JSON.stringify(row))
  await writeFile(join(root, 'rows.jsonl'), lines.join('\n'))
  await writeFile(join(root, 'packed.jsonl.gz'), gzipSync(lines.join('\n')))
  await writeFile(join(root, 'rows.json'), JSON.stringify(rows))
  await writeFile(join(root, 'rows.tsv'), `id\tnote\n${rows.map(({ id }) => `${id}\tfür ${id}`).join('\n')}\n`)
  const notes = rows.map(({ id, note }) => (id % 7 === 0 ? null : note))
  const columns = [
    { name: 'id', data: rows.map(({ id }) => id), type: 'INT32' as const },
    { name: 'note', data: notes, type: 'STRING' as const },
  ]
  await writeFile(join(root, 'rows.parquet'), new Uint8Array(parquetWriteBuffer({ columnData: columns })))
  await writeFile(join(root, 'rows.csv'), `id,note\n${rows.map(({ id }) => `${id},"a ""${id}"" é"`).join('\n')}\n`)
  // A line that is no JSON, far behind the first block.
  await writeFile(join(root, 'broken.jsonl'), [...lines.slice(0, 2500), '{"id": 1,}', ...lines.slice(2500)].join('\n'))
})
afterAll(() => rm(root, { recursive: true, force: true }))
beforeEach(() => threads.reset())

function jobOf(dataset: Partial<DatasetSpec> & { readonly path: string }): Job {
  const { path, ...given } = dataset
  const type = /\.([a-z]+)(\.gz)?$/.exec(path)?.[1] ?? ''
  return {
    file: 'job.yaml',
    name: 'job',
    vars: {},
    partials: [],
    dataset: { type, options: { path }, ...given },
  } as unknown as Job
}

const sourceOf = ({ dataset }: Job): Source => fileSources.find(({ type }) => type === dataset.type) as Source
const idle = new AbortController().signal

async function toldBy(blocks: AsyncIterable<Iterable<PlannedRow>>): Promise<{ rows: object[]; error?: unknown }> {
  const rows: object[] = []
  try {
    for await (const block of blocks) {
      for (const { ordinal, key, fields, place, text } of block) {
        const json = text.bytes.toString('utf8', text.start, text.end)
        rows.push({ ordinal, key, fields, place, json, texts: text.names.names.map((_, field) => text.textOf(field)) })
      }
    }
    return { rows }
  } catch (error) {
    return { rows, error: error instanceof UserError ? error.problems : error }
  }
}

async function byThread(job: Job, leastBytes = 1): Promise<{ rows: object[]; error?: unknown }> {
  const rows = await openRows({ job, root }, sourceOf(job), idle, leastBytes)
  try {
    return await toldBy(rows.blocks)
  } finally {
    await rows.close()
  }
}

const text = (given: string): { text: string; file: string; line: number; column: number } => ({
  text: given,
  file: 'job.yaml',
  line: 1,
  column: 1,
})

describe('rows that a thread reads', () => {
  it.each<[string, Partial<DatasetSpec> & { readonly path: string }]>([
    ['JSON Lines', { path: 'rows.jsonl' }],
    ['packed files', { path: 'packed.jsonl.gz' }],
    ['a list in JSON', { path: 'rows.json' }],
    ['CSV', { path: 'rows.csv' }],
    ['TSV', { path: 'rows.tsv' }],
    ['Parquet', { path: 'rows.parquet' }],
    ['keys', { path: 'rows.jsonl', key: text('row {{id}}: {{note}}') }],
    ['keys that have to be rendered', { path: 'rows.csv', key: text('{{#if id}}{{upper note}}-{{id}}{{/if}}') }],
    ['a condition', { path: 'rows.jsonl', where: 'id > 10 && id < 2900' }],
    ['a sample', { path: 'rows.csv', sample: { size: 500, seed: 3 } }],
    ['combinations', { path: 'rows.jsonl', matrix: { language: ['English', 'français'], tone: [1, { kind: 'x' }] } }],
    ['a line that is no JSON', { path: 'broken.jsonl' }],
    ['a file that is not there', { path: 'missing.csv' }],
    ['a mistake in the template of keys', { path: 'rows.csv', key: text('{{#if id}}') }],
    ['a field that no row has', { path: 'rows.csv', where: 'nothing > 1' }],
  ])('are those that are read without one: %s', async (what, dataset) => {
    const job = jobOf(dataset)
    const expected = await toldBy(
      (async function* () {
        yield* rowsHere({ job, root }, sourceOf(job), idle)
      })(),
    )
    expect(await byThread(job)).toEqual(expected)
    expect(threads.made, what).toBe(dataset.path === 'missing.csv' ? 0 : 1)
    expect(threads.blocks > 0, what).toBe(expected.rows.length > 0)
    expect(expected.rows.length > 0 || expected.error !== undefined).toBe(true)
  })

  it('come in order of the dataset, and before a mistake all that stand before it', async () => {
    const { rows, error } = await byThread(jobOf({ path: 'broken.jsonl' }))
    expect(rows).toHaveLength(2500)
    expect(error).toMatchObject([{ file: 'broken.jsonl', line: 2501 }])
  })

  it('are read without one where there are few', async () => {
    expect((await byThread(jobOf({ path: 'rows.jsonl' }), 50_000_000)).rows).toHaveLength(ROWS)
    expect((await byThread(jobOf({ path: 'rows.jsonl', limit: 10 }))).rows).toHaveLength(10)
    expect(threads.made).toBe(0)
  })

  it.each(['none', 'dead'] as const)(
    'are read without one where the system gives a thread that is %s',
    async (kind) => {
      threads.kind = kind
      const { rows, error } = await byThread(jobOf({ path: 'rows.jsonl' }))
      expect(error).toBeUndefined()
      expect(rows).toHaveLength(ROWS)
      expect(threads).toMatchObject({ made: 1, blocks: 0 })
    },
  )

  it('are not read anew when a thread dies after the first of them', async () => {
    const job = jobOf({ path: 'rows.jsonl' })
    const rows = await openRows({ job, root }, sourceOf(job), idle, 1)
    expect((await rows.blocks.next()).done).toBe(false)
    await threads.last?.terminate()
    const rest = toldBy(rows.blocks)
    expect((await rest).error).toBeInstanceOf(InvariantError)
    await rows.close()
  })

  it('fail with what was thrown in the thread, and why', async () => {
    threads.kind = INSTEAD.failing
    const { error } = await byThread(jobOf({ path: 'rows.jsonl' }))
    expect(error).toMatchObject({ message: 'cannot be read', stack: 'the stack', code: 'EIO', cause: { code: 'EIO' } })
    threads.kind = INSTEAD.broken
    expect((await byThread(jobOf({ path: 'rows.jsonl' }))).error).toBeInstanceOf(InvariantError)
  })

  it('end when nobody wants more of them', async () => {
    const job = jobOf({ path: 'rows.jsonl' })
    const rows = await openRows({ job, root }, sourceOf(job), idle, 1)
    expect((await rows.blocks.next()).done).toBe(false)
    expect(threads.last?.threadId).toBeGreaterThan(0)
    await rows.close()
    await rows.close()
    expect(threads.last?.threadId).toBe(-1)
  })

  it.each([
    ['real', 'real'],
    ['mute', INSTEAD.mute],
  ])('end when all is interrupted, with a thread that is %s', async (_, kind) => {
    threads.kind = kind
    const job = jobOf({ path: 'rows.jsonl' })
    const interrupted = new AbortController()
    const rows = await openRows({ job, root }, sourceOf(job), interrupted.signal, 1)
    const reading = toldBy(rows.blocks)
    interrupted.abort(new Error('Ctrl-C'))
    expect((await reading).error).toMatchObject({ message: 'Ctrl-C' })
    await rows.close()
  })
})
