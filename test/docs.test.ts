// The pages about components are those that their declarations make, and every example on them runs.

import { spawnSync } from 'node:child_process'
import { cp, mkdir, readdir, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { catalog } from '../src/catalog.ts'
import { duckdb } from './sink/duckdb.ts'
import { filesBelow, postgresRows, type Receiver, sqliteRows, startReceiver } from './support/all-sinks.ts'
import { createProject, type Project } from './support/cli.ts'
import { startPostgres, type TestServer, whyNoPostgres } from './support/servers.ts'

const REPO = join(import.meta.dirname, '..')
const EXAMPLES = join(REPO, 'docs/examples')

describe('the pages about sinks and sources', () => {
  it('are what scripts/docs.mjs makes of the components', () => {
    const { status, stderr } = spawnSync(process.execPath, [join(REPO, 'scripts/docs.mjs'), '--check'], {
      encoding: 'utf8',
    })
    expect(stderr).toBe('')
    expect(status).toBe(0)
  })

  it('have an example for every component, and no other', async () => {
    expect((await readdir(join(EXAMPLES, 'sinks'))).sort()).toEqual(
      catalog.sinks.map(({ type }) => `to-${type}.yaml`).sort(),
    )
    expect((await readdir(join(EXAMPLES, 'sources'))).sort()).toEqual(
      catalog.sources.map(({ type }) => `from-${type}.yaml`).sort(),
    )
    for (const { type } of [...catalog.sinks, ...catalog.sources]) {
      const page = await readFile(
        join(REPO, 'docs', catalog.sinks.some((sink) => sink.type === type) ? 'sinks.md' : 'sources.md'),
        'utf8',
      )
      expect(page).toContain(`\n## ${type}\n`)
    }
  })
})

/** Three copies of the project side by side: a local batch takes its half second whatever the machine. */
describe('the examples of the pages', () => {
  const sources = catalog.sources.map(({ type }) => type).filter((type) => type !== 'results')
  const sinks = catalog.sinks.map(({ type }) => type)
  let postgres: TestServer | undefined
  let receiver: Receiver
  let delivered: { project: Project; stdout: string }
  let projects: readonly Project[] = []

  beforeAll(async () => {
    receiver = await startReceiver()
    postgres = whyNoPostgres() === undefined ? await startPostgres() : undefined
    const sinkJobs = sinks
      .filter((type) => type !== 'postgres' || postgres !== undefined)
      .map((type) => `sinks/to-${type}.yaml`)
    const sourceJobs = sources.map((type) => `sources/from-${type}.yaml`)
    const half = Math.ceil(sourceJobs.length / 2)
    const ran = await Promise.all([
      runIn(['sources/from-results.yaml', ...sinkJobs]),
      runIn(sourceJobs.slice(0, half)),
      runIn(sourceJobs.slice(half)),
    ])
    delivered = ran[0]
    projects = ran.map(({ project }) => project)
  })
  afterAll(async () => {
    await postgres?.stop()
    await receiver.stop()
    await Promise.all(projects.map((project) => project.remove()))
  })

  async function runIn(jobs: readonly string[]): Promise<{ project: Project; stdout: string }> {
    const project = await createProject()
    await cp(EXAMPLES, project.folder, {
      recursive: true,
      // What somebody's own run of an example left behind stays there.
      filter: (path) => !/^\/out(\/|$)|^\/\.batchwright\/(?!README)/.test(path.slice(EXAMPLES.length)),
    })
    await mkdir(project.path('node_modules'))
    await symlink(REPO, project.path('node_modules/batchwright'))
    const env = {
      ANSWERS_WEBHOOK_URL: `${receiver.url}/answers`,
      ANSWERS_WEBHOOK_AUTHORIZATION: 'Bearer example',
      RESULTS_DATABASE_URL: postgres?.url ?? '',
    }
    // The sinks' jobs ask the same questions: they are asked once.
    const { code, stdout, stderr } = await project.run(['run', ...jobs, '--local', '--set', 'reuse=true'], { env })
    expect(code, stderr).toBe(0)
    return { project, stdout }
  }

  it('of every source give rows', async () => {
    const found = new Map<string, string>()
    for (const project of projects) {
      for (const [path, bytes] of await filesBelow(project, 'out'))
        if (path.startsWith('out/from-')) found.set(path, String(bytes))
    }
    const rowsOf = (type: string): { key: string; status: string }[] =>
      (found.get(`out/from-${type}.jsonl`) ?? '')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line))
    const keys = Object.fromEntries([...sources, 'results'].map((type) => [type, rowsOf(type).map(({ key }) => key)]))
    expect(keys).toMatchObject({
      rows: ['Paris', 'Rome'],
      csv: ['r2', 'r3'],
      tsv: ['r1', 'r3'],
      jsonl: ['r1', 'r3'],
      json: ['r1', 'r3'],
      parquet: ['r1', 'r2', 'r3', 'r4'],
      files: ['kettle', 'lamp'],
      sql: ['r2', 'r3'],
      module: ['p1-1', 'p1-2', 'p2-1', 'p2-2'],
    })
    expect(keys.results?.length).toBeGreaterThan(0)
  })

  it('of every sink leave what they say', async () => {
    const { project, stdout } = delivered
    const names = [...(await filesBelow(project, 'out')).keys()]
    expect(names).toEqual(
      expect.arrayContaining([
        'out/pages/Desk lamp/r3.md',
        'out/pages/Kettle/r1.md',
        'out/reviews.failed.jsonl',
        'out/reviews.json.gz',
        'out/reviews.jsonl',
        'out/reviews.tsv',
        'out/tally.json',
        'out/to-csv-reviews.csv',
      ]),
    )
    expect(await project.lines('out/reviews.jsonl')).toHaveLength(4)
    expect(await duckdb(`SELECT id FROM '${project.path('out/reviews.parquet')}'`)).toHaveLength(4)
    expect(sqliteRows(project.path('out/reviews.db'), 'answers')).toHaveLength(4)
    expect(
      Object.values(JSON.parse(await project.read('out/tally.json')) as Record<string, number>).reduce((a, b) => a + b),
    ).toBe(4)
    expect(receiver.requests.map(({ body }) => (body.outcomes as unknown[]).length)).toEqual([4])
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).id),
    ).toEqual(['r1', 'r2', 'r3', 'r4'])
    if (postgres !== undefined) expect(await postgresRows(postgres.url, 'llm.reviews')).toHaveLength(4)
  })
})
