// Planning: every row read, rendered, checked, packed and written, before anything is sent.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { batchwright } from '../lib/child.mjs'
import { rows } from '../lib/data.mjs'
import { ANY, dataFile, PLAIN, writeJob } from '../lib/project.mjs'
import { rival, shell } from '../lib/rivals.mjs'
import { interleaved, median, ratio, usageOf } from '../lib/stats.mjs'
import { counted, perSecond, rivalText, seconds } from '../lib/table.mjs'

/** Rows a second that G1 asks for. */
const PLAIN_RATE = 350_000
const ANY_RATE = 120_000
const OTHER_FORMATS = 0.6
const FILES = 10_000

const KINDS = [
  { work: 'JSONL, plain template', type: 'jsonl', template: PLAIN, rate: PLAIN_RATE },
  { work: 'JSONL, any template', type: 'jsonl', template: ANY, rate: ANY_RATE },
  { work: 'CSV, plain template', type: 'csv', template: PLAIN, rate: PLAIN_RATE * OTHER_FORMATS },
  { work: 'CSV, any template', type: 'csv', template: ANY, rate: ANY_RATE * OTHER_FORMATS },
  { work: 'Parquet, plain template', type: 'parquet', template: PLAIN, rate: PLAIN_RATE * OTHER_FORMATS },
  { work: 'Parquet, any template', type: 'parquet', template: ANY, rate: ANY_RATE * OTHER_FORMATS },
]

export async function measure(context) {
  const { sizes } = context
  const figures = []
  for (const size of sizes) {
    // The smaller sizes only show that the cost of a row stays the same.
    const kinds = size === sizes.at(-1) ? KINDS : KINDS.slice(0, 2)
    for (const kind of kinds) figures.push(...(await ofRows(context, size, kind)))
  }
  figures.push(await ofFiles(context))
  return figures
}

async function ofRows(context, size, { work, type, template, rate }) {
  const { folder, roundsOf, goalSize } = context
  const data = await dataFile(folder, size, type)
  const home = join(folder, 'plan')
  writeJob(home, { data, type, template })
  const out = join(folder, 'plan-copy')
  const ways = {
    ours: () => batchwright(['plan', 'job.yaml', '--json', '--quiet'], { cwd: home }),
    copy: () => shell(`cp '${data}' '${out}' && sync '${out}'`),
  }
  const hasScript = type === 'jsonl' && template === ANY
  const rounds = roundsOf(size)
  const results = await interleaved(rounds, ways)
  // The script writes all the bytes of all requests, and is slow: once will do for a million.
  if (hasScript)
    Object.assign(
      results,
      await interleaved(Math.min(rounds, size >= 1e6 ? 1 : rounds), {
        script: () => rival('sdk-plan', [data, `${home}/prompt.hbs`, `${home}/system.hbs`, out]),
      }),
    )
  rmSync(out, { force: true })
  const { requests } = JSON.parse(results.ours[0].stdout)
  if (requests !== size) throw new Error(`${requests} requests of ${size} rows`)
  const time = median(results.ours.map((result) => result.seconds))
  const base = {
    work: `plan ${counted(size)}: ${work}`,
    ours: `${seconds(time)}, ${perSecond(size, time)}`,
    ...usageOf(results.ours),
    runs: rounds,
  }
  const figures = [
    {
      ...base,
      against: 'copying the dataset',
      theirs: seconds(median(results.copy.map((result) => result.seconds))),
      ratio: ratio(results.ours, results.copy),
      ...(size === goalSize
        ? { wish: { id: 'G1', text: `≥ ${rate / 1000}k rows/s`, isMet: size / time >= rate } }
        : {}),
      growth: { of: `plan, ${work}`, size, time, megabytes: base.megabytes },
    },
  ]
  if (hasScript) {
    const script = median(results.script.map((result) => result.seconds))
    const times = ratio(results.ours, results.script)
    figures.push({
      ...base,
      against: rivalText('a script by hand', usageOf(results.script)),
      theirs: seconds(script),
      ratio: times,
      runs: results.script.length,
    })
  }
  return figures
}

async function ofFiles({ folder, roundsOf }) {
  const home = join(folder, 'plan-files')
  mkdirSync(join(home, 'texts'), { recursive: true })
  for (const { id, note } of rows(FILES)) writeFileSync(join(home, 'texts', `${id}.txt`), note.repeat(10))
  writeJob(home, {
    data: 'texts/*.txt',
    type: 'files',
    key: '{{file.stem}}',
    template: '{{file.name}}',
    documents: true,
  })
  const results = await interleaved(roundsOf(FILES), {
    ours: () => batchwright(['plan', 'job.yaml', '--json', '--quiet'], { cwd: home }),
    copy: () => shell(`cat '${home}'/texts/*.txt | wc -c`),
  })
  const time = median(results.ours.map((result) => result.seconds))
  return {
    work: `plan ${counted(FILES)}: files, one document each`,
    ours: `${seconds(time)}, ${perSecond(FILES, time)}`,
    ...usageOf(results.ours),
    against: '`cat` of the files',
    theirs: seconds(median(results.copy.map((result) => result.seconds))),
    ratio: ratio(results.ours, results.copy),
    runs: results.ours.length,
  }
}
