/**
 * One cell of the fault matrix: a small run against the emulator over HTTP, with a real store and real files, one call
 * that goes wrong, and a life that ends around that call. The next life resumes. What is judged is what a user has at the
 * end: every row delivered once, nothing paid twice, the exit status.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from '../../src/app/connect.ts'
import { driveWith } from '../../src/app/drive.ts'
import { loadJobFile, openForJob } from '../../src/app/open.ts'
import { commitPlan, planJob } from '../../src/app/plan-run.ts'
import { latestRunOf } from '../../src/app/runs.ts'
import type { Surroundings, Workspace } from '../../src/app/workspace.ts'
import type { RunHeader } from '../../src/core/run.ts'
import { startEmulator } from '../../src/emulator/start.ts'
import type { BatchApi } from '../../src/provider/provider.ts'
import type { EmulatorStats } from '../support/cli.ts'

export const CALLS = ['create', 'retrieve', 'list', 'results'] as const
export type Call = (typeof CALLS)[number]

/** How a call goes wrong, in the emulator's words. */
export const FAULTS: Readonly<Record<string, object>> = {
  'cut before': { cut: 'before' },
  'cut after': { cut: 'after' },
  'HTTP 429': { status: 429, retry_after: 1 },
  'HTTP 500': { status: 500 },
  'HTTP 529': { status: 529 },
  'HTTP 502 in HTML': { status: 502 },
  slow: { delay_ms: 300 },
  'truncated clean': { truncate: 120 },
  'truncated broken': { cut: 'after', truncate: 120 },
}

/** When the life ends, seen from the faulty call: never, before it is made, while it is answered, after its answer. */
export const KILLS = ['none', 'before', 'during', 'after'] as const
export type Kill = (typeof KILLS)[number]

export interface CellEnd {
  readonly exitCode: number
  readonly delivered: readonly string[]
  readonly paidMoreThanOnce: readonly string[]
  readonly lives: number
}

const ROWS = 6
export const KEYS = Array.from({ length: ROWS }, (_, at) => `k${at}`)
const MAX_LIVES = 4

/** @param rules the emulator's fault list @param call the call around which the first life ends */
export async function runCell(rules: readonly object[], call: Call, kill: Kill): Promise<CellEnd> {
  const root = await mkdtemp(join(tmpdir(), 'batchwright-cell-'))
  const emulator = await startEmulator({
    port: 0,
    host: '127.0.0.1',
    stateDir: join(root, 'emulator'),
    answers: 'echo',
    batchSeconds: 0.05,
    order: 'shuffled',
    seed: 1,
  })
  try {
    await writeFile(join(root, 'package.json'), '{}')
    await writeFile(join(root, 'rows.jsonl'), KEYS.map((id) => `${JSON.stringify({ id })}\n`).join(''))
    await writeFile(join(root, 'job.yaml'), JOB)
    await put(emulator.url, rules)
    let lives = 0
    let exitCode: number | undefined
    while (exitCode === undefined && lives < MAX_LIVES) {
      lives += 1
      exitCode = await oneLife(root, emulator.url, lives, call, lives === 1 ? kill : 'none')
    }
    const stats = (await (await fetch(`${emulator.url}/_emulator/stats`)).json()) as EmulatorStats
    const text = await readFile(join(root, 'out.jsonl'), 'utf8').catch(() => '')
    const delivered = text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => (JSON.parse(line) as { key: string }).key)
    return { exitCode: exitCode ?? -1, delivered, paidMoreThanOnce: stats.paid_more_than_once, lives }
  } finally {
    await emulator.close()
    await rm(root, { recursive: true, force: true })
  }
}

const JOB = `
model: claude-haiku-5-5
dataset: { type: jsonl, path: rows.jsonl, key: "{{id}}" }
prompt: "Say {{id}}"
sinks: [{ type: jsonl, path: out.jsonl, select: all }]
batch: { max_requests: 3 }
retry: { max_attempts: 3, truncated: { grow: 2, max_tokens: 4096 } }
`

async function put(url: string, rules: readonly object[]): Promise<void> {
  const response = await fetch(`${url}/_emulator/faults`, { method: 'PUT', body: JSON.stringify(rules) })
  if (!response.ok) throw new Error(await response.text())
}

class Death extends Error {}

