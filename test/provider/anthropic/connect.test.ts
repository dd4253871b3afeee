import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RefusedError } from '../../../src/core/errors.ts'
import { connect } from '../../../src/provider/anthropic/connect.ts'
import { LIMITS } from '../../../src/provider/anthropic/limits.ts'
import { type BatchApi, type Connection, type OutgoingBatch, ResultsGoneError } from '../../../src/provider/provider.ts'
import { apiError, batchObject, json, type ScriptedApi, startScriptedApi } from '../../support/scripted-api.ts'

const KEY = 'sk-ant-secret'

let api: ScriptedApi
beforeEach(async () => {
  api = await startScriptedApi()
})
afterEach(async () => {
  await api.close()
})

const signal = new AbortController().signal

function open(over: Partial<Connection> = {}): BatchApi {
  return connect({ baseUrl: api.url, apiKey: KEY, headers: {}, betas: [], ...over })
}

function batchOf(bodies: readonly object[], over: Partial<OutgoingBatch> = {}): OutgoingBatch {
  const requests = bodies.map((body, index) => ({ customId: `row-${index}`, text: Buffer.from(JSON.stringify(body)) }))
  const bytes = requests.reduce(
    (sum, { customId, text }) => sum + LIMITS.overhead.request + customId.length + text.length,
    LIMITS.overhead.batch,
  )
  return {
    label: 'run/0/1',
    requests: requests.length,
    bytes,
    async *open() {
      for (const { customId, text } of requests) {
        yield [{ customId, bytes: text.length, body: () => [text.subarray(0, 3), text.subarray(3)] }]
      }
    },
    ...over,
  }
}

async function collect(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  const all: Uint8Array[] = []
  for await (const piece of pieces) all.push(piece)
  return Buffer.concat(all).toString()
}

async function caught(doing: Promise<unknown>): Promise<Error> {
  try {
    await doing
  } catch (error) {
    return error as Error
  }
  throw new Error('nothing was thrown')
}

