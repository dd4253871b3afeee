// Every stage, one table: npm run build && npm run bench [-- --quick --only plan,upload --runs 5 --large]. See README.md.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, loadavg, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { growthOf } from './lib/growth.mjs'
import { startReplay } from './lib/replay.mjs'
import { keepResults } from './lib/results.mjs'
import { hasAiSdk } from './lib/rivals.mjs'
import { tableOf } from './lib/table.mjs'

const STAGES = ['startup', 'plan', 'upload', 'landing', 'whole', 'resume', 'checkpoint', 'delivery']

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    large: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    runs: { type: 'string' },
    sizes: { type: 'string' },
  },
})
const wanted = values.only === '' ? STAGES : values.only.split(',')
const unknown = wanted.filter((name) => !STAGES.includes(name))
if (unknown.length > 0) {
  process.stderr.write(`There is no stage ${unknown.join(', ')}. There are: ${STAGES.join(', ')}\n`)
  process.exit(2)
}
const runs = Number(values.runs ?? (values.quick ? 3 : 5))
const usual = values.quick ? [10_000, 100_000] : [10_000, 100_000, 1_000_000, ...(values.large ? [5_000_000] : [])]
const sizes = values.sizes === undefined ? usual : values.sizes.split(',').map(Number)
const folder = mkdtempSync(join(tmpdir(), 'batchwright-bench-'))
const replay = await startReplay()
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

const context = {
  folder,
  replay,
  runs,
  sizes,
  /** The size at which goals are judged. */
  goalSize: Math.min(1_000_000, sizes.at(-1)),
  roundsOf: (size) => (size >= 5e6 ? 1 : size >= 1e6 ? Math.min(3, runs) : runs),
}
const say = (text) => process.stderr.write(`${text}\n`)
if (!hasAiSdk) say('The AI SDK is left out, since it is not installed: npm ci --prefix bench/rivals')
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
const about = {
  command: `npm run bench${process.argv.length > 2 ? ` -- ${process.argv.slice(2).join(' ')}` : ''}`,
  date: new Date().toISOString().slice(0, 10),
  commit,
  node: process.version,
  /** How busy the machine was before anything was measured. */
  load: Math.round(loadavg()[0]),
  machine: `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB`,
}
const figures = []
for (const name of wanted) {
  const start = performance.now()
  const { measure } = await import(`./stages/${name}.mjs`)
  const found = await measure(context)
  figures.push(...found)
  if (values.keep) keepResults(name, { about, figures: found })
  say(`${tableOf(found)}\n${name}: ${((performance.now() - start) / 1000).toFixed(0)} s\n`)
}
replay.stop()
figures.push(...growthOf(figures))
process.stdout.write(`${tableOf(figures)}\n\n${Object.values(about).join(' · ')}\n`)
const missed = figures.filter(({ wish }) => wish?.isMet === false)
if (missed.length > 0) say(`${missed.length} of ${figures.filter(({ wish }) => wish).length} goals are missed.`)
process.exitCode = missed.length > 0 ? 1 : 0
