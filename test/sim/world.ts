/**
 * One run, lived many times over: each life ends with a crash at a seeded point, the next begins with what was committed.
 * After the last life every row must have exactly one outcome and nothing may have been answered twice.
 */
import { createHash } from 'node:crypto'
import type { ArtifactStore } from '../../src/artifact/artifact.ts'
import type { CheckpointStore } from '../../src/checkpoint/checkpoint.ts'
import type { PlannedBatch } from '../../src/core/batch.ts'
import type { Job } from '../../src/core/job.ts'
import { runFiles } from '../../src/core/names.ts'
import { formatRequestLine } from '../../src/core/request-line.ts'
import type { Outcome } from '../../src/core/result.ts'
import type { RunHeader } from '../../src/core/run.ts'
import type { BatchApi } from '../../src/provider/provider.ts'
import { type Decisions, decide } from '../../src/run/decide.ts'
import { Desk, readStates } from '../../src/run/desk.ts'
import { batchOutcomes } from '../../src/run/outcomes.ts'
import type { LiveContext } from '../../src/run/ports.ts'
import { type RunEnd, type RunOptions, runToEnd } from '../../src/run/runner.ts'
import { MemoryDisk } from './disk.ts'
import { seeded } from './random.ts'
import { Remote, type RemoteFaults, simProvider } from './remote.ts'

/** A way to break the product on purpose: the simulator must notice. */
export interface Mutant {
  readonly name: string
  store?(store: CheckpointStore): CheckpointStore
  artifacts?(artifacts: ArtifactStore): ArtifactStore
  api?(api: BatchApi): BatchApi
  pace?(pace: LiveContext['pace']): LiveContext['pace']
}

export interface Verdict {
  readonly lives: number
  readonly crashes: number
  /** Times that a person was asked whose batch it is. */
  readonly questions: number
  readonly violations: readonly string[]
}

class Crash extends Error {}

const FAULTS: RemoteFaults = {
  cutAfter: 0.1,
  cutBefore: 0.08,
  refuse: 0.08,
  tooLarge: 0.04,
  listFails: 0.05,
  listLagMs: 60_000,
  truncate: 0.1,
  errored: 0.1,
  expired: 0.05,
  cutOff: 0.2,
  gone: 0.05,
}

const PACE: LiveContext['pace'] = {
  pollMinMs: 1000,
  pollMaxMs: 30_000,
  lookGraceMs: 120_000,
  lookEveryMs: 15_000,
  skewMs: 300_000,
  backoffMinMs: 1000,
  backoffMaxMs: 60_000,
  patienceMs: 3_600_000,
}

const MAX_LIVES = 60

export async function live(seed: number, mutant?: Mutant): Promise<Verdict> {
  const random = seeded(seed)
  const clock = { time: 1_800_000_000_000 }
  const disk = new MemoryDisk()
  const remote = new Remote(random, () => clock.time, FAULTS)
  const header = await plan(disk, random)
  const crashes = Math.floor(random() * 12)
  let lives = 0
  let questions = 0
  const violations: string[] = []
  let decisions: Decisions = new Map()
  for (let finished = false; !finished; ) {
    lives += 1
    if (lives > MAX_LIVES) return { lives, crashes, questions, violations: [`not finished after ${MAX_LIVES} lives`] }
    const stepsToLive = lives <= crashes ? 1 + Math.floor(random() * 60) : Number.POSITIVE_INFINITY
    try {
      const end = await oneLife(header, disk, remote, clock, random, stepsToLive, mutant, decisions)
      finished = end.states.every((state) => state.phase === 'done')
      if (end.stop?.reason === 'undecided') questions += 1
      violations.push(...askedTooSoon(end))
      decisions = decided(header, end, remote)
    } catch (error) {
      decisions = new Map()
      if (!(error instanceof Crash))
        return { lives, crashes, questions, violations: [`threw ${(error as Error).stack}`] }
    }
  }
  violations.push(...(await judge(header, disk, remote)))
  return { lives, crashes, questions, violations }
}