describe('submit', () => {
  it('sends the batch with its exact length, the key, the version and the betas', async () => {
    api.script = (_, response) => json(response, 200, batchObject())
    const bodies = [{ model: 'm', messages: [{ role: 'user', content: 'ä “1”' }] }, { model: 'm' }]
    const remote = await open({ betas: ['b1', 'b2'], headers: { 'x-team': 'research' } }).submit(
      batchOf(bodies),
      signal,
    )
    const [call] = api.calls
    expect(JSON.parse(call?.body ?? '')).toEqual({
      requests: bodies.map((params, index) => ({ custom_id: `row-${index}`, params })),
    })
    expect(call).toMatchObject({ method: 'POST', path: '/v1/messages/batches' })
    expect(call?.headers).toMatchObject({
      authorization: `Bearer ${KEY}`,
      'anthropic-version': '2026-10-21',
      'anthropic-beta': 'b1,b2',
      'x-team': 'research',
      'content-type': 'application/json',
      'content-length': String(batchOf(bodies).bytes),
    })
    expect(call?.headers['transfer-encoding']).toBeUndefined()
    expect(remote).toMatchObject({
      id: 'msgbatch_01',
      status: 'running',
      requests: 2,
      createdAt: Date.UTC(2026, 10, 22, 10, 0, 0, 141),
      endedAt: null,
    })
  })

  it('asks for the version that the job names', async () => {
    api.script = (_, response) => json(response, 200, batchObject())
    await open({ version: '2023-06-01' }).submit(batchOf([{}]), signal)
    expect(api.calls[0]?.headers['anthropic-version']).toBe('2023-06-01')
  })

  it('sends a body of many megabytes in order', async () => {
    api.script = (_, response) => json(response, 200, batchObject())
    const letter = (index: number) => String.fromCharCode(97 + (index % 26))
    const bodies = Array.from({ length: 60 }, (_, index) => ({ text: letter(index).repeat(100_000 + index) }))
    await open().submit(batchOf(bodies), signal)
    const sent = JSON.parse(api.calls[0]?.body ?? '') as { requests: { params: object }[] }
    expect(sent.requests.map(({ params }) => params)).toEqual(bodies)
  })

  it('sends bodies that are read while they are sent, whatever the size of their pieces', async () => {
    api.script = (_, response) => json(response, 200, batchObject())
    const bodies = [{ text: 'a'.repeat(700_000) }, { text: 'b' }, { text: 'c'.repeat(300_001) }]
    const batch = batchOf(bodies)
    await open().submit(
      {
        ...batch,
        async *open() {
          for (const [index, body] of bodies.entries()) {
            const bytes = Buffer.from(JSON.stringify(body))
            const pieces = async function* () {
              // One buffer for all pieces, as a reader of a file would use it.
              const piece = Buffer.alloc(65_537)
              for (let at = 0; at < bytes.length; at += piece.length) {
                yield piece.subarray(0, bytes.copy(piece, 0, at))
              }
            }
            yield [{ customId: `row-${index}`, bytes: bytes.length, body: pieces }]
          }
        },
      },
      signal,
    )
    const sent = JSON.parse(api.calls[0]?.body ?? '') as { requests: { params: object }[] }
    expect(sent.requests.map(({ params }) => params)).toEqual(bodies)
  })

  it.each([
    [400, 'invalid_request_error', 'requests: too bad', {}, 'invalid'],
    [400, 'invalid_request_error', 'You have reached your specified API usage limits. …', {}, 'spend_limit'],
    [400, 'invalid_request_error', 'You have reached your specified workspace API usage limits', {}, 'spend_limit'],
    [401, 'authentication_error', 'API key is invalid.', {}, 'unauthorised'],
    [402, 'billing_error', 'Pay first.', {}, 'spend_limit'],
    [403, 'permission_error', 'Not yours.', {}, 'unauthorised'],
    [404, 'not_found_error', 'Nothing here.', {}, 'invalid'],
    [413, 'request_too_large', 'Too large.', {}, 'too_large'],
    [422, 'invalid_request_error', 'No.', {}, 'invalid'],
    [429, 'rate_limit_error', 'Too many requests per minute.', {}, 'busy'],
    [429, 'rate_limit_error', 'Too many batch requests in the processing queue.', {}, 'queue_full'],
    [429, 'rate_limit_error', 'Spent.', { details: { error_code: 'enforced_spend_limit_reached' } }, 'spend_limit'],
    [529, 'overloaded_error', 'Overloaded', {}, 'busy'],
  ])('is refused for sure by %i %s "%s"', async (status, type, message, extra, refusal) => {
    api.script = (_, response) => apiError(response, status, type, message, extra)
    const error = await caught(open().submit(batchOf([{}]), signal))
    expect(error).toBeInstanceOf(RefusedError)
    expect(error).toMatchObject({ refusal, status })
    expect(error.message).toContain(message)
    expect(api.calls).toHaveLength(1)
  })

  it('is refused for sure by a 413 of the edge, which has no envelope', async () => {
    api.script = (_, response) => response.writeHead(413, { 'content-type': 'text/html' }).end('<html>too large</html>')
    expect(await caught(open().submit(batchOf([{}]), signal))).toMatchObject({ refusal: 'too_large' })
  })

  it.each([
    ['2', 2000],
    ['0.5', 500],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
  ])('tells how long to wait after "retry-after: %s"', async (text, retryAfterMs) => {
    api.script = (_, response) =>
      apiError(response, 429, 'rate_limit_error', 'Slow down', { headers: { 'retry-after': text } })
    expect(await caught(open().submit(batchOf([{}]), signal))).toMatchObject({ refusal: 'busy', retryAfterMs })
  })

  it.each([
    ['a 500 of the API', 500, JSON.stringify({ type: 'error', error: { type: 'api_error', message: 'Internal' } })],
    ['a 504 of the API', 504, JSON.stringify({ type: 'error', error: { type: 'timeout_error', message: 'Late' } })],
    ['a 502 page of a proxy', 502, '<html>Bad Gateway</html>'],
    ['a 503 without a body', 503, ''],
    ['a 400 page of a proxy', 400, '<html>Bad Request</html>'],
    ['a 404 page of a proxy', 404, 'nothing here'],
    ['a 307', 307, ''],
    ['a 200 that is no batch', 200, '{"ok":true}'],
    ['a 200 that is no JSON', 200, '<html>welcome</html>'],
  ])('leaves open what became of the batch after %s', async (_, status, body) => {
    api.script = (_call, response) => response.writeHead(status).end(body)
    const error = await caught(open().submit(batchOf([{}]), signal))
    expect(error).not.toBeInstanceOf(RefusedError)
    expect(api.calls).toHaveLength(1)
  })

  it.each(['before an answer', 'within the answer'])('leaves it open when the connection breaks %s', async (where) => {
    api.script = (_, response) => {
      if (where === 'within the answer') response.writeHead(200, { 'content-length': '500' }).write('{"id":')
      setTimeout(() => response.destroy(), 20)
    }
    const error = await caught(open().submit(batchOf([{}]), signal))
    expect(error).not.toBeInstanceOf(RefusedError)
    expect(error.message).toContain(`The connection to ${new URL(api.url).host} broke`)
    expect(api.calls).toHaveLength(1)
  })

  it('is surely not taken when nobody listens, or the host is not known', async () => {
    for (const baseUrl of ['http://127.0.0.1:1', 'http://nowhere.invalid']) {
      const error = await caught(open({ baseUrl }).submit(batchOf([{}]), signal))
      expect(error).toMatchObject({ refusal: 'busy' })
      expect(error.message).toMatch(/cannot be reached: .*(ECONNREFUSED|ENOTFOUND|EAI_AGAIN)/)
    }
  })

  it('ends at once when it is aborted, with the reason of whoever did it', async () => {
    const controller = new AbortController()
    api.script = () => controller.abort(new Error('Ctrl-C'))
    expect((await caught(open().submit(batchOf([{}]), controller.signal))).message).toBe('Ctrl-C')
  })

  it('passes on what the reading of the batch throws, and the server never sees a whole body', async () => {
    const changed = new Error('document.pdf has changed since planning')
    const batch = batchOf([{}], {
      async *open() {
        yield [{ customId: 'row-0', bytes: 2, body: () => [Buffer.from('{}')] }]
        throw changed
      },
    })
    expect(await caught(open().submit(batch, signal))).toBe(changed)
    expect(api.calls).toEqual([])
  })

  it.each([-1, 1])('sends no body whose length is off by %i byte', async (off) => {
    api.script = (_, response) => json(response, 200, batchObject())
    const error = await caught(open().submit(batchOf([{}], { bytes: batchOf([{}]).bytes + off }), signal))
    expect(error.name).toBe('InvariantError')
    expect(api.calls).toEqual([])
  })

  it('never shows the key in an error', async () => {
    api.script = (_, response) => apiError(response, 401, 'authentication_error', 'API key is invalid.')
    const error = await caught(open().submit(batchOf([{}]), signal))
    expect(`${error.message} ${error.stack}`).not.toContain(KEY)
  })
})

