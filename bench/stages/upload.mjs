// One full batch from the plan to the provider, beside curl with the same bytes in a file, and the SDK's own call.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { barsOf, CHARTED } from '../lib/bars.mjs'
import { batchwright, clientOf, run } from '../lib/child.mjs'
import { writePdf } from '../lib/pdf.mjs'
import { copyOf, planOnly } from '../lib/prepared.mjs'
import { dataFile, writeJob } from '../lib/project.mjs'
import { hasAiSdk, rival, shell } from '../lib/rivals.mjs'
import { interleaved, median, ratio } from '../lib/stats.mjs'
import { counted, seconds } from '../lib/table.mjs'

const CHILD = fileURLToPath(new URL('../lib/upload-child.mjs', import.meta.url))
const NAMES = { ours: 'batchwright', curl: 'curl of a ready file', sdk: 'SDK, by hand', ai: 'AI SDK' }
const MOST_OF_CURL = 1.5
const LEAST_OF_SDK = 10
const MOST_MEGABYTES = 160
/** 30 MB as base64, about what the API takes in one request; eight of them fill a batch. */
const PDF_BYTES = 22_500_000
const PDFS = 8

export async function measure(context) {
  return [...(await ofRows(context)), await ofPdfs(context)]
}

async function ofRows({ folder, replay, runs, sizes }) {
  const size = Math.min(100_000, sizes.at(-1))
  const home = join(folder, 'upload')
  const data = await dataFile(folder, size)
  writeJob(home, { data, perBatch: size })
  await step(['plan', home])
  const planned = join(folder, 'upload-planned')
  writeJob(planned, { data, perBatch: size })
  await planOnly(replay, planned)
  const body = join(folder, 'upload-body.json')
  await replay.set({ keep: false, ended: false, saveTo: body })
  const first = await send(home, replay.url)
  await replay.set({ saveTo: '' })
  const requests = join(folder, 'upload-requests.jsonl')
  await rival('sdk-plan', [data, `${home}/prompt.hbs`, `${home}/system.hbs`, requests])
  const url = `${replay.url}/v1/messages/batches`
  const ways = {
    ours: () => send(home, replay.url),
    resume: () => resume(planned, replay.url),
    curl: () => shell(`curl -s -o /dev/null -H 'content-type: application/json' --data-binary '@${body}' '${url}'`),
    sdk: async () => timed(await rival('sdk-create', [requests, first.requests], replay.url)),
    ...(hasAiSdk ? { ai: async () => timed(await rival('ai-create', [requests, first.requests], replay.url)) } : {}),
  }
  const results = await interleaved(runs, ways)
  await replay.set({ keep: true, ended: true })
  rmSync(body)
  rmSync(requests)
  const time = (name) => median(results[name].map((result) => result.seconds))
  const megabytes = (name) => median(results[name].map((result) => result.megabytes))
  // The time is that of the upload alone, the memory that of the whole command.
  const ours = results.ours.map((result, round) => ({ ...result, megabytes: results.resume[round].megabytes }))
  const base = {
    work: `upload of ${counted(first.requests)} requests, ${Math.round(first.bytes / 1e6)} MB`,
    ours: seconds(time('ours')),
    megabytes: megabytes('resume'),
    runs,
  }
  const curl = ratio(results.ours, results.curl)
  const sdk = ratio(results.ours, results.sdk)
  return [
    {
      ...base,
      ...(size === CHARTED ? { chart: barsOf('Upload of one full batch', { ...results, ours }, NAMES) } : {}),
      against: '`curl --data-binary` of a ready file',
      theirs: seconds(time('curl')),
      ratio: curl,
      wish: { id: 'G3', text: `≤ ${MOST_OF_CURL} ×`, isMet: curl <= MOST_OF_CURL },
    },
    {
      ...base,
      against: `SDK \`batches.create\` (${Math.round(megabytes('sdk'))} MiB)`,
      theirs: seconds(time('sdk')),
      ratio: sdk,
      wish: { id: 'G3', text: `≥ ${LEAST_OF_SDK} × faster`, isMet: 1 / sdk >= LEAST_OF_SDK },
    },
    ...(hasAiSdk
      ? [
          {
            ...base,
            against: `AI SDK \`startBatch\` (${Math.round(megabytes('ai'))} MiB)`,
            theirs: seconds(time('ai')),
            ratio: ratio(results.ours, results.ai),
          },
        ]
      : []),
    { ...base, wish: { id: 'G4', text: `≤ ${MOST_MEGABYTES} MiB`, isMet: base.megabytes <= MOST_MEGABYTES } },
  ]
}

async function ofPdfs({ folder, replay, runs }) {
  const home = join(folder, 'upload-pdfs')
  writeJob(home, {
    data: 'pdfs/*.pdf',
    type: 'files',
    key: '{{file.stem}}',
    template: 'Summarise it.',
    documents: true,
  })
  for (let at = 0; at < PDFS; at += 1) writePdf(join(home, 'pdfs', `${at}.pdf`), PDF_BYTES)
  await planOnly(replay, home)
  await replay.set({ keep: false, ended: false })
  const { ours } = await interleaved(runs, { ours: () => resume(home, replay.url) })
  const { calls } = await replay.seen()
  await replay.set({ keep: true, ended: true })
  const megabytes = median(ours.map((result) => result.megabytes))
  return {
    work: `upload of ${PDFS} PDFs, ${Math.round(Math.max(...calls.map((call) => call.bytes)) / 1e6)} MB as base64, from its start`,
    ours: seconds(median(ours.map((result) => result.seconds))),
    megabytes,
    runs,
    wish: { id: 'G4', text: `≤ ${MOST_MEGABYTES} MiB`, isMet: megabytes <= MOST_MEGABYTES },
  }
}

function step(args) {
  return run(process.execPath, [CHILD, ...args])
}

/** The command as a whole, whose memory is what a user sees. */
async function resume(home, url) {
  const cwd = copyOf(home)
  try {
    return await batchwright(['resume', '--detach', '--quiet'], { cwd, env: clientOf(url) })
  } finally {
    rmSync(cwd, { recursive: true, force: true })
  }
}

async function send(home, url) {
  const { stdout, megabytes } = await step(['send', home, url])
  const { milliseconds, requests, bytes } = JSON.parse(stdout)
  return { seconds: milliseconds / 1000, megabytes, requests, bytes }
}

/** What the script says of itself: loading the SDK is not its upload. */
function timed({ stdout, megabytes }) {
  return { seconds: Number(stdout) / 1000, megabytes }
}
