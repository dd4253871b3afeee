// Each sink fed with the same outcomes: how many rows a second, in how much memory.
import { fileURLToPath } from 'node:url'
import { run } from '../lib/child.mjs'
import { counted, perSecond, seconds } from '../lib/table.mjs'

const SINKS = ['jsonl', 'jsonl.gz', 'csv', 'json', 'parquet', 'sqlite', 'files']
/** A folder of a million files is measured by nobody's patience. */
const MOST_FILES = 20_000

export async function measure({ goalSize }) {
  const { stdout } = await run(process.execPath, [
    fileURLToPath(new URL('../sinks.mjs', import.meta.url)),
    ...['--json', '--sinks', SINKS.join(','), '--rows', String(goalSize)],
    ...['--files', String(Math.min(goalSize, MOST_FILES))],
  ])
  return JSON.parse(stdout).map(({ name, rows, seconds: time, peakMiB, tool }) => ({
    work: `deliver ${counted(rows)} outcomes to ${name}`,
    ours: `${seconds(time)}, ${perSecond(rows, time)}`,
    megabytes: peakMiB,
    ...(tool === undefined ? {} : { against: tool.tool, theirs: seconds(tool.seconds), ratio: time / tool.seconds }),
    runs: 1,
  }))
}
