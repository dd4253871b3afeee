import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Json, Notice, Sink, SinkContext, SourceDefinition } from '../src/index.ts'
import {
  exportRun,
  loadJob,
  planRun,
  resumeRun,
  sinkContract,
  sourceContract,
  startEmulator,
  startRun,
  UserError,
} from './support/built.ts'
import { createProject, type Project } from './support/cli.ts'

const REPO = join(import.meta.dirname, '..')

/** A team's own source and sink in TypeScript, as they would write them, checked as strictly as can be. */
const OWN = `import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { defineSink, defineSource, type Outcome } from 'batchwright'

interface Ticket {
  readonly id: string
  readonly text: string
}

export const tickets = defineSource<Ticket>(async function* ({ signal }) {
  for (let id = 1; id <= 5; id++) {
    signal.throwIfAborted()
    yield { id: \`t\${id}\`, text: \`Ticket \${id} is open.\` }
  }
})

/** One text file: a line for each row, shown when all are there. */
export default defineSink<{ path: string }>({
  about: 'A line for each row.',
  delivery: 'whole',
  options: { type: 'object', required: ['path'], properties: { path: { type: 'string', description: 'The file.' } } },
  async open({ path }, { root }) {
    const lines: string[] = []
    const parts = new Set<string>()
    return {
      location: path,
      async openPart({ index, attempt }) {
        const own: string[] = []
        const name = \`\${index}.\${attempt}\`
        return {
          write: (outcome: Outcome) => {
            own.push(JSON.stringify([outcome.key, outcome.output]))
          },
          commit: async () => {
            if (!parts.has(name)) lines.push(...own)
            parts.add(name)
          },
          abort: async () => undefined,
        }
      },
      async finish() {
        await writeFile(join(root, path + '.draft'), lines.map((line) => line + '\\n').join(''))
        await rename(join(root, path + '.draft'), join(root, path))
      },
      abort: async () => undefined,
    }
  },
})

export const readBack = async (file: string) =>
  (await readFile(file, 'utf8')).split('\\n').filter((line) => line !== '').map((line) => JSON.parse(line))

// @ts-expect-error: the options are typed
defineSink<{ path: string }>({ open: async ({ paths }) => { throw paths } })
// @ts-expect-error: rows are objects
defineSource(['a', 'b'])
`

const TSCONFIG = {
  compilerOptions: {
    target: 'es2023',
    lib: ['es2023'],
    module: 'nodenext',
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    // As where the package is installed: nothing of this repository's own node_modules is in reach.
    preserveSymlinks: true,
    skipLibCheck: false,
    types: ['node'],
    rootDir: 'own',
    outDir: 'built',
  },
  include: ['own'],
}

const JOB = `model: claude-haiku-5-5
dataset: { type: module, module: built/team.js, export: tickets, key: "{{id}}" }
prompt: "Repeat: {{text}}"
sinks: [{ type: module, module: built/team.js, options: { path: lines.txt } }]
`

let project: Project
let own: { default: Sink; tickets: SourceDefinition; readBack(file: string): Promise<Json[]> }

beforeAll(async () => {
  project = await createProject()
  await project.write('package.json', '{ "type": "module" }')
  await project.write('own/team.ts', OWN)
  await project.write('tsconfig.json', JSON.stringify(TSCONFIG))
  await project.write('jobs/own.yaml', JOB)
  await mkdir(project.path('node_modules/@types'), { recursive: true })
  await symlink(REPO, project.path('node_modules/batchwright'))
  await symlink(join(REPO, 'node_modules/@types/node'), project.path('node_modules/@types/node'))
  await symlink(join(REPO, 'node_modules/undici-types'), project.path('node_modules/undici-types'))
  const compiler = join(REPO, 'node_modules/typescript/bin/tsc')
  const compiled = spawnSync(process.execPath, [compiler, '-p', '.'], { cwd: project.folder, encoding: 'utf8' })
  expect(compiled.stdout + compiled.stderr).toBe('')
  own = await import(pathToFileURL(project.path('built/team.js')).href)
})
afterAll(() => project.remove())

