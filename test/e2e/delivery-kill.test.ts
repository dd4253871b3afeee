// SIGKILL during delivery to every sink at once. More kills: BATCHWRIGHT_DELIVERY_KILLS=50, or node test/campaign/delivery.mjs.

import { cp } from 'node:fs/promises'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seeded } from '../sim/random.ts'
import {
  filesBelow,
  postgresRows,
  type Receiver,
  sqliteRows,
  startReceiver,
  writeEverywhere,
} from '../support/all-sinks.ts'
import { createProject, type Project, type RunningEmulator, startEmulatorProcess } from '../support/cli.ts'
import { startPostgres, type TestServer, whyNoPostgres } from '../support/servers.ts'

const KILLS = Number(process.env.BATCHWRIGHT_DELIVERY_KILLS ?? 10)
const SEED = Number(process.env.BATCHWRIGHT_SEED ?? 20261122)
/** Killed lives of one run at most: then it may end, and another begins. */
const LIVES = 3
const ROWS = 300
const ROWS_PER_BATCH = 50

interface Life {
  readonly code: number | null
  readonly wasKilled: boolean
  readonly stdout: string
  readonly stderr: string
  /** Milliseconds from its start to the first batch collected, to the last act of delivery, to its end. */
  readonly collectedMs: number
  readonly deliveringMs: number
  readonly endMs: number
}

/** When to kill: so long after a batch was collected, or after the files began to be written. */
interface KillPlan {
  readonly after: 'collected' | 'delivering'
  readonly ms: number
}

describe('a delivery that is killed', () => {
  let submitted: Project
  let emulatorHome: Project
  let emulator: RunningEmulator
  let receiver: Receiver
  let postgres: TestServer | undefined
  const copied: Project[] = []

  beforeAll(async () => {
    receiver = await startReceiver()
    postgres = whyNoPostgres() === undefined ? await startPostgres() : undefined
    emulatorHome = await createProject()
    emulator = await startEmulatorProcess(emulatorHome, ['--batch-seconds', '1'])
    await emulator.faults([{ on: 'request', match: 'Row \\d*7 is', do: { refusal: true } }])
    submitted = await createProject()
    await writeEverywhere(submitted, {
      rows: ROWS,
      rowsPerBatch: ROWS_PER_BATCH,
      postgres: postgres !== undefined,
    })
    const env = { ...emulator.env, RECEIVER: `${receiver.url}/never`, DATABASE: postgres?.url ?? '' }
    const { code, stderr } = await submitted.run(['run', 'job.yaml', '--detach'], { env })
    expect(code, stderr).toBe(0)
  })
  afterAll(async () => {
    await emulator.stop()
    await postgres?.stop()
    await receiver.stop()
    await Promise.all([submitted, emulatorHome, ...copied].map((project) => project.remove()))
  })

  it(`leaves every sink as an undisturbed one does, ${KILLS} times`, {
    timeout: 60_000 + KILLS * 5000,
  }, async () => {
    const random = seeded(SEED)
    const undisturbed = await aCopy('undisturbed')
    const model = await live(undisturbed)
    expect(model.code, model.stderr).toBe(3)
    const expected = await contentsOf(undisturbed)
    const collectingMs = model.deliveringMs - model.collectedMs
    let deliveringMs = model.endMs - model.deliveringMs
    let kills = 0
    let copies = 0
    while (kills < KILLS) {
      copies += 1
      const killed = await aCopy(`killed${copies}`)
      const printed: string[] = []
      const lived: Life[] = []
      for (let life: Life | undefined; life === undefined || life.wasKilled; lived.push(life)) {
        // Databases and the webhook are served batch by batch while others are collected, files at the end.
        const plan: KillPlan =
          lived.length === 0
            ? { after: 'collected', ms: random() * collectingMs }
            : { after: 'delivering', ms: random() * deliveringMs }
        life = await live(killed, kills < KILLS && lived.length < LIVES ? plan : undefined)
        await expectNothingHalf(killed, expected)
        if (life.wasKilled) kills += 1
        else if (!wasOver(life)) expect(life.code, life.stderr).toBe(3)
        // A kill that comes too late is none; the machine may be quicker by now than it was at first.
        const tookMs = life.endMs - life.deliveringMs
        if (life.code === 3) deliveringMs = Math.min(deliveringMs, tookMs) * 0.95
        printed.push(life.stdout)
      }
      expect(await contentsOf(killed), `copy ${copies}, ${lived.length} lives`).toEqual(expected)
      // What cannot be taken back may come twice, and never not at all.
      const keys = new Set(keysIn(printed.join('\n')))
      expect(keys.size).toBe(ROWS)
      expectSamePosts(receiver, `/undisturbed`, `/killed${copies}`)
      await killed.project.remove()
    }
    await undisturbed.project.remove()
    const stats = await emulator.stats()
    expect(stats.calls.create).toBe(ROWS / ROWS_PER_BATCH)
    expect(stats.paid_more_than_once).toEqual([])
  })

  interface Copy {
    readonly project: Project
    readonly env: Readonly<Record<string, string>>
    readonly database: string | undefined
  }

  /** The submitted run once more, with sinks of its own. */
  async function aCopy(name: string): Promise<Copy> {
    const project = await createProject()
    copied.push(project)
    await cp(submitted.folder, project.folder, { recursive: true })
    const database = postgres === undefined ? undefined : await newDatabase(postgres.url, name)
    const env = { ...emulator.env, RECEIVER: `${receiver.url}/${name}`, DATABASE: database ?? '' }
    return { project, env, database }
  }
})

