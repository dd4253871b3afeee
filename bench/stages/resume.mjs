// A run that was killed with nine tenths of its results in: how long until it is at work again.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { batchwright, CLI, clientOf } from '../lib/child.mjs'
import { copyOf, submittedRun } from '../lib/prepared.mjs'
import { PER_BATCH } from '../lib/project.mjs'
import { interleaved, median } from '../lib/stats.mjs'
import { counted, seconds } from '../lib/table.mjs'

const MOST_SECONDS = 1
const KILLED_AT = 0.9

export async function measure(context) {
  const { replay, goalSize, roundsOf } = context
  const perBatch = Math.min(PER_BATCH, goalSize / 10)
  const run = await submittedRun(context, goalSize, perBatch === PER_BATCH ? {} : { perBatch })
  const home = run.copy()
  await replay.set({ ended: true })
  const child = spawn(process.execPath, [CLI, 'resume', '--quiet'], {
    cwd: home,
    stdio: 'ignore',
    env: { ...process.env, ...clientOf(replay.url) },
  })
  const closed = once(child, 'close')
  const served = async () => (await replay.seen()).calls.filter(isResult).length
  while ((await served()) < KILLED_AT * run.ids.length) await new Promise((resolve) => setTimeout(resolve, 20))
  child.kill('SIGKILL')
  await closed
  const results = await interleaved(roundsOf(goalSize), { ours: () => untilWork(home, replay) })
  rmSync(home, { recursive: true, force: true })
  const time = median(results.ours.map((result) => result.seconds))
  return [
    {
      work: `resume of ${counted(goalSize)} requests killed at 90 %, until it asks for the first missing results`,
      ours: seconds(time),
      megabytes: median(results.ours.map((result) => result.megabytes)),
      runs: results.ours.length,
      wish: { id: 'G10', text: `≤ ${MOST_SECONDS} s`, isMet: time <= MOST_SECONDS },
    },
  ]
}

/** From the start of the process to its first call for results; the process then goes on to its end. */
async function untilWork(home, replay) {
  const cwd = copyOf(home)
  try {
    await replay.set({ ended: true })
    const { startedAt, megabytes } = await batchwright(['resume', '--quiet'], {
      cwd,
      env: clientOf(replay.url),
      expect: [0, 3],
    })
    const first = (await replay.seen()).calls.find(isResult)
    if (first === undefined) throw new Error('The killed run had all of its results.')
    return { seconds: (first.at - startedAt) / 1000, megabytes }
  } finally {
    rmSync(cwd, { recursive: true, force: true })
  }
}

function isResult(call) {
  return call.path.endsWith('/results')
}