describe('list', () => {
  it('reads a page only when it is wanted, 1,000 batches at a time', async () => {
    api.script = ({ path }, response) => {
      const isSecond = path.includes('after_id=b')
      const data = (isSecond ? ['c'] : ['a', 'b']).map((id) => batchObject({ id }))
      json(response, 200, { data, has_more: !isSecond, first_id: data[0]?.id, last_id: data.at(-1)?.id })
    }
    const ids: string[] = []
    for await (const { id } of open().list(signal)) {
      ids.push(id)
      if (id === 'b') expect(api.calls).toHaveLength(1)
    }
    expect(ids).toEqual(['a', 'b', 'c'])
    expect(api.calls.map(({ path }) => path)).toEqual([
      '/v1/messages/batches?limit=1000',
      '/v1/messages/batches?limit=1000&after_id=b',
    ])
  })

  it('throws for a list that is cut off or is none, instead of ending early', async () => {
    for (const body of ['{"data":[', '{"has_more":false}', '<html></html>']) {
      api.script = (_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(body)
      await caught(open().list(signal)[Symbol.asyncIterator]().next())
    }
  })

  it('tells a refused key, a wait and a fault apart, and does not retry by itself', async () => {
    const first = () => caught(open().list(signal)[Symbol.asyncIterator]().next())
    api.script = (_, response) => apiError(response, 401, 'authentication_error', 'API key is invalid.')
    expect(await first()).toMatchObject({ refusal: 'unauthorised' })
    api.script = (_, response) =>
      apiError(response, 429, 'rate_limit_error', 'Slow', { headers: { 'retry-after': '3' } })
    expect(await first()).toMatchObject({ refusal: 'busy', retryAfterMs: 3000 })
    api.script = (_, response) => response.writeHead(502).end('<html>')
    expect(await first()).not.toBeInstanceOf(RefusedError)
    expect(api.calls).toHaveLength(3)
  })
})

describe('retrieve', () => {
  it('answers undefined only when the API itself says that there is no such batch', async () => {
    api.script = (_, response) => apiError(response, 404, 'not_found_error', 'Message Batch x not found.')
    expect(await open().retrieve('msgbatch_x', signal)).toBeUndefined()
    api.script = (_, response) => response.writeHead(404).end('<html>no such page</html>')
    await caught(open().retrieve('msgbatch_x', signal))
  })

  it('reads a batch whatever content type the server names', async () => {
    const body = batchObject({ processing_status: 'ended', ended_at: '2026-11-22T10:05:00Z' })
    api.script = (_, response) => response.writeHead(200).end(JSON.stringify(body))
    expect(await open().retrieve('msgbatch_01', signal)).toMatchObject({
      status: 'ended',
      endedAt: Date.UTC(2026, 10, 22, 10, 5),
      raw: body,
    })
  })
})

describe('results', () => {
  const ended = (over: Record<string, unknown> = {}) =>
    batchObject({
      processing_status: 'ended',
      created_at: new Date(Date.now() - 3_600_000).toISOString(),
      results_url: `${api.url}/v1/messages/batches/msgbatch_01/results`,
      ...over,
    })

  it('gives the raw bytes as they come', async () => {
    const lines = '{"custom_id":"a"}\n'.repeat(50_000)
    api.script = ({ path }, response) => {
      if (path.endsWith('/results')) response.writeHead(200, { 'content-type': 'application/x-jsonl' }).end(lines)
      else json(response, 200, ended())
    }
    expect(await collect(await open().results('msgbatch_01', signal))).toBe(lines)
    expect(api.calls[1]?.headers.authorization).toBe(`Bearer ${KEY}`)
  })

  it('leaves no listener at the signal of a run, however many calls it makes', async () => {
    api.script = ({ path }, response) => {
      if (path.endsWith('/results')) response.writeHead(200).end('{"custom_id":"a"}\n')
      else json(response, 200, ended())
    }
    const stop = new AbortController()
    const live = open()
    for (let turn = 0; turn < 3; turn += 1) {
      await collect(await live.results('msgbatch_01', stop.signal))
      await live.cancel('msgbatch_01', stop.signal)
      await live.submit(batchOf([{}]), stop.signal)
    }
    expect(getEventListeners(stop.signal, 'abort')).toEqual([])
    api.script = ({ path }, response) => {
      if (path.endsWith('/results')) response.writeHead(200).write('{"custom_id":"a"}\n')
      else json(response, 200, ended())
    }
    const pieces = await live.results('msgbatch_01', stop.signal)
    stop.abort()
    expect((await caught(collect(pieces))).message).toContain('broke off')
  })

  it('throws when the connection breaks within the file', async () => {
    api.script = ({ path }, response) => {
      if (!path.endsWith('/results')) return json(response, 200, ended())
      response.writeHead(200).write('{"custom_id":"a"}\n')
      setTimeout(() => response.destroy(), 20)
    }
    const pieces = await open().results('msgbatch_01', signal)
    expect((await caught(collect(pieces))).message).toContain('broke off')
  })

  it('sends the key to no other host than the provider’s', async () => {
    api.script = (_, response) => json(response, 200, ended({ results_url: 'http://127.0.0.2:9/results' }))
    const error = await caught(open().results('msgbatch_01', signal))
    expect(error.message).toContain('the key is not sent there')
    expect(api.calls).toHaveLength(1)
  })

  it('tells results that are gone for good from those that are not there yet', async () => {
    const gone = { results_url: null, archived_at: '2026-11-22T10:00:00Z' }
    const old = new Date(Date.now() - 30 * 24 * 3_600_000).toISOString()
    for (const over of [gone, { created_at: old }, { created_at: old, results_url: null }]) {
      api.script = ({ path }, response) => {
        if (path.endsWith('/results')) apiError(response, 404, 'not_found_error', 'no available results')
        else json(response, 200, ended(over))
      }
      expect(await caught(open().results('msgbatch_01', signal))).toBeInstanceOf(ResultsGoneError)
    }
    for (const over of [{}, { results_url: null }]) {
      api.script = ({ path }, response) => {
        if (path.endsWith('/results')) apiError(response, 404, 'not_found_error', 'no available results')
        else json(response, 200, ended(over))
      }
      const error = await caught(open().results('msgbatch_01', signal))
      expect(error).not.toBeInstanceOf(ResultsGoneError)
      expect(error.message).toContain('not there yet')
    }
  })
})

describe('the other calls', () => {
  it('cancel and delete a batch by its id', async () => {
    api.script = (_, response) => json(response, 200, batchObject())
    await open().cancel('msgbatch_01', signal)
    await open().delete('msgbatch_01', signal)
    expect(api.calls.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /v1/messages/batches/msgbatch_01/cancel',
      'DELETE /v1/messages/batches/msgbatch_01',
    ])
  })

  it('say whether there is a model, and throw for a bad key', async () => {
    api.script = (_, response) => json(response, 200, { id: 'claude-haiku-5-5' })
    expect(await open().hasModel('claude-haiku-5-5', signal)).toBe(true)
    api.script = (_, response) => apiError(response, 404, 'not_found_error', 'model: x')
    expect(await open().hasModel('claude-x', signal)).toBe(false)
    api.script = (_, response) => apiError(response, 401, 'authentication_error', 'API key is invalid.')
    expect(await caught(open().hasModel('claude-x', signal))).toMatchObject({ refusal: 'unauthorised' })
  })

  it('count the tokens of a body by the fields that counting takes', async () => {
    api.script = (_, response) => json(response, 200, { input_tokens: 14 })
    const counted = { model: 'claude-haiku-5-5', system: 'Be brief.', messages: [{ role: 'user', content: 'Well?' }] }
    const body = { ...counted, max_tokens: 5, stop_sequences: ['x'], metadata: { user_id: 'u' }, inference_geo: 'us' }
    expect(await open().countTokens?.(body, signal)).toBe(14)
    expect(api.calls[0]?.path).toBe('/v1/messages/count_tokens')
    expect(JSON.parse(String(api.calls[0]?.body))).toEqual(counted)
  })

  it('send one request at once and give its answer as a line at list price', async () => {
    const message = {
      model: 'claude-haiku-5-5',
      content: [{ type: 'text', text: 'Yes.' }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 3, output_tokens: 2 },
    }
    api.script = (_, response) => json(response, 200, message)
    const body = { model: 'claude-haiku-5-5', max_tokens: 5, messages: [{ role: 'user', content: 'Well?' }] }
    const line = await open().send('row-1', body, signal)
    expect(line).toMatchObject({
      customId: 'row-1',
      result: { type: 'succeeded', answer: { text: 'Yes.', billing: { batch: false } }, usage: { inputTokens: 3 } },
    })
    expect(JSON.parse(api.calls[0]?.body ?? '')).toEqual(body)
    api.script = (_, response) => apiError(response, 400, 'invalid_request_error', 'max_tokens: too many')
    expect(await open().send('row-1', body, signal)).toEqual({
      customId: 'row-1',
      result: { type: 'errored', code: 'invalid_request_error', message: 'max_tokens: too many', kind: 'invalid' },
    })
    api.script = (_, response) => apiError(response, 401, 'authentication_error', 'API key is invalid.')
    expect(await caught(open().send('row-1', body, signal))).toMatchObject({ refusal: 'unauthorised' })
  })
})
