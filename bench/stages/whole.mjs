// The whole job: a dataset in, batches sent, results landed, answers in a file. Beside it the scripts that one writes.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { barsOf, CHARTED } from '../lib/bars.mjs'
import { batchwright, CLI, clientOf } from '../lib/child.mjs'
import { bytesBelow, submittedRun } from '../lib/prepared.mjs'
import { dataFile, writeJob } from '../lib/project.mjs'
import { hasAiSdk, rival } from '../lib/rivals.mjs'
import { interleaved, median, ratio, usageOf } from '../lib/stats.mjs'
import { counted, perSecond, rivalText, seconds } from '../lib/table.mjs'

const NAMES = { ours: 'batchwright', sdk: 'SDK, by hand', ai: 'AI SDK' }
const LEAST_OF_SDK = 8
const MOST_MEGABYTES = 256
const HEAP_MEGABYTES = 64
const MOST_DISK = 0.15
/** What one batch of the scripts holds: 100,000 of these requests are more than 256 MB. */
const PER_BATCH = 90_000

export async function measure(context) {
  const figures = []
  for (const size of context.sizes) figures.push(...(await ofSize(context, size)))
  figures.push(await underLittleHeap(context), await onDisk(context), await withEmulator(context))
  return figures
}

async function ofSize(context, size) {
  const { folder, replay, roundsOf, goalSize } = context
  await replay.set({ ended: true, keep: true })
  const data = await dataFile(folder, size)
  const out = join(folder, 'whole-out')
  const scripted = (name) => async () => {
    const home = join(folder, 'plan')
    writeJob(home, { data })
    const result = await rival(name, [data, `${home}/prompt.hbs`, `${home}/system.hbs`, out, PER_BATCH], replay.url)
    await replay.set({ forget: true })
    return result
  }
  // The scripts hold all requests in memory: not where that takes more than there is.
  const results = await interleaved(roundsOf(size), {
    ours: () => whole(context, data),
    ...(size <= 1e6 ? { sdk: scripted('sdk-whole') } : {}),
    ...(hasAiSdk && size <= 1e5 ? { ai: scripted('ai-sdk') } : {}),
  })
  rmSync(out, { force: true })
  const time = median(results.ours.map((result) => result.seconds))
  const { cpu, megabytes } = usageOf(results.ours)
  const base = {
    work: `whole run of ${counted(size)} requests`,
    ours: `${seconds(time)}, ${perSecond(size, time)}`,
    cpu,
    megabytes,
  }
  const figures = [
    {
      ...base,
      runs: results.ours.length,
      ...(size === goalSize
        ? { wish: { id: 'G8', text: `≤ ${MOST_MEGABYTES} MiB`, isMet: megabytes <= MOST_MEGABYTES } }
        : {}),
      ...(size === CHARTED ? { chart: barsOf('The whole job', results, NAMES) } : {}),
      growth: { of: 'the whole run', size, time, megabytes },
    },
  ]
  for (const [name, title] of [
    ['sdk', 'a script with the SDK'],
    ['ai', 'a script with the AI SDK'],
  ]) {
    if (results[name] === undefined) continue
    const times = ratio(results.ours, results[name])
    figures.push({
      ...base,
      against: rivalText(title, usageOf(results[name])),
      theirs: seconds(median(results[name].map((result) => result.seconds))),
      ratio: times,
      runs: results[name].length,
      ...(name === 'sdk' && size === goalSize
        ? { wish: { id: 'G8', text: `≥ ${LEAST_OF_SDK} × faster`, isMet: 1 / times >= LEAST_OF_SDK } }
        : {}),
    })
  }
  return figures
}

/** Ends with an error where the heap does not do. */
async function underLittleHeap(context) {
  const data = await dataFile(context.folder, context.goalSize)
  const nodeOptions = `--max-old-space-size=${HEAP_MEGABYTES}`
  const result = await whole(context, data, { nodeOptions }).catch((error) => ({ error }))
  const { error, seconds: time, cpu, megabytes } = result
  return {
    work: `whole run of ${counted(context.goalSize)} requests in a heap of ${HEAP_MEGABYTES} MB`,
    ours: error === undefined ? seconds(time) : 'out of memory',
    cpu,
    megabytes,
    runs: 1,
    wish: { id: 'G8', text: 'ends well', isMet: error === undefined },
  }
}

async function onDisk(context) {
  const { folder, planned } = await submittedRun(context, context.goalSize)
  const bytes = planned.batches.reduce((sum, batch) => sum + batch.bytes, 0)
  const share = bytesBelow(join(folder, '.batchwright', 'runs', planned.run_id, 'requests')) / bytes
  return {
    work: `disk for the plan of ${counted(context.goalSize)} requests`,
    ours: `${(share * 100).toFixed(1)} %`,
    against: 'the bytes of the requests',
    theirs: `${Math.round(bytes / 1e6)} MB`,
    runs: 1,
    wish: { id: 'G2', text: `≤ ${MOST_DISK * 100} %`, isMet: share <= MOST_DISK },
  }
}

/** For comparison: the emulator reads every request and makes every answer, on the same two cores. */
async function withEmulator(context) {
  const size = context.sizes[0]
  const state = mkdtempSync(join(context.folder, 'emulator-'))
  const args = [CLI, 'emulator', '--port', '0', '--state', state, '--batch-seconds', '0']
  const emulator = spawn(process.execPath, args, { cwd: state, stdio: ['ignore', 'pipe', 'ignore'] })
  try {
    const [said] = await once(emulator.stdout, 'data')
    const [url] = /http:\/\/[^\s"]+/.exec(String(said)) ?? []
    const result = await whole(context, await dataFile(context.folder, size), { url })
    const work = `whole run of ${counted(size)} requests, the emulator answering`
    return {
      work,
      ours: `${seconds(result.seconds)}, ${perSecond(size, result.seconds)}`,
      cpu: result.cpu,
      megabytes: result.megabytes,
      runs: 1,
    }
  } finally {
    emulator.kill()
    await once(emulator, 'close')
  }
}

async function whole({ folder, replay }, data, { nodeOptions = '', url = replay.url } = {}) {
  const cwd = mkdtempSync(join(folder, 'whole-'))
  try {
    writeJob(cwd, { data })
    const result = await batchwright(['run', 'job.yaml', '--yes', '--quiet'], {
      cwd,
      env: clientOf(url),
      expect: [0, 3],
      nodeOptions,
    })
    if (url === replay.url) await replay.set({ forget: false })
    return result
  } finally {
    rmSync(cwd, { recursive: true, force: true })
  }
}
