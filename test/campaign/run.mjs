// The campaign: one run of many batches, killed with SIGKILL again and again at random moments while the API misbehaves.
// Not part of the test suite: node test/campaign/run.mjs [--kills 200] [--rows 20000] [--seed 1]
import { spawn } from 'node:child_process'
import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    rows: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    keep: { type: 'boolean', default: false },
  },
})
const kills = Number(values.kills)
const rows = Number(values.rows)
const random = seeded(Number(values.seed))
const bin = new URL('../../bin/batchwright.js', import.meta.url).pathname
const root = mkdtempSync(join(tmpdir(), 'batchwright-campaign-'))

writeFileSync(join(root, 'package.json'), '{}')
writeFileSync(
  join(root, 'rows.jsonl'),
  Array.from({ length: rows }, (_, at) => `${JSON.stringify({ id: at, text: `Row ${at} of the campaign` })}\n`).join(
    '',
  ),
)
writeFileSync(
  join(root, 'job.yaml'),
  `model: claude-haiku-5-5
dataset: { type: jsonl, path: rows.jsonl, key: "row-{{id}}" }
prompt: "Repeat: {{text}}"
sinks: [{ type: jsonl, path: out.jsonl, select: all }]
batch: { max_requests: 400, max_in_flight: 6 }
retry: { max_attempts: 6, truncated: { grow: 2, max_tokens: 8192 } }
`,
)
writeFileSync(
  join(root, 'faults.yaml'),
  `- { on: create, rate: 0.12, do: { cut: after } }
- { on: create, rate: 0.08, do: { cut: before } }
- { on: create, rate: 0.06, do: { status: 529 } }
- { on: create, rate: 0.06, do: { status: 500 } }
- { on: create, rate: 0.05, do: { status: 502 } }
- { on: list, rate: 0.08, do: { status: 500 } }
- { on: list, rate: 0.05, do: { cut: before } }
- { on: results, rate: 0.1, do: { truncate: 20000 } }
- { on: results, rate: 0.1, do: { cut: after, truncate: 9000 } }
- { on: retrieve, rate: 0.05, do: { status: 529 } }
- { on: request, rate: 0.02, do: { error: overloaded_error } }
- { on: request, rate: 0.01, do: { expired: true } }
- { on: request, rate: 0.01, do: { truncated: true } }
`,
)

const emulator = await startEmulator()
// How long this machine takes to start, and to plan the job: kills are to fall into all that comes after, too.
const startMs = await took(['--help'])
const planMs = await took(['plan', 'job.yaml', '--json'])
/** Kills while the plan is written, at most: before there is one, every life begins with it. */
const PLANNING_KILLS = kills / 10
/** A killed life works for at most so long, so that the run is not done before the last kill. */
const WORK_MS = 450
let done = 0
let starts = 0
let end
while (end === undefined) {
  starts += 1
  const result = await life(done < kills ? await killAfterMs() : undefined)
  if (result.signal === 'SIGKILL') {
    done += 1
    if (done % 20 === 0) process.stdout.write(`${done} kills\n`)
  } else if (result.code === 0 || result.code === 3) end = result
  else {
    process.stdout.write(`start ${starts} ended with ${result.code}: ${result.stderr.slice(-600)}\n`)
    if (result.code !== 1 || starts > 2 * kills + 50) process.exit(1)
  }
}
const stats = await (await fetch(`${emulator.url}/_emulator/stats`)).json()
emulator.child.kill('SIGTERM')

const keys = readFileSync(join(root, 'out.jsonl'), 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line).key)
const verdicts = {
  'every row delivered': new Set(keys).size === rows,
  'no row delivered twice': keys.length === rows,
  'in dataset order': keys.every((key, at) => key === `row-${at}`),
  'nothing paid twice': stats.paid_more_than_once.length === 0,
}
process.stdout.write(
  `${rows} rows, ${done} kills, ${starts} starts, exit ${end.code}, calls ${JSON.stringify(stats.calls)}\n`,
)
for (const [what, holds] of Object.entries(verdicts)) process.stdout.write(`${holds ? 'ok  ' : 'FAIL'} ${what}\n`)
const isGood = Object.values(verdicts).every(Boolean)
if (isGood && !values.keep) rmSync(root, { recursive: true, force: true })
else process.stdout.write(`kept: ${root}\n`)
process.exit(isGood ? 0 : 1)

async function killAfterMs() {
  if (done < PLANNING_KILLS) return startMs + random() * planMs
  // Half of a second beyond the plan is enough to send some batches, and every further life begins there.
  const stats = await (await fetch(`${emulator.url}/_emulator/stats`)).json()
  return (stats.calls.create === 0 ? planMs * 1.5 : startMs) + random() * WORK_MS
}

function took(args) {
  const startedAt = performance.now()
  const env = { ...process.env, ANTHROPIC_BASE_URL: emulator.url, ANTHROPIC_API_KEY: 'sk-campaign' }
  const child = spawn(process.execPath, [bin, ...args], { cwd: root, env, stdio: 'ignore' })
  return new Promise((resolve) => child.on('close', () => resolve(performance.now() - startedAt)))
}

function life(afterMs) {
  const log = createWriteStream(join(root, 'stderr.log'), { flags: 'a' })
  const env = { ...process.env, ANTHROPIC_BASE_URL: emulator.url, ANTHROPIC_API_KEY: 'sk-campaign' }
  // Once there is a plan, resume as a person would; before that, run.
  const args = starts === 1 || random() < 0.3 ? ['run', 'job.yaml'] : ['resume', 'job.yaml']
  const child = spawn(process.execPath, [bin, ...args], { cwd: root, env, stdio: ['ignore', 'ignore', 'pipe'] })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr = (stderr + text).slice(-4000)
    log.write(text)
  })
  const timer = afterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), afterMs)
  return new Promise((resolve) => {
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      log.end()
      // No plan yet: there is nothing to resume, and that is a fair answer.
      const isNothing = code === 2 && /no (unfinished )?run/.test(stderr)
      resolve(isNothing ? { code: 1, signal, stderr } : { code, signal, stderr })
    })
  })
}

function startEmulator() {
  const args = [
    'emulator',
    '--port',
    '0',
    '--state',
    'emulator',
    '--batch-seconds',
    '1.5',
    '--answers',
    'echo',
    '--faults',
    'faults.yaml',
  ]
  const child = spawn(process.execPath, [bin, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
  return new Promise((resolve) => {
    let text = ''
    child.stdout.setEncoding('utf8').on('data', (piece) => {
      text += piece
      const url = /listening on (\S+)/.exec(text)?.[1]
      if (url !== undefined) resolve({ child, url })
    })
  })
}

function seeded(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
