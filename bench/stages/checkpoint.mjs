// What checkpoints cost: all writes of a run, against one key for each request in the same store (Keyv over SQLite).
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { openCheckpointStore } from '../../build/checkpoint/keyv.js'
import { batchwright, clientOf } from '../lib/child.mjs'
import { dataFile, writeJob } from '../lib/project.mjs'
import { counted, seconds } from '../lib/table.mjs'

const LEAST_TIMES = 1000
/** So many keys are written; a million would take minutes and is computed from them. */
const SAMPLE = 2000

export async function measure({ folder, replay, goalSize }) {
  const cwd = mkdtempSync(join(folder, 'checkpoint-'))
  writeJob(cwd, { data: await dataFile(folder, goalSize) })
  const report = join(cwd, 'writes.json')
  await replay.set({ ended: true, keep: true })
  await batchwright(['run', 'job.yaml', '--yes', '--quiet'], {
    cwd,
    env: { ...clientOf(replay.url), COUNT_WRITES_FILE: report },
    expect: [0, 3],
    nodeOptions: `--import ${new URL('../lib/count-writes.mjs', import.meta.url).href}`,
  })
  const { writes, milliseconds } = JSON.parse(readFileSync(report, 'utf8'))
  if (writes === 0) throw new Error('No write of a checkpoint was seen.')
  const perRequest = (await keyForEach(cwd)) * goalSize
  rmSync(cwd, { recursive: true, force: true })
  const ratio = milliseconds / perRequest
  return [
    {
      work: `checkpoints of a run of ${counted(goalSize)} requests: ${writes} writes`,
      ours: seconds(milliseconds / 1000),
      against: 'one key for each request (computed)',
      theirs: seconds(perRequest / 1000),
      ratio,
      runs: 1,
      wish: { id: 'G12', text: `≥ ${counted(LEAST_TIMES)} × less`, isMet: 1 / ratio >= LEAST_TIMES },
    },
  ]
}

/** Milliseconds of one durable write of a record of 150 bytes. */
async function keyForEach(root) {
  const processInfo = { pid: process.pid, hostname: hostname() }
  const store = await openCheckpointStore('sqlite:keys.db', { root, processInfo, now: Date.now })
  const record = { state: 'succeeded', text: 'x'.repeat(110) }
  const start = performance.now()
  for (let at = 0; at < SAMPLE; at += 1) await store.write(`requests/${at}`, record)
  const each = (performance.now() - start) / SAMPLE
  await store.close()
  return each
}