describe('a source and a sink of a team’s own', () => {
  it('run in a job, after they were compiled against the package’s types', async () => {
    const { code, stderr } = await project.run(['run', 'jobs/own.yaml', '--local'])
    expect(code, stderr).toBe(0)
    const lines = await own.readBack(project.path('lines.txt'))
    expect(lines).toEqual([1, 2, 3, 4, 5].map((id) => [`t${id}`, expect.stringContaining(`Ticket ${id} is open.`)]))
  })

  it('keep the contract of sinks', async () => {
    const cases = sinkContract({
      sink: own.default,
      expect: ({ key, output }) => [key, output],
      async place() {
        const root = await mkdtemp(project.path('place-'))
        const read = () => own.readBack(join(root, 'lines.txt')).catch(() => [])
        return { options: { path: 'lines.txt' }, context: contextIn(root), read, list: () => readdir(root) }
      },
    })
    expect(cases.length).toBeGreaterThan(20)
    for (const { name, run } of cases) {
      const failure = await run().then(
        () => undefined,
        (error: unknown) => error,
      )
      expect(failure, name).toBeUndefined()
    }
  })

  it('keep the contract of sources', async () => {
    const place = async () => ({ root: project.folder, options: {} })
    for (const { run } of sourceContract({ source: own.tickets, place })) await run()
    const forgetful = function* () {
      yield* [{ id: Math.random() }, { id: 2 }, { id: 3 }]
    }
    const [first] = sourceContract({ source: forgetful, place })
    await expect(first?.run()).rejects.toThrow()
  })
})

describe('a program', () => {
  it('loads a job, or is told everything that is wrong with it', async () => {
    const job = await loadJob('jobs/own.yaml', { cwd: project.folder, set: ['batch.max_requests=2'] })
    expect(job).toMatchObject({ name: 'own', batch: { maxRequests: 2 } })
    await project.write('jobs/wrong.yaml', 'model: m\ndatasets: a.csv\nprompt: "{{"\n')
    const error = await loadJob('jobs/wrong.yaml', { cwd: project.folder }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(UserError)
    expect((error as InstanceType<typeof UserError>).problems.length).toBeGreaterThan(1)
  })

  it('plans, runs, resumes and exports', async () => {
    const here = { cwd: project.folder, local: true }
    const plan = await planRun('jobs/own.yaml', { ...here, limit: 4, set: ['batch.max_requests=3'] })
    expect(plan).toMatchObject({ rows: 4, requests: 4, rejected: [], batches: [{ requests: 3 }, { requests: 1 }] })
    const notices: Notice[] = []
    const detached = await startRun('jobs/own.yaml', {
      ...here,
      isNew: true,
      detach: true,
      onNotice: (notice) => notices.push(notice),
    })
    expect(detached).toMatchObject({ exitCode: 0, summary: { status: 'detached' } })
    expect(notices.map(({ type }) => type)).toContain('submitted')
    const end = await resumeRun('own', here)
    expect(end).toMatchObject({ exitCode: 0, message: undefined, summary: { status: 'completed' } })
    const report = await exportRun(end.summary.run_id, 'again.jsonl', here)
    expect(report).toEqual({ type: 'jsonl', path: 'again.jsonl', rows: 5 })
    expect(await project.lines('again.jsonl')).toHaveLength(5)
    // What is stored are the contents of requests: a project that nobody prepared must not commit them.
    expect(await project.read('.batchwright/.gitignore')).toBe('*\n')
    await expect(resumeRun('own', { cwd: project.folder, root: project.path('own') })).rejects.toThrow(/no run/)
  })

  it('is told of a key that cannot be one, before a run begins to wait for its provider', async () => {
    const env = { ANTHROPIC_BASE_URL: 'http://127.0.0.1:9', ANTHROPIC_API_KEY: 'sk-ant-…' }
    await expect(startRun('jobs/own.yaml', { cwd: project.folder, env })).rejects.toThrow(/a character that no key has/)
  })

  it('starts an emulator of its own, and gives a stopped run more money', async () => {
    const emulator = await startEmulator({ stateDir: project.path('emulated'), answers: 'echo', batchSeconds: 0.1 })
    try {
      const env = { ANTHROPIC_BASE_URL: emulator.url, ANTHROPIC_API_KEY: 'sk-test' }
      const here = { cwd: project.folder, env }
      const { exitCode, summary } = await startRun('jobs/own.yaml', here)
      expect([exitCode, summary.requests.succeeded]).toEqual([0, 5])
      const { estimate } = await planRun('jobs/own.yaml', here)
      const set = ['batch.max_requests=1', 'batch.max_in_flight=1', `budget.max_usd=${(estimate.usdMax ?? 0) / 10}`]
      const stopped = await startRun('jobs/own.yaml', { ...here, set })
      expect([stopped.exitCode, stopped.message]).toEqual([4, expect.stringContaining('budget.max_usd')])
      const end = await resumeRun(stopped.summary.run_id, { ...here, maxUsd: 1 })
      expect([end.exitCode, end.summary.requests.succeeded]).toEqual([0, 5])
    } finally {
      await emulator.close()
    }
  })
})

function contextIn(root: string): SinkContext {
  return {
    run: 'own-20261122-071500-x7k2',
    jobName: 'own',
    root,
    env: {},
    renderText: (text) => text,
    signal: new AbortController().signal,
  }
}
