// Peak memory of the emulator at the provider's limits: one batch of 256 MB and 100,000 requests, then ten at once, which
// are also a million requests. Needs a built package. Run: node bench/emulator-memory.mjs
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const REQUESTS = 100_000
const BODY_BYTES = 256 * 1024 * 1024
const HEADERS = { 'x-api-key': 'k', 'anthropic-version': '2026-10-21', 'content-type': 'application/json' }
const SENTENCE = 'The quick brown fox jumps over the lazy dog. '
/** Batches at once, and the megabytes that the emulator may take. */
const RUNS = [
  { batches: 1, mostMegabytes: 200 },
  { batches: 10, mostMegabytes: 400 },
]

let isGood = true
for (const { batches, mostMegabytes } of RUNS) {
  const figures = await measure(batches)
  const isWithin = figures.peakMegabytes < mostMegabytes
  isGood &&= isWithin && figures.lines === batches * REQUESTS
  const verdict = isWithin ? 'pass' : 'FAIL'
  console.log(
    `${batches} × 256 MB, ${batches * REQUESTS} requests: peak ${figures.peakMegabytes.toFixed(0)} MB of ${mostMegabytes}: ${verdict}`,
  )
  console.log(
    `  accepted ${seconds(figures.uploadMs)}, ended ${seconds(figures.endedMs)}, results ${seconds(figures.resultsMs)}, ${figures.lines} lines`,
  )
  console.log(`  slowest answer meanwhile ${figures.slowestMs.toFixed(0)} ms`)
}
process.exitCode = isGood ? 0 : 1

async function measure(batches) {
  const stateDir = mkdtempSync(join(tmpdir(), 'emulator-memory-'))
  const options = {
    port: 0,
    host: '127.0.0.1',
    stateDir,
    answers: 'extract',
    batchSeconds: 0,
    order: 'shuffled',
    seed: 1,
  }
  const script = fileURLToPath(new URL('../test/emulator/child.mjs', import.meta.url))
  const child = fork(script, [JSON.stringify(options)], { stdio: 'inherit' })
  try {
    const [{ url }] = await once(child, 'message')
    let slowestMs = 0
    const watch = setInterval(async () => {
      const start = performance.now()
      await (await fetch(`${url}/v1/models/claude-haiku-5-5`, { headers: HEADERS })).arrayBuffer()
      slowestMs = Math.max(slowestMs, performance.now() - start)
    }, 500)
    const start = performance.now()
    const ids = await Promise.all(Array.from({ length: batches }, (_, batch) => upload(url, batch)))
    const uploadMs = performance.now() - start
    for (const id of ids) await ended(url, id)
    const endedMs = performance.now() - start - uploadMs
    const lines = (await Promise.all(ids.map((id) => countLines(url, id)))).reduce((sum, count) => sum + count, 0)
    const resultsMs = performance.now() - start - uploadMs - endedMs
    clearInterval(watch)
    child.send('memory')
    const [{ peakMegabytes }] = await once(child, 'message')
    return { peakMegabytes, uploadMs, endedMs, resultsMs, lines, slowestMs }
  } finally {
    child.kill('SIGKILL')
    rmSync(stateDir, { recursive: true, force: true })
  }
}

/** Every request has as many bytes as the limit of a body leaves it. */
async function upload(url, batch) {
  const call = request(`${url}/v1/messages/batches`, { method: 'POST', headers: HEADERS })
  const answered = once(call, 'response')
  const each = Math.floor((BODY_BYTES - 20) / REQUESTS) - 1
  let piece = '{"requests":['
  for (let at = 0; at < REQUESTS; at++) {
    piece += (at === 0 ? '' : ',') + requestOf(batch, at, each)
    if (piece.length < 1 << 20 && at < REQUESTS - 1) continue
    if (!call.write(piece)) await once(call, 'drain')
    piece = ''
  }
  call.end(']}')
  const [response] = await answered
  const chunks = []
  for await (const chunk of response) chunks.push(chunk)
  const text = Buffer.concat(chunks).toString()
  if (response.statusCode !== 200) throw new Error(text)
  return JSON.parse(text).id
}

function requestOf(batch, at, bytes) {
  const head = `{"custom_id":"b${batch}-${at}","params":{"model":"claude-haiku-5-5","max_tokens":256,"messages":[{"role":"user","content":"Item ${at} of batch ${batch}. `
  const tail = '"}]}}'
  const room = bytes - head.length - tail.length
  return head + SENTENCE.repeat(Math.ceil(room / SENTENCE.length)).slice(0, room) + tail
}

async function ended(url, id) {
  for (;;) {
    const batch = await (await fetch(`${url}/v1/messages/batches/${id}`, { headers: HEADERS })).json()
    if (batch.processing_status === 'ended') return
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

async function countLines(url, id) {
  const response = await fetch(`${url}/v1/messages/batches/${id}/results`, { headers: HEADERS })
  let lines = 0
  for await (const chunk of response.body) for (const byte of chunk) if (byte === 10) lines++
  return lines
}

function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`
}
