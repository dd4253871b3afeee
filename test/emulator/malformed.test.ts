// Whatever is sent, the emulator goes on, and what it answers is an error envelope.

import { connect } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { asking, openWorld, requestsOf, resultsOf, runBatch, type World } from './world.ts'

const HEADERS = 'x-api-key: k\r\nanthropic-version: 2023-06-01\r\ncontent-type: application/json\r\n'
const PATHS = ['/v1/messages/batches', '/v1/messages', '/v1/messages/count_tokens', '/v1/files', '/_emulator/advance']

describe('a body', () => {
  const bodies: [string, string | Uint8Array][] = [
    ['that is empty', ''],
    ['that is not JSON', '{"requests": [{"custom_id": "a", "params": {]}'],
    ['that ends early', '{"requests": [{"custom_id": "a", "par'],
    ['that is a number', '7'],
    ['that is a list', '[[[]]]'],
    ['that is null', 'null'],
    ['that is not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
    ['with half a character at its end', Buffer.concat([Buffer.from('{"requests":["'), Buffer.from([0xe2, 0x82])])],
    ['with a zero byte', Buffer.from([0])],
    ['nested 10,000 deep and never closed', '['.repeat(10_000)],
    ['nested 10,000 deep', `${'['.repeat(10_000)}${']'.repeat(10_000)}`],
    [
      'with fields of wrong types',
      '{"requests": [{"custom_id": {}, "params": []}], "model": 5, "messages": "x", "seconds": "x"}',
    ],
  ]
  it.each(bodies)('%s is refused by every endpoint', async (_, body) => {
    const world = await openWorld()
    for (const path of PATHS) {
      await expectEnvelope(await world.call(path, { method: 'POST', body: body as RequestInit['body'] & {} }))
    }
    await expectAlive(world)
  })

  it('of arbitrary JSON is answered by every endpoint', async () => {
    const world = await openWorld()
    const likely = fc.oneof(
      fc.jsonValue(),
      fc.record({
        requests: fc.array(fc.record({ custom_id: fc.jsonValue(), params: fc.jsonValue() }, { requiredKeys: [] })),
      }),
      fc.record(
        {
          model: fc.constant('claude-haiku-5-5'),
          max_tokens: fc.jsonValue(),
          messages: fc.jsonValue(),
          system: fc.jsonValue(),
          tools: fc.jsonValue(),
        },
        { requiredKeys: [] },
      ),
    )
    await fc.assert(
      fc.asyncProperty(likely, fc.constantFrom(...PATHS.slice(0, 3)), async (value, path) => {
        const response = await world.call(path, { method: 'POST', body: JSON.stringify(value) })
        expect(response.status).toBeLessThan(500)
        if (response.status !== 200) await expectEnvelope(response)
      }),
      { numRuns: 300 },
    )
  })

  it('with params of any kind becomes lines, one for each request', async () => {
    const world = await openWorld()
    const client = world.client()
    const block = fc.oneof(
      fc.jsonValue(),
      fc.record(
        {
          type: fc.constantFrom('text', 'document', 'image', 'tool_use', 'tool_result', 'search_result', 'thinking'),
          text: fc.jsonValue(),
          source: fc.jsonValue(),
          content: fc.jsonValue(),
          cache_control: fc.jsonValue(),
        },
        { requiredKeys: ['type'] },
      ),
    )
    const message = fc.record({
      role: fc.constantFrom('user', 'assistant', 'x'),
      content: fc.oneof(fc.array(block), fc.jsonValue()),
    })
    const field = fc.jsonValue()
    const params = fc.record(
      {
        model: fc.constantFrom('claude-haiku-5-5', 'claude-haiku-4-5', 5),
        max_tokens: fc.constantFrom(100, 'x', -1),
        messages: fc.oneof(fc.array(message), field),
        system: fc.oneof(fc.array(block), field),
        tools: fc.oneof(fc.array(fc.record({ name: field, input_schema: field })), field),
        tool_choice: field,
        thinking: field,
        output_config: fc.oneof(
          fc.record({ format: fc.record({ type: fc.constant('json_schema'), schema: field }) }),
          field,
        ),
        metadata: field,
        stop_sequences: field,
        cache_control: field,
      },
      { requiredKeys: ['model', 'max_tokens', 'messages'] },
    )
    const all = fc.sample(params, { numRuns: 600, seed: 5 })
    const requests = all.map((one, at) => ({ custom_id: `r-${at}`, params: one as never }))
    const results = await resultsOf(client, (await runBatch(client, requests)).id)
    expect(results.size).toBe(600)
    const internal = [...results].filter(([, result]) => JSON.stringify(result).includes('Internal server error'))
    expect(internal.map(([id]) => JSON.stringify(all[Number(id.slice(2))]))).toEqual([])
  })

  it('with a request nested 10,000 deep is accepted, and the others are answered', async () => {
    const world = await openWorld()
    const deep = `{"custom_id":"deep","params":{"model":"claude-haiku-5-5","max_tokens":5,"metadata":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)},"messages":[{"role":"user","content":"x"}]}}`
    const schema = `{"custom_id":"schema","params":{"model":"claude-haiku-5-5","max_tokens":5,"tools":[{"name":"t","input_schema":{"type":"object","a":${'['.repeat(10_000)}${']'.repeat(10_000)}}}],"messages":[{"role":"user","content":"x"}]}}`
    const good = JSON.stringify(requestsOf(1)[0])
    const response = await world.call('/v1/messages/batches', {
      method: 'POST',
      body: `{"requests":[${deep},${schema},${good}]}`,
    })
    expect(response.status).toBe(200)
    const { id } = (await response.json()) as { id: string }
    await world.advance(1)
    const results = await resultsOf(world.client(), id)
    expect(results.get('deep')?.type).toBe('errored')
    expect(results.has('schema')).toBe(true)
    expect(results.get('r-0')?.type).toBe('succeeded')
  })

  it('that is compressed is refused', async () => {
    const world = await openWorld()
    const headers = { 'content-encoding': 'gzip' }
    await expectEnvelope(await world.call('/v1/messages', { method: 'POST', body: 'x', headers }))
  })
})

describe('a request', () => {
  const raw: [string, string, number][] = [
    ['that is no HTTP', 'hello there\r\n\r\n', 400],
    [
      'with a length that is too long for its body',
      `POST /v1/messages/batches HTTP/1.1\r\nhost: x\r\n${HEADERS}content-length: 500\r\n\r\n{"requests":[`,
      400,
    ],
    [
      'with a length that is too short for its body',
      `POST /v1/messages HTTP/1.1\r\nhost: x\r\n${HEADERS}content-length: 5\r\n\r\n{"model":"claude-haiku-5-5"}`,
      400,
    ],
    [
      'with a length that is no number',
      `POST /v1/messages HTTP/1.1\r\nhost: x\r\n${HEADERS}content-length: many\r\n\r\n{}`,
      400,
    ],
    [
      'with broken chunks',
      `POST /v1/messages/batches HTTP/1.1\r\nhost: x\r\n${HEADERS}transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`,
      400,
    ],
    ['without a host', `GET /v1/nothing HTTP/1.1\r\n${HEADERS}\r\n`, 404],
    ['with an address that is none', `GET http://[::bad HTTP/1.1\r\nhost: x\r\n${HEADERS}\r\n`, 404],
    ['with bad percent signs', `GET /v1/messages/batches/%E0%A4%A HTTP/1.1\r\nhost: x\r\n${HEADERS}\r\n`, 404],
    ['with a bad host', `GET /v1/messages/batches/none HTTP/1.1\r\nhost: a b<>\r\n${HEADERS}\r\n`, 404],
    [
      'with too many headers',
      `GET /v1/models HTTP/1.1\r\nhost: x\r\n${`a: ${'x'.repeat(1000)}\r\n`.repeat(40)}\r\n`,
      431,
    ],
  ]
  it.each(raw)('%s gets an envelope', async (_, text, status) => {
    const world = await openWorld()
    const answer = await exchange(world.url, text)
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    const body = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4).split('HTTP/1.1')[0] ?? '')
    expect(body).toMatchObject({ type: 'error', error: { type: expect.any(String), message: expect.any(String) } })
    await expectAlive(world)
  })

  it('whose body comes slowly is waited for, and others are answered meanwhile', async () => {
    const world = await openWorld()
    const body = JSON.stringify(asking('Slowly said.'))
    const socket = connect(Number(new URL(world.url).port), '127.0.0.1')
    socket.write(
      `POST /v1/messages HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${HEADERS}content-length: ${body.length}\r\n\r\n`,
    )
    let answer = ''
    socket.on('data', (piece) => {
      answer += piece
    })
    const closed = new Promise((resolve) => socket.on('close', resolve))
    for (const character of body) {
      socket.write(character)
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    await expectAlive(world)
    await closed
    expect(answer).toContain('Slowly said.')
  })

  it('with a multipart body that is malformed gets an envelope', async () => {
    const world = await openWorld()
    const type = 'multipart/form-data; boundary=b'
    const file = 'content-disposition: form-data; name="file"; filename="a.txt"'
    const bodies: [string, string][] = [
      ['text/plain', 'x'],
      ['multipart/form-data', 'x'],
      [type, ''],
      [type, '--b--\r\n'],
      [type, '--bxx'],
      [type, `--b\r\n${file}\r\n\r\nabc`],
      [type, `--b\r\n${file}\r\n\r\n\r\n--b--\r\n`],
      [type, `--b\r\nno headers\r\n\r\nabc\r\n--b--\r\n`],
      [
        type,
        `--b\r\n${file}\r\n\r\nabc\r\n--b\r\ncontent-disposition: form-data; name="expires_in_seconds"\r\n\r\n5\r\n--b--\r\n`,
      ],
    ]
    for (const [contentType, body] of bodies) {
      const headers = { 'content-type': contentType }
      await expectEnvelope(await world.call('/v1/files', { method: 'POST', body, headers }))
    }
    expect(await (await world.call('/v1/files')).json()).toEqual({ data: [], next_page: null })
  })
})

async function expectEnvelope(response: Response): Promise<void> {
  expect(response.status).toBeGreaterThanOrEqual(400)
  expect(response.status).toBeLessThan(500)
  expect(await response.json()).toEqual({
    type: 'error',
    error: expect.objectContaining({ type: expect.any(String), message: expect.any(String) }),
    request_id: response.headers.get('request-id'),
  })
}

async function expectAlive(world: World): Promise<void> {
  expect((await world.call('/v1/messages', { method: 'POST', body: JSON.stringify(asking('Alive.')) })).status).toBe(
    200,
  )
}

/** Sends raw bytes, says that no more will come, and takes in what is answered. */
function exchange(url: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', allowHalfOpen: true })
    let answer = ''
    socket.on('data', (piece) => {
      answer += piece
    })
    socket.on('end', () => {
      socket.destroy()
      resolve(answer)
    })
    socket.on('error', reject)
    socket.end(text)
  })
}