/** One `resume`, killed as planned or left alone. */
function live({ project, env }: { project: Project; env: Readonly<Record<string, string>> }, plan?: KillPlan) {
  const child = project.start(['resume'], { env })
  const started = performance.now()
  const seen: Record<KillPlan['after'], number> = { collected: Number.NaN, delivering: Number.NaN }
  let stdout = ''
  let stderr = ''
  const note = (what: KillPlan['after'], text: string): void => {
    if (!Number.isNaN(seen[what]) || !stderr.includes(text)) return
    seen[what] = performance.now() - started
    if (plan?.after === what) setTimeout(() => child.kill('SIGKILL'), plan.ms)
  }
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
    note('collected', 'collected:')
    note('delivering', 'Delivering to')
  })
  return new Promise<Life>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      const endMs = performance.now() - started
      const { collected: collectedMs, delivering: deliveringMs } = seen
      resolve({ code, wasKilled: signal === 'SIGKILL', stdout, stderr, collectedMs, deliveringMs, endMs })
    })
  })
}

/** The life before was killed when its work was done and it had only to say so. */
function wasOver(life: Life): boolean {
  return life.code === 2 && life.stderr.includes('no unfinished run')
}

/** Everything that the sinks hold: files byte for byte, tables row by row. Nothing else may lie about. */
async function contentsOf({ project, database }: { project: Project; database: string | undefined }) {
  const files = await filesBelow(project, 'out')
  const contents: Record<string, unknown> = {}
  for (const [name, bytes] of files) if (!/\.db(-\w+)?$/.test(name)) contents[name] = bytes.toString('base64')
  for (const table of ['answers', 'failures', 'batchwright_parts']) {
    const order = table === 'batchwright_parts' ? 'run, sink, part' : 'run, key'
    contents[`sqlite ${table}`] = sqliteRows(project.path('out/rows.db'), table, order)
  }
  if (database !== undefined) {
    contents['postgres answers'] = await postgresRows(database, 'llm.answers')
    contents['postgres parts'] = await postgresRows(database, 'llm.batchwright_parts', 'run, sink, part')
  }
  return contents
}

/** Whatever the moment: a file under its own name is there whole, or not at all. */
async function expectNothingHalf({ project }: { project: Project }, whole: Record<string, unknown>): Promise<void> {
  for (const [name, bytes] of await filesBelow(project, 'out').catch(() => [])) {
    if (/\.db(-\w+)?$|\.batchwright-|\.draft$/.test(name)) continue
    expect(bytes.toString('base64') === whole[name], `${name} is half written`).toBe(true)
  }
}

/** The other path got the same requests, some of them more than once. */
function expectSamePosts({ requests }: Receiver, path: string, other: string): void {
  const posted = (of: string): Map<string, string> =>
    new Map(requests.filter((each) => each.path === of).map((each) => [each.idempotencyKey, JSON.stringify(each.body)]))
  expect(new Map([...posted(other)].sort())).toEqual(new Map([...posted(path)].sort()))
}

/** A line that a kill cut off is no line. */
function keysIn(text: string): string[] {
  return [...text.matchAll(/^\{"key":"([^"]+)"\}$/gm)].map(([, key]) => String(key))
}

async function newDatabase(url: string, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(`CREATE DATABASE ${name}`)
  } finally {
    await client.end()
  }
  return url.replace(/\/[^/]*$/, `/${name}`)
}
