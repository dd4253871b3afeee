// One upload and nothing else, so that its time and memory are the upload's own. In two steps, each a process:
//   node upload-child.mjs plan FOLDER        plans FOLDER/job.yaml and keeps the plan
//   node upload-child.mjs send FOLDER URL    sends its first batch; prints { milliseconds, requests, bytes }
// No public call uploads without planning, so this one knows the modules of the sources (build/).
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { contextOf } from '../../build/app/bind.js'
import { loadJobFile } from '../../build/app/jobs.js'
import { openForJob } from '../../build/app/open.js'
import { planJob } from '../../build/app/plan-run.js'
import { initialState } from '../../build/run/machine.js'
import { outgoing, preflight } from '../../build/run/outgoing.js'

const [step, folder, url] = process.argv.slice(2)
const never = new AbortController().signal
const surroundings = {
  cwd: folder,
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
const kept = join(folder, 'header.json')
if (step === 'plan') {
  const { header } = await planJob(workspace, loaded.job, { local: false, full: true })
  writeFileSync(kept, JSON.stringify(header))
} else {
  const header = JSON.parse(readFileSync(kept, 'utf8'))
  const context = contextOf(workspace, header)
  const api = context.provider.connect({ baseUrl: url, apiKey: 'bench', headers: {}, betas: [] })
  const state = initialState(header.batches[0])
  // The SDK's client is made by the first call: that is start-up, not upload.
  await api.hasModel(header.job.model, never)
  const start = performance.now()
  await api.submit(outgoing(context, state, await preflight(context, state, never)), never)
  const [{ requests, bytes }] = header.batches
  process.stdout.write(JSON.stringify({ milliseconds: performance.now() - start, requests, bytes }))
}
await workspace.close()
