// How fast a full batch leaves the plan, beside curl sending the same bytes from a ready file. Figures are ratios of one
// interleaved run. node bench/upload.mjs [--requests 100000] [--runs 5]
import { spawn } from 'node:child_process'
import { createWriteStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { contextOf } from '../build/app/bind.js'
import { loadJobFile } from '../build/app/jobs.js'
import { openForJob } from '../build/app/open.js'
import { planJob } from '../build/app/plan-run.js'
import { initialState } from '../build/run/machine.js'
import { outgoing, preflight } from '../build/run/outgoing.js'

const { values } = parseArgs({
  options: { requests: { type: 'string', default: '100000' }, runs: { type: 'string', default: '5' } },
})
const requests = Number(values.requests)
const root = mkdtempSync(join(tmpdir(), 'batchwright-upload-'))
writeFileSync(join(root, 'package.json'), '{}')
const rows = createWriteStream(join(root, 'rows.jsonl'))
for (let at = 0; at < requests; at += 1) {
  rows.write(
    `${JSON.stringify({ id: at, name: `Customer ${at}`, text: `Größe and weight, number ${at}. `.repeat(6) })}\n`,
  )
}
await new Promise((resolve) => rows.end(resolve))
writeFileSync(join(root, 'system.hbs'), 'You read letters of customers. '.repeat(66))
writeFileSync(
  join(root, 'job.yaml'),
  `model: claude-haiku-5-5
dataset: { type: jsonl, path: rows.jsonl, key: "row-{{id}}" }
system: { template: system.hbs }
prompt: "{{name}} writes: {{text}}"
sinks: [out.jsonl]
batch: { max_requests: 100000, max_bytes: 250MB }
`,
)

/** Takes everything and keeps it once, so that curl has the same bytes to send. */
let keep
const server = createServer((request, response) => {
  const target = keep
  request.on('data', (piece) => target?.write(piece))
  request.on('end', () => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(BATCH))
  })
})
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const url = `http://127.0.0.1:${server.address().port}`
const BATCH = {
  id: 'msgbatch_bench',
  type: 'message_batch',
  processing_status: 'in_progress',
  request_counts: { processing: requests, succeeded: 0, errored: 0, canceled: 0, expired: 0 },
  ended_at: null,
  created_at: '2026-11-22T00:00:00Z',
  expires_at: '2026-11-23T00:00:00Z',
  archived_at: null,
  cancel_initiated_at: null,
  results_url: null,
}

const never = new AbortController().signal
const surroundings = {
  cwd: root,
  env: {},
  process: { pid: process.pid, hostname: 'bench' },
  clock: { now: () => Date.now(), sleep: async () => undefined },
  random: Math.random,
  writeOut: async () => undefined,
  notify: () => undefined,
  interrupted: never,
  signal: never,
}
const loaded = await loadJobFile(surroundings, 'job.yaml', { vars: {}, set: [], local: false })
const workspace = await openForJob(surroundings, loaded)
const { header } = await planJob(workspace, loaded.job, { local: false, full: true })
const context = contextOf(workspace, header)
const api = context.provider.connect({ baseUrl: url, apiKey: 'bench', headers: {}, betas: [] })
const state = initialState(header.batches[0])

const sendOurs = async () => {
  const start = performance.now()
  await api.submit(outgoing(context, state, await preflight(context, state, never)), never)
  return performance.now() - start
}
const file = join(root, 'body.json')
keep = createWriteStream(file)
await sendOurs()
await new Promise((resolve) => keep.end(resolve))
keep = undefined
const sendCurl = () =>
  new Promise((resolve, reject) => {
    const start = performance.now()
    const child = spawn('curl', [
      '-s',
      '-o',
      '/dev/null',
      '--data-binary',
      `@${file}`,
      '-H',
      'content-type: application/json',
      `${url}/v1/messages/batches`,
    ])
    child.on('close', (code) => (code === 0 ? resolve(performance.now() - start) : reject(new Error(`curl: ${code}`))))
  })
const pairs = []
for (let run = 0; run < Number(values.runs); run += 1) {
  const ours = await sendOurs()
  const curl = await sendCurl()
  pairs.push({ ours, curl, ratio: ours / curl })
}
const median = (name) => pairs.map((pair) => pair[name]).sort((a, b) => a - b)[Math.floor(pairs.length / 2)]
const [batch] = header.batches
process.stdout.write(
  `upload of ${batch.requests} requests, ${(batch.bytes / 1e6).toFixed(0)} MB: ${median('ours').toFixed(0)} ms from the plan (checked first), ` +
    `${median('curl').toFixed(0)} ms curl, ratio ${median('ratio').toFixed(2)} (median of ${pairs.length} pairs); ` +
    `peak ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB with the server in the same process\n`,
)
server.close()
await workspace.close()
rmSync(root, { recursive: true, force: true })
