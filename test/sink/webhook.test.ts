import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import type { Json, JsonObject } from '../../src/core/json.ts'
import type { Outcome } from '../../src/core/result.ts'
import { outcomeOf, outcomesOf } from '../../src/sink/contract-data.ts'
import type { SinkContext } from '../../src/sink/sink.ts'
import { createWebhookSink, webhook } from '../../src/sink/webhook.ts'
import { describeSink } from '../contract/sink-contract.ts'
import { contextIn } from './places.ts'

interface Received {
  readonly headers: IncomingHttpHeaders
  readonly body: JsonObject
  readonly path: string
}

const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

/** A receiver that keeps what it takes; `answer` may refuse (and must then end the response). */
async function receiver(answer: (response: ServerResponse, count: number) => boolean = () => true) {
  const received: Received[] = []
  let count = 0
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece as Buffer)
    if (!answer(response, ++count)) return
    const body = JSON.parse(Buffer.concat(pieces).toString()) as JsonObject
    received.push({ headers: request.headers, body, path: request.url ?? '' })
    response.end('ok')
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, received, requests: () => count }
}

const pauses: number[] = []
const sink = createWebhookSink(async (ms) => {
  pauses.push(ms)
})

describeSink('webhook', {
  sink,
  atLeastOnce: true,
  noUndo: true,
  expect: (outcome) => outcome as unknown as Json,
  place: async () => {
    const { url, received } = await receiver()
    return {
      options: { url },
      context: contextIn('/'),
      read: async () => received.flatMap(({ body }) => body.outcomes as Json[]),
      list: async () => [],
    }
  },
})

async function deliver(
  options: JsonObject,
  outcomes: readonly Outcome[],
  more: Partial<SinkContext> = {},
): Promise<void> {
  pauses.length = 0
  const writer = await sink.open(options, contextIn('/', more))
  const part = await writer.openPart({ index: 3, attempt: 2 })
  for (const outcome of outcomes) await part.write(outcome)
  await part.commit()
  await writer.finish()
}

describe('a request of the webhook sink', () => {
  test('says what it is, in pieces of bounded size, with the same keys every time', async () => {
    const { url, received } = await receiver()
    const rows = outcomesOf('row', 0, 10)
    await deliver({ url, max_bytes: 2000 }, rows)
    await deliver({ url, max_bytes: 2000 }, rows)
    const half = received.length / 2
    expect(half).toBeGreaterThan(2)
    expect(received[0]?.body).toMatchObject({
      run: 'job-20261122-071500-x7k2',
      job: 'job',
      part: 3,
      attempt: 2,
      piece: 0,
    })
    expect(received[0]?.headers['content-type']).toBe('application/json')
    const keys = received.map(({ headers }) => headers['idempotency-key'])
    expect(keys.slice(0, 2)).toEqual(['job-20261122-071500-x7k2.3.2.0', 'job-20261122-071500-x7k2.3.2.1'])
    expect(keys.slice(half)).toEqual(keys.slice(0, half))
    expect(received.slice(0, half).flatMap(({ body }) => body.outcomes)).toEqual(rows)
  })

  test('holds one outcome with batch: row, under a key of its own whatever script the row’s key is in', async () => {
    const { url, received } = await receiver()
    await deliver({ url, batch: 'row' }, [outcomeOf('漢字', 0), outcomeOf('漢', 1)], { run: 'джоб' })
    expect(received.map(({ body }) => body.key)).toEqual(['漢字', '漢'])
    const keys = received.map(({ headers }) => headers['idempotency-key'])
    expect(new Set(keys).size).toBe(2)
    for (const key of keys) expect(key).toMatch(/^[\x21-\x7e]+\.3\.2\.[0-9a-f]{16}$/)
  })

  test('carries headers, those from the environment too, and the columns that are named', async () => {
    const { url, received } = await receiver()
    const options = {
      url,
      headers: { 'X-Team': 'search' },
      headers_env: { Authorization: 'TOKEN' },
      columns: { id: 'key' },
    }
    await deliver(options, [outcomeOf('a', 0)], { env: { TOKEN: 'Bearer s3cret' } })
    expect(received[0]?.headers).toMatchObject({ 'x-team': 'search', authorization: 'Bearer s3cret' })
    expect(received[0]?.body.outcomes).toEqual([{ id: 'a' }])
    await expect(deliver(options, [])).rejects.toThrow('The environment variable TOKEN')
  })
})

