// A run whose batches wait at the replaying server, made once for each size and copied for each round.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { batchwright, CLI, clientOf } from './child.mjs'
import { dataFile, writeJob } from './project.mjs'

const made = new Map()

/** `{ folder, ids, planned, copy() }`: the batches' ids at the server and what `run --detach --json` said. */
export async function submittedRun({ folder, replay }, count, job = {}) {
  const name = `submitted-${count}${Object.keys(job).sort().join('-')}`
  const known = made.get(name)
  if (known !== undefined) return known
  const home = join(folder, name)
  writeJob(home, { data: await dataFile(folder, count), ...job })
  await replay.set({ ended: false, keep: true })
  const args = ['run', 'job.yaml', '--detach', '--yes', '--no-reuse', '--json', '--quiet']
  const { stdout } = await batchwright(args, { cwd: home, env: clientOf(replay.url) })
  await replay.set({ ended: true })
  const planned = JSON.parse(stdout)
  const run = { folder: home, ids: planned.batches.map((batch) => batch.batch_id), planned, copy: () => copyOf(home) }
  made.set(name, run)
  return run
}

/** Plans the job in `home` and stops before anything is taken, so that `resume` begins with the uploads. */
export async function planOnly(replay, home) {
  await replay.set({ refuse: 529 })
  const args = [CLI, 'run', 'job.yaml', '--detach', '--yes', '--no-reuse', '--quiet']
  const child = spawn(process.execPath, args, {
    cwd: home,
    stdio: 'ignore',
    env: { ...process.env, ...clientOf(replay.url) },
  })
  const closed = once(child, 'close')
  const isRefused = async () =>
    (await replay.seen()).calls.some((call) => call.path.endsWith('/batches') && call.ms > 0)
  while (child.exitCode === null && !(await isRefused())) await new Promise((resolve) => setTimeout(resolve, 50))
  child.kill('SIGINT')
  const [status] = await closed
  if (status !== 130) throw new Error(`The run was to be interrupted; it ended with ${status}.`)
  await replay.set({ refuse: 0 })
}

/** A copy of a prepared project, for one round. */
export function copyOf(home) {
  const target = mkdtempSync(`${home}-`)
  cpSync(home, target, { recursive: true })
  return target
}

/** Bytes of all files below a folder. */
export function bytesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath ?? entry.path, entry.name)).size, 0)
}