/** undefined: the life ended before the run did. */
async function oneLife(root: string, url: string, life: number, call: Call, kill: Kill): Promise<number | undefined> {
  // A process that is gone: its lock can be taken over at once.
  const surroundings = surroundingsOf(root, url, 4_000_000 + life)
  const loaded = await loadJobFile(surroundings, 'job.yaml', { vars: {}, set: [], local: false })
  const { job } = loaded
  const workspace = await openForJob(surroundings, loaded)
  const grave = new Grave()
  const header = (await latestRunOf(workspace, job.name, false)) ?? (await planned(workspace))
  const connected = await connect(workspace, job, false)
  const dying = { ...connected, api: mortal(connected.api, grave, call, kill) }
  const store = grave.around(workspace.store)
  const artifacts = grave.around(workspace.artifacts)
  const options = { detach: false, cancel: false, retry: false, decisions: new Map() }
  try {
    const end = await Promise.race([
      driveWith({ ...workspace, store, artifacts }, header, dying, options, surroundings.signal),
      grave.death,
    ])
    await workspace.close()
    return end.exitCode
  } catch (error) {
    if (error instanceof Death) return undefined
    throw error
  }

  async function planned(place: Workspace): Promise<RunHeader> {
    const { header: fresh } = await planJob(place, job, { local: false, full: true })
    await commitPlan(place, fresh)
    return fresh
  }
}

/** After death nothing that is still awaited comes back, and nothing more is written. */
class Grave {
  #isDead = false
  #die: (error: Error) => void = () => undefined
  readonly death = new Promise<never>((_, reject) => {
    this.#die = reject
  })
  readonly #forever = new Promise<never>(() => undefined)

  end(): Promise<never> {
    this.#isDead = true
    this.#die(new Death())
    return this.#forever
  }

  /** Every method of the object hangs once the life is over. */
  around<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (object, name) => {
        const value: unknown = Reflect.get(object, name)
        if (typeof value !== 'function') return value
        return (...args: unknown[]) => {
          if (this.#isDead) return this.#forever
          const answer: unknown = value.apply(object, args)
          // A file that was being written when the process died is not written any further either.
          return name === 'create' ? (answer as Promise<object>).then((writer) => this.around(writer)) : answer
        }
      },
    })
  }
}

function mortal(api: BatchApi, grave: Grave, call: Call, kill: Kill): BatchApi {
  const methods: Readonly<Record<Call, keyof BatchApi>> = {
    create: 'submit',
    retrieve: 'retrieve',
    list: 'list',
    results: 'results',
  }
  const method = methods[call]
  if (kill === 'none') return api
  return new Proxy(api, {
    get(object, name) {
      const value: unknown = Reflect.get(object, name)
      if (typeof value !== 'function' || name !== method) return value
      if (name === 'list') return (signal: AbortSignal) => mortalList(object, grave, kill, signal)
      return async (...args: unknown[]) => {
        if (kill === 'before') return grave.end()
        const answer: unknown = await value.apply(object, args).catch((error: unknown) => {
          if (kill === 'during') return grave.end()
          throw error
        })
        if (kill === 'during') return grave.end()
        // After: the answer is in hand, and the process ends before it can be stored.
        setImmediate(() => void grave.end())
        return answer
      }
    },
  })
}

async function* mortalList(api: BatchApi, grave: Grave, kill: Kill, signal: AbortSignal) {
  if (kill === 'before') await grave.end()
  for await (const batch of api.list(signal)) {
    if (kill === 'during') await grave.end()
    yield batch
  }
  await grave.end()
}

function surroundingsOf(root: string, url: string, pid: number): Surroundings {
  const never = new AbortController().signal
  return {
    cwd: root,
    env: { ANTHROPIC_API_KEY: 'sk-matrix', ANTHROPIC_BASE_URL: url },
    process: { pid, hostname: 'matrix' },
    clock: {
      now: () => Date.now(),
      sleep: (ms, signal) =>
        new Promise((resolve) => {
          if (signal.aborted) return resolve()
          const timer = setTimeout(resolve, ms)
          const stop = (): void => {
            clearTimeout(timer)
            resolve()
          }
          signal.addEventListener('abort', stop, { once: true })
        }),
    },
    random: () => Math.random(),
    writeOut: async () => undefined,
    notify: () => undefined,
    interrupted: never,
    signal: never,
  }
}
