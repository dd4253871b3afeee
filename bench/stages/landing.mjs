// Results landed, settled and delivered: `resume` of a run whose batches have ended, from the first call to the sink's end.
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { barsOf, CHARTED } from '../lib/bars.mjs'
import { batchwright, clientOf, run as runProgram } from '../lib/child.mjs'
import { bytesBelow, submittedRun } from '../lib/prepared.mjs'
import { rival, shell } from '../lib/rivals.mjs'
import { interleaved, median, ratio, usageOf } from '../lib/stats.mjs'
import { counted, perSecond, rivalText, seconds } from '../lib/table.mjs'

const LANDED = { id: 'G5', mostOfCurl: 3, leastOfSdk: 4 }
const CHECKED = { id: 'G6', leastOfSdk: 2 }
const LONG = { id: 'G7', leastOfSdk: 10, lines: 20, textBytes: 5_000_000 }
const NAMES = {
  ours: 'batchwright',
  checked: 'batchwright, checked by a schema',
  curl: 'curl | wc -l',
  sdk: 'SDK, by hand',
}
const TEXT_BYTES = 1000
const MOVED = fileURLToPath(new URL('../lib/moved-bytes.mjs', import.meta.url))

export async function measure(context) {
  const figures = []
  for (const size of context.sizes.filter((each) => each <= 1e6)) figures.push(...(await ofSize(context, size)))
  figures.push(await ofLongLines(context))
  return figures
}

async function ofSize(context, size) {
  const { folder, replay, roundsOf, goalSize } = context
  const plain = await submittedRun(context, size)
  const checked = await submittedRun(context, size, { hasSchema: true })
  await replay.set({ textBytes: TEXT_BYTES })
  const out = join(folder, 'landing-out')
  const urls = plain.ids.map((id) => `${replay.url}/v1/messages/batches/${id}/results`)
  const results = await interleaved(roundsOf(size), {
    ours: () => land(plain, replay.url),
    checked: () => land(checked, replay.url),
    curl: () => shell(`for url in ${urls.join(' ')}; do curl -s "$url"; done | wc -l`),
    sdk: () => rival('sdk-results', [out, ...plain.ids], replay.url),
  })
  const [{ outBytes, landedBytes }] = results.ours
  if (size === goalSize) {
    Object.assign(results, await interleaved(roundsOf(size), { moved: () => moved(folder, outBytes, urls) }))
  }
  rmSync(out)
  const isGoal = size === goalSize
  const time = (name) => median(results[name].map((result) => result.seconds))
  const of = (name) => ({
    ours: `${seconds(time(name))}, ${perSecond(size, time(name))}`,
    ...usageOf(results[name]),
  })
  const wish = (id, text, isMet) => (isGoal ? { wish: { id, text, isMet } } : {})
  const curl = ratio(results.ours, results.curl)
  const sdk = ratio(results.ours, results.sdk)
  const sdkChecked = ratio(results.checked, results.sdk)
  const sdkName = rivalText('SDK’s iterator to a file', usageOf(results.sdk))
  const work = `land and deliver ${counted(size)} results`
  return [
    {
      work,
      ...of('ours'),
      against: '`curl \\| wc -l`',
      theirs: seconds(time('curl')),
      ratio: curl,
      runs: results.ours.length,
      ...wish(LANDED.id, `≤ ${LANDED.mostOfCurl} ×`, curl <= LANDED.mostOfCurl),
      ...(size === CHARTED ? { chart: barsOf('Results landed and written', results, NAMES) } : {}),
      growth: { of: 'landing', size, time: time('ours'), megabytes: of('ours').megabytes },
    },
    {
      work,
      ...of('ours'),
      against: sdkName,
      theirs: seconds(time('sdk')),
      ratio: sdk,
      runs: results.sdk.length,
      ...wish(LANDED.id, `≥ ${LANDED.leastOfSdk} × faster`, 1 / sdk >= LANDED.leastOfSdk),
    },
    ...(results.moved === undefined
      ? []
      : [
          {
            work,
            ...of('ours'),
            against: `moving the bytes: ${gigabytes(landedBytes)} to files, from there ${gigabytes(outBytes)} to one, fsync`,
            theirs: seconds(time('moved')),
            ratio: ratio(results.ours, results.moved),
            runs: results.moved.length,
          },
        ]),
    {
      work: `${work}, checked by a schema`,
      ...of('checked'),
      against: rivalText('SDK’s iterator, unchecked', usageOf(results.sdk)),
      theirs: seconds(time('sdk')),
      ratio: sdkChecked,
      runs: results.sdk.length,
      ...wish(CHECKED.id, `≥ ${CHECKED.leastOfSdk} × faster`, 1 / sdkChecked >= CHECKED.leastOfSdk),
    },
  ]
}

async function ofLongLines(context) {
  const { folder, replay, runs } = context
  const run = await submittedRun(context, LONG.lines)
  await replay.set({ textBytes: LONG.textBytes, errorEvery: 0 })
  const out = join(folder, 'landing-long')
  const results = await interleaved(runs, {
    ours: () => land(run, replay.url),
    sdk: () => rival('sdk-results', [out, ...run.ids], replay.url),
  })
  await replay.set({ textBytes: TEXT_BYTES, errorEvery: 50 })
  rmSync(out)
  const sdk = ratio(results.ours, results.sdk)
  return {
    work: `land and deliver ${LONG.lines} results of 5 MB`,
    ours: seconds(median(results.ours.map((result) => result.seconds))),
    ...usageOf(results.ours),
    against: rivalText('SDK’s iterator to a file', usageOf(results.sdk)),
    theirs: seconds(median(results.sdk.map((result) => result.seconds))),
    ratio: sdk,
    runs,
    wish: { id: LONG.id, text: `≥ ${LONG.leastOfSdk} × faster`, isMet: 1 / sdk >= LONG.leastOfSdk },
  }
}

async function land(run, url) {
  const cwd = run.copy()
  try {
    // 3: the errors among the results.
    const result = await batchwright(['resume', '--quiet'], { cwd, env: clientOf(url), expect: [0, 3] })
    const outBytes = statSync(join(cwd, 'out.jsonl')).size
    return {
      ...result,
      outBytes,
      landedBytes: bytesBelow(join(cwd, '.batchwright', 'runs', run.planned.run_id, 'results')),
    }
  } finally {
    rmSync(cwd, { recursive: true, force: true })
  }
}

async function moved(folder, outBytes, urls) {
  const home = mkdtempSync(join(folder, 'moved-'))
  try {
    return await runProgram(process.execPath, [MOVED, home, String(outBytes), ...urls])
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

function gigabytes(bytes) {
  return `${(bytes / 1e9).toFixed(1)} GB`
}
