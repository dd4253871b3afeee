// A Message Batches API that does next to nothing, so that what is measured is the client: it drains what it is sent and
// replays results made of the very custom_ids that it received. A process of its own (lib/replay.mjs starts it), node:http.
//
// By control calls: POST /_bench sets how it answers (see `settings`); GET /_bench tells what it saw and when.
import { openSync, writeSync } from 'node:fs'
import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { CustomIds } from './custom-ids.mjs'
import { resultPieces } from './result-lines.mjs'

const BATCHES = '/v1/messages/batches'
const settings = {
  /** Keep custom_ids, to replay results of them; else bodies are only counted. */
  keep: true,
  /** Batches have ended as soon as they are asked for. */
  ended: true,
  /** Answer new batches with this status instead of taking them: 529 leaves a run planned. 0: take them. */
  refuse: 0,
  /** A file to keep the next body in; '': none. */
  saveTo: '',
  /** Bytes of one result's text. */
  textBytes: 1000,
  /** Every so many-th result is an error; 0: none. */
  errorEvery: 50,
}
const batches = new Map()
/** What was called, when (milliseconds of the epoch), how long the body took to come, and how many bytes it had. */
const calls = []

const server = createServer((request, response) => {
  const url = new URL(request.url, 'http://bench')
  const call = { method: request.method, path: url.pathname, at: now(), bytes: 0, ms: 0 }
  if (url.pathname !== '/_bench') calls.push(call)
  answer(request, response, url, call).catch((error) => {
    process.stderr.write(`${error.stack}\n`)
    response.destroy()
  })
})
server.requestTimeout = 0
// Whoever steers the bench asks seldom, and a connection that is closed just then would end it.
server.keepAliveTimeout = 600_000
server.listen(0, '127.0.0.1', () => process.send?.({ url: `http://127.0.0.1:${server.address().port}` }))
process.on('disconnect', () => process.exit(0))

async function answer(request, response, url, call) {
  const [, id, what] = /^\/v1\/messages\/batches\/([^/]+)(?:\/([^/]+))?$/.exec(url.pathname) ?? []
  if (url.pathname === '/_bench') return control(request, response)
  if (url.pathname === BATCHES && request.method === 'POST') return take(request, response, call)
  if (url.pathname === '/v1/messages/count_tokens') return json(response, 200, { input_tokens: 700 })
  const batch = batches.get(id)
  if (url.pathname === BATCHES) {
    return json(response, 200, { data: [...batches.values()].map(view), has_more: false, last_id: null })
  }
  if (batch === undefined)
    return json(response, 404, { type: 'error', error: { type: 'not_found_error', message: 'gone' } })
  if (what !== 'results') return json(response, 200, view(batch))
  response.writeHead(200, { 'content-type': 'application/x-jsonl' })
  const counted = function* () {
    for (const piece of resultPieces(batch.ids, settings)) {
      call.bytes += piece.length
      yield piece
    }
  }
  // A client that hangs up is no fault of ours.
  await pipeline(Readable.from(counted()), response).catch(() => undefined)
  call.ms = now() - call.at
}

async function take(request, response, call) {
  const ids = new CustomIds()
  await new Promise((resolve, reject) => {
    const file = settings.saveTo === '' ? undefined : openSync(settings.saveTo, 'w')
    request.on('data', (piece) => {
      call.bytes += piece.length
      if (file !== undefined) writeSync(file, piece)
      if (settings.keep) ids.read(piece)
    })
    request.on('end', resolve).on('error', reject)
  })
  call.ms = now() - call.at
  if (settings.refuse !== 0) {
    return json(response, settings.refuse, {
      type: 'error',
      error: { type: 'overloaded_error', message: 'Overloaded' },
    })
  }
  const batch = { id: `msgbatch_${String(batches.size + 1).padStart(6, '0')}`, ids, at: new Date().toISOString() }
  batches.set(batch.id, batch)
  return json(response, 200, view(batch))
}

async function control(request, response) {
  if (request.method === 'POST') {
    const { forget = false, ...given } = JSON.parse(Buffer.concat(await request.toArray()).toString() || '{}')
    Object.assign(settings, given)
    calls.length = 0
    if (forget) batches.clear()
  }
  return json(response, 200, { settings, calls, batches: [...batches.keys()] })
}

function view({ id, ids, at }) {
  const count = settings.keep ? ids.count : 1
  const errored = settings.errorEvery === 0 ? 0 : Math.ceil(count / settings.errorEvery)
  const { ended } = settings
  return {
    id,
    type: 'message_batch',
    processing_status: ended ? 'ended' : 'in_progress',
    request_counts: {
      processing: ended ? 0 : count,
      succeeded: ended ? count - errored : 0,
      errored: ended ? errored : 0,
      canceled: 0,
      expired: 0,
    },
    created_at: at,
    ended_at: ended ? at : null,
    expires_at: new Date(Date.parse(at) + 24 * 3600 * 1000).toISOString(),
    archived_at: null,
    cancel_initiated_at: null,
    results_url: ended ? `http://127.0.0.1:${server.address().port}/v1/messages/batches/${id}/results` : null,
  }
}

function json(response, status, value) {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(value))
}

function now() {
  return performance.timeOrigin + performance.now()
}
