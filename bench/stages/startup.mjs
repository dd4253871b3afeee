// How long the command line takes to start, against `node -e 0`.
import { fileURLToPath } from 'node:url'
import { CLI, run } from '../lib/child.mjs'
import { interleaved, median, ratio } from '../lib/stats.mjs'
import { seconds } from '../lib/table.mjs'

const CASES = [
  { work: '--version', args: ['--version'], most: 1.25 },
  { work: '--help', args: ['--help'] },
  { work: 'validate the main job', args: ['validate', 'jobs/summarize-pdfs.yaml'], most: 4 },
  { work: 'runs', args: ['runs'] },
]

export async function measure({ runs }) {
  const cwd = fileURLToPath(new URL('../..', import.meta.url))
  // Without the reporter of memory, which is a module to load.
  const bare = (args) => () => run(process.execPath, args, { cwd, isBare: true })
  const rounds = Math.max(3 * runs, 9)
  const ways = { floor: bare(['-e', '0']) }
  for (const { work, args } of CASES) ways[work] = bare([CLI, ...args])
  await interleaved(1, ways)
  const results = await interleaved(rounds, ways)
  const floor = median(results.floor.map((result) => result.seconds))
  return CASES.map(({ work, most }) => {
    const times = ratio(results[work], results.floor)
    return {
      work: `start: \`${work}\``,
      ours: seconds(median(results[work].map((result) => result.seconds))),
      against: '`node -e 0`',
      theirs: seconds(floor),
      ratio: times,
      runs: rounds,
      ...(most === undefined ? {} : { wish: { id: 'G11', text: `≤ ${most} ×`, isMet: times <= most } }),
    }
  })
}