async function oneLife(
  header: RunHeader,
  disk: MemoryDisk,
  remote: Remote,
  clock: { time: number },
  random: () => number,
  stepsToLive: number,
  mutant: Mutant | undefined,
  decisions: Decisions,
): Promise<RunEnd> {
  let steps = 0
  let die: (error: Error) => void = () => undefined
  const death = new Promise<never>((_, reject) => {
    die = reject
  })
  const forever = new Promise<never>(() => undefined)
  // A dead process does nothing more: whatever it still awaits never comes back.
  const step = async (name: string): Promise<void> => {
    if (steps >= stepsToLive) return forever
    steps += 1
    clock.time += Math.floor(random() * 50)
    if (random() < 0.02) remote.stranger(1 + Math.floor(random() * 4))
    if (steps >= stepsToLive) {
      die(new Crash(name))
      return forever
    }
  }
  const stored = disk.store(step)
  const artifacts = disk.artifacts(step)
  const api = remote.api(step)
  const context: LiveContext = {
    header,
    store: mutant?.store?.(stored) ?? stored,
    artifacts: mutant?.artifacts?.(artifacts) ?? artifacts,
    provider: simProvider as never,
    model: undefined,
    schema: undefined,
    folders: { root: '/', run: '/' },
    api: mutant?.api?.(api) ?? api,
    clock: {
      now: () => clock.time,
      async sleep(ms, signal) {
        if (steps >= stepsToLive) return forever
        await new Promise((resolve) => setImmediate(resolve))
        if (!signal.aborted) clock.time += Math.min(ms, 60_000)
      },
    },
    random,
    pace: mutant?.pace?.(PACE) ?? PACE,
    notify: () => undefined,
  }
  const never = new AbortController().signal
  const options: RunOptions = {
    detach: false,
    maxUsd: null,
    reserveUsd: () => 0,
    runTools: async () => {
      throw new Error('no tools here')
    },
    onCollecting: () => undefined,
    onDone: async () => undefined,
    onConfirmed: async () => undefined,
    wantsCancel: async () => false,
    wishEveryMs: 3_600_000,
    interrupted: never,
    signal: never,
  }
  const life = async (): Promise<RunEnd> => {
    await decide(context, await Desk.open(context), decisions)
    return runToEnd(context, options)
  }
  return Promise.race([life(), death])
}

/** A question is the last thing: everything that can be finished without an answer is. */
function askedTooSoon({ stop, states }: RunEnd): string[] {
  if (stop?.reason !== 'undecided') return []
  const waiting = states.filter((state) => state.phase !== 'done' && typeof state.lost !== 'string')
  return waiting.map(({ index, phase }) => `asked while batch ${index} was ${phase}`)
}

/** A person looks into the console, sees whose batch it is, and has results that are ours restored. */
function decided(header: RunHeader, { states }: RunEnd, remote: Remote): Decisions {
  const decisions = new Map<number, string | undefined>()
  for (const { index, lost, remote: claim } of states) {
    const batch = remote.batch(claim?.id ?? '')
    if (typeof lost !== 'string' || batch === undefined || claim === null) continue
    const rows = rowsOf(header.batches[index] as PlannedBatch)
    const isOurs = batch.requests.some(({ body }) => rows.has((JSON.parse(body) as { text: string }).text))
    batch.gone = false
    if (!claim.confirmed) decisions.set(index, isOurs ? claim.id : undefined)
  }
  return decisions
}

