import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { rowsHere } from '../../src/app/rows-here.ts'
import { openRows } from '../../src/app/rows-thread.ts'
import { UserError } from '../../src/core/errors.ts'
import type { DatasetSpec, Job } from '../../src/core/job.ts'
import type { PlannedRow } from '../../src/plan/rows.ts'
import { fileSources } from '../../src/source/file-sources.ts'
import type { Source } from '../../src/source/source.ts'

/** How threads are made: as they are, not at all, or such that they end before they have said anything. */
const threads = vi.hoisted(() => ({ made: 0, kind: 'real' as 'real' | 'none' | 'dead' }))
vi.mock('node:worker_threads', async (importActual) => {
  const actual = await importActual<typeof import('node:worker_threads')>()
  return {
    ...actual,
    Worker: class extends actual.Worker {
      constructor(file: string | URL, options: import('node:worker_threads').WorkerOptions) {
        threads.made += 1
        if (threads.kind === 'none') throw new Error('no thread can be made')
        super(threads.kind === 'dead' ? new URL('data:text/javascript,process.exit(1)') : file, options)
      }
    },
  }
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
  await writeFile(join(root, 'rows.csv'), `id,note\n${rows.map(({ id }) => `${id},"a ""${id}"" é"`).join('\n')}\n`)
  // A line that is no JSON, far behind the first block.
  await writeFile(join(root, 'broken.jsonl'), [...lines.slice(0, 2500), '{"id": 1,}', ...lines.slice(2500)].join('\n'))
})
afterAll(() => rm(root, { recursive: true, force: true }))
beforeEach(() => {
  threads.made = 0
  threads.kind = 'real'
})

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
      expect(threads.made).toBe(1)
    },
  )

  it('end when nobody wants more of them, and when all is interrupted', async () => {
    const job = jobOf({ path: 'rows.jsonl' })
    const interrupted = new AbortController()
    const rows = await openRows({ job, root }, sourceOf(job), interrupted.signal, 1)
    const blocks = rows.blocks[Symbol.asyncIterator]()
    expect((await blocks.next()).done).toBe(false)
    const further = (async () => {
      while ((await blocks.next()).done !== true) interrupted.abort(new Error('Ctrl-C'))
    })()
    await expect(further).rejects.toThrow('Ctrl-C')
    await rows.close()
    await rows.close()
  })
})
