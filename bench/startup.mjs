// How long the command line takes to start, against `node -e 0`: the median of 15, taken in turns so that a busy machine
// slows all of them alike. Build first: npm run build && node bench/startup.mjs

import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROUNDS = 15
const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const bin = join(root, 'bin/batchwright.js')

/** What is timed, and how many times `node -e 0` it may take. */
const CASES = [
  { name: 'node -e 0', args: ['-e', '0'], limit: 1 },
  { name: 'batchwright --version', args: [bin, '--version'], limit: 1.25 },
  { name: 'batchwright --help', args: [bin, '--help'], limit: null },
  { name: 'batchwright validate', args: [bin, 'validate', 'jobs/summarize-pdfs.yaml'], limit: 4 },
]

const times = CASES.map(() => [])
for (let round = 0; round <= ROUNDS; round += 1) {
  for (const [at, { name, args }] of CASES.entries()) {
    const from = performance.now()
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: root })
    if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`)
    // The first round only warms the disk's cache.
    if (round > 0) times[at].push(performance.now() - from)
  }
}

const medians = times.map((list) => list.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)])
let isOver = false
for (const [at, { name, limit }] of CASES.entries()) {
  const ratio = medians[at] / medians[0]
  const verdict = limit === null ? '' : ratio <= limit ? `  within ${limit}` : `  OVER ${limit}`
  if (limit !== null && ratio > limit) isOver = true
  console.log(`${name.padEnd(24)} ${medians[at].toFixed(0).padStart(5)} ms  ${ratio.toFixed(2)} ×${verdict}`)
}
process.exitCode = isOver ? 1 : 0
