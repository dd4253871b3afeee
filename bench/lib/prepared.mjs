// A run whose batches wait at the replaying server, made once for each size and copied for each round.
import { cpSync, mkdtempSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { batchwright, clientOf } from './child.mjs'
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
  const copy = () => {
    const target = mkdtempSync(join(folder, `${name}-`))
    cpSync(home, target, { recursive: true })
    return target
  }
  const run = { folder: home, ids: planned.batches.map((batch) => batch.batch_id), planned, copy }
  made.set(name, run)
  return run
}

/** Bytes of all files below a folder. */
export function bytesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath ?? entry.path, entry.name)).size, 0)
}