describe('the retries of the webhook sink', () => {
  const refusing = (status: number, times: number, headers: Record<string, string> = {}) =>
    receiver((response, count) => {
      if (count > times) return true
      response.writeHead(status, headers).end('not now')
      return false
    })

  test.each([408, 425, 429, 500, 503])('go on after %i, with growing pauses', async (status) => {
    const { url, received } = await refusing(status, 3)
    await deliver({ url }, [outcomeOf('a', 0)])
    expect(received).toHaveLength(1)
    expect(pauses).toEqual([500, 1000, 2000])
  })

  test('wait as long as retry-after says', async () => {
    const { url } = await refusing(429, 1, { 'retry-after': '7' })
    await deliver({ url }, [outcomeOf('a', 0)])
    expect(pauses).toEqual([7000])
  })

  test('go on after a connection that breaks and after an answer that does not come', async () => {
    const { url, received } = await receiver((response, count) => {
      if (count > 2) return true
      if (count === 1) response.destroy()
      return false
    })
    await deliver({ url, timeout: 0.2 }, [outcomeOf('a', 0)])
    expect(received).toHaveLength(1)
  })

  test.each([400, 401, 404, 301])('do not go on after %i', async (status) => {
    const { url, requests } = await refusing(status, 99, { location: 'http://127.0.0.1:1/' })
    await expect(deliver({ url }, [outcomeOf('a', 0)])).rejects.toThrow(`it answered ${status}`)
    expect(requests()).toBe(1)
  })

  test('end after the time they have, and say what the other side said', async () => {
    const { url, requests } = await refusing(503, 99)
    await expect(deliver({ url, retry_for: 10 }, [outcomeOf('a', 0)])).rejects.toThrow(
      /did not take the outcomes after 5 tries: it answered 503 Service Unavailable not now\./,
    )
    expect(requests()).toBe(5)
  })

  test('end at once when the run is interrupted', async () => {
    const { url } = await refusing(503, 99)
    const controller = new AbortController()
    const writer = await webhook.open({ url }, contextIn('/', { signal: controller.signal }))
    const part = await writer.openPart({ index: 0, attempt: 1 })
    await part.write(outcomeOf('a', 0))
    const commit = part.commit()
    setTimeout(() => controller.abort(new Error('interrupted')), 50)
    await expect(commit).rejects.toThrow('interrupted')
  })
})

describe('the address of a webhook', () => {
  test.each([
    ['http://hooks.example.com/a', 1],
    ['ftp://hooks.example.com/a', 1],
    ['nowhere', 1],
    ['https://hooks.example.com/a', 0],
    ['http://localhost:8080/a', 0],
    ['http://127.0.0.1/a', 0],
    ['http://[::1]/a', 0],
    ['http://127.0.0.1.example.com/', 1],
  ])('%s has %i problems', (url, problems) => {
    expect(webhook.check?.({ url })).toHaveLength(problems)
  })

  test('is given once, written out or by the name of its environment variable', () => {
    expect(webhook.check?.({})).toMatchObject([{ message: 'This sink has neither "url" nor "url_env".' }])
    expect(webhook.check?.({ url: 'https://a.example/', url_env: 'URL' })).toMatchObject([{ path: '/url_env' }])
    expect(webhook.check?.({ url_env: 'URL' })).toEqual([])
  })

  test('may be http elsewhere where the job says so', () => {
    expect(webhook.check?.({ url: 'http://hooks.internal/a', allow_http: true })).toEqual([])
  })

  test('is shown without its secrets, which are sent', async () => {
    const { url, received } = await receiver()
    const secret = url.replace('//', '//me:pa%20ss@').concat('?token=t0ken')
    const writer = await webhook.open({ url: secret }, contextIn('/'))
    expect(writer.location).toBe(url)
    const part = await writer.openPart({ index: 0, attempt: 1 })
    await part.write(outcomeOf('a', 0))
    await part.commit()
    expect(received[0]?.path).toBe('/hook?token=t0ken')
    expect(received[0]?.headers.authorization).toBe(`Basic ${Buffer.from('me:pa ss').toString('base64')}`)
  })
})
