// The local page over a run of a million rows: what a person waits for, and what it takes of memory, before and after its
// lines are kept. Builds the run first (`run --local`, a minute or two): npm run build && node bench/ui.mjs [rows]
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { dataFile, writeJob } from './lib/project.mjs'
import { median } from './lib/stats.mjs'

const BIN = fileURLToPath(new URL('../bin/batchwright.js', import.meta.url))
const ROUNDS = 5
const MOST_MS = 1000
const rows = Number(process.argv[2] ?? 1_000_000)
const last = String(rows - 1).padStart(8, '0')
/** What is asked of a run's outcomes. */
const LOOKS = {
  'first page': '',
  'last page': `?from=${rows - 50}`,
  'one status': '?status=errored',
  'common text': '?q=HARBOUR',
  'text of one row': `?q=row-${last}`,
  'text of no row': '?q=submarine',
}

const folder = mkdtempSync(join(tmpdir(), 'batchwright-ui-'))
let server
let isGood = true
try {
  writeJob(folder, { data: await dataFile(folder, rows), perBatch: 10_000 })
  const ran = spawnSync(process.execPath, [BIN, 'run', 'job.yaml', '--local', '--json', '--quiet'], { cwd: folder })
  if (ran.status !== 0) throw new Error(`run exited with ${ran.status}: ${ran.stderr}`)
  const { run_id: run } = JSON.parse(ran.stdout)
  server = spawn(process.execPath, [BIN, 'ui', '--json', '--quiet'], { cwd: folder })
  const url = await new Promise((resolve) => {
    server.stdout.setEncoding('utf8').once('data', (text) => resolve(JSON.parse(text).url))
  })
  const cookie = (await fetch(url)).headers.get('set-cookie').split(';')[0]
  const page = async (path) => {
    const from = performance.now()
    const answer = await fetch(new URL(path, url), { headers: { cookie } })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}`)
    return { ms: performance.now() - from, text }
  }
  console.log(`| ${rows.toLocaleString('en-US')} rows | when | median of ${ROUNDS} | slowest | |`)
  console.log('|---|---|---|---|---|')
  const measure = async (when) => {
    for (const [name, query] of Object.entries(LOOKS)) {
      const looks = []
      for (let round = 0; round < ROUNDS; round += 1) looks.push(await page(`/runs/${run}/outcomes${query}`))
      const times = looks.map(({ ms }) => ms)
      const isWithin = Math.max(...times) < MOST_MS
      isGood &&= isWithin
      // Before the lines are kept a search shows what it has found so far, and looks on.
      const sofar = looks.some(({ text }) => text.includes('there may be more')) ? ', so far' : ''
      const cells = [name, when, `${median(times).toFixed(0)} ms${sofar}`, `${Math.max(...times).toFixed(0)} ms`]
      console.log(`| ${cells.join(' | ')} | ${isWithin ? 'pass' : 'FAIL'} |`)
    }
    console.log(`| peak memory of the page | ${when} | ${peakMegabytes(server.pid)} MB | | |`)
  }
  await measure('while its lines are made')
  const index = join(folder, '.batchwright/runs', run, 'index')
  while (readdirSync(index).filter((name) => name.endsWith('.rows')).length < Math.ceil(rows / 10_000)) await pause(500)
  await measure('when they are kept')
} finally {
  server?.kill('SIGINT')
  rmSync(folder, { recursive: true, force: true })
}
process.exitCode = isGood ? 0 : 1

function peakMegabytes(pid) {
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024)
}