async function judge(header: RunHeader, disk: MemoryDisk, remote: Remote): Promise<string[]> {
  const nothing = async (): Promise<void> => undefined
  const context = {
    header,
    store: disk.store(nothing),
    artifacts: disk.artifacts(nothing),
    provider: simProvider as never,
    model: undefined,
    schema: undefined,
    folders: { root: '/', run: '/' },
  }
  const violations = remote.paidMoreThanOnce.map((body) => `paid more than once: ${body}`)
  const states = await readStates(context)
  const outcomes = new Map<string, Outcome>()
  for (const batch of header.batches) {
    const state = states[batch.index]
    if (state === undefined) continue
    let settled = 0
    for await (const { outcome } of batchOutcomes(context, batch, state)) {
      settled += 1
      if (outcomes.has(outcome.key)) violations.push(`${outcome.key} delivered twice`)
      outcomes.set(outcome.key, outcome)
      if (outcome.status === 'succeeded' && outcome.text !== `answer to ${outcome.key}`) {
        violations.push(`${outcome.key} has the answer of another row: ${outcome.text}`)
      }
    }
    const tallied = Object.values(state.tally.statuses).reduce((sum, count) => sum + count, 0)
    if (tallied !== settled) violations.push(`batch ${batch.index} tallies ${tallied} rows and delivers ${settled}`)
    const billed = state.tally.usage.inputTokens
    const used = [...remote.answered].filter(([body]) =>
      rowsOf(batch).has((JSON.parse(body) as { text: string }).text),
    ).length
    if (billed !== used) violations.push(`batch ${batch.index} counts ${billed} answers, the provider gave ${used}`)
  }
  if (outcomes.size !== header.rows) violations.push(`${header.rows - outcomes.size} rows have no outcome`)
  return violations
}

function rowsOf(batch: PlannedBatch): Set<string> {
  const keys = new Set<string>()
  for (let ordinal = batch.fromOrdinal; ordinal < batch.toOrdinal; ordinal += 1) keys.add(`row-${ordinal}`)
  return keys
}

async function plan(disk: MemoryDisk, random: () => number): Promise<RunHeader> {
  const artifacts = disk.artifacts(async () => undefined)
  const batches: PlannedBatch[] = []
  let ordinal = 0
  const count = 1 + Math.floor(random() * 4)
  for (let index = 0; index < count; index += 1) {
    const fromOrdinal = ordinal
    // Often of equal size, so that a look has to tell them apart.
    const requests = random() < 0.7 ? 3 : 1 + Math.floor(random() * 5)
    let text = ''
    for (let at = 0; at < requests; at += 1, ordinal += 1) {
      const key = `row-${ordinal}`
      const bytes = JSON.stringify({ text: key, max_tokens: 1 }).length
      text += formatRequestLine({ ordinal, key, about: '{}', shape: 0, bytes, parts: [JSON.stringify(key)] })
    }
    const file = await artifacts.create('sim', runFiles.requests(index, 1))
    await file.write(Buffer.from(text))
    await file.commit()
    const digest = createHash('sha256').update(text).digest('hex')
    const size = { bytes: 1000, inputTokens: 1, maxOutputTokens: 1 }
    batches.push({ index, requests, rejected: 0, fromOrdinal, toOrdinal: ordinal, digest, ...size })
  }
  return {
    version: 1,
    run: 'sim',
    tag: 'abc123',
    job: JOB,
    local: false,
    createdAt: 0,
    shapes: [{ texts: ['{"text":', ',"max_tokens":1}'] }],
    batches,
    rows: ordinal,
    requests: ordinal,
    rejected: 0,
    reused: 0,
    digest: '',
    estimate: { inputTokens: 0, outputTokensMax: 0, usd: null, usdMax: null },
  }
}

const JOB = {
  version: 1,
  name: 'sim',
  root: '/',
  file: 'sim.yaml',
  model: 'sim',
  params: { max_tokens: 1 },
  documents: [],
  messages: [],
  tools: [],
  maxRounds: 1,
  sinks: [],
  batch: { maxInFlight: 2, customId: 'readable' },
  retry: { maxAttempts: 3, truncated: { grow: 2, maxTokens: 4 } },
} as unknown as Job
