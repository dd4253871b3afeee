// With an upstream the emulator is a batch engine for any Messages endpoint. Here another emulator is that endpoint.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { asking, ended, openWorld, requestsOf, resultsOf, runBatch, textOf } from './world.ts'

describe('an upstream', () => {
  it('answers the requests of a batch, billed as a batch', async () => {
    const upstream = await openWorld()
    const world = await openWorld({ answers: `upstream:${upstream.url}` })
    const client = world.client()
    const results = await resultsOf(client, (await runBatch(client, requestsOf(30))).id)
    expect(results.size).toBe(30)
    expect(textOf(results.get('r-12'))).toContain('This is text number 12.')
    expect(results.get('r-12')).toMatchObject({ message: { usage: { service_tier: 'batch' } } })
    expect((await upstream.stats()).calls.messages).toBe(30)
    expect((await client.messages.create(asking('Right now.'))).usage.service_tier).toBe('standard')
  })

  it('is asked again when it is overloaded, and not when it refuses', async () => {
    const upstream = await openWorld()
    await upstream.setFaults([{ on: 'messages', nth: [1, 3], do: { status: 529, retry_after: 0 } }])
    const world = await openWorld({ answers: `upstream:${upstream.url}/v1` })
    const client = world.client()
    const wrong = { custom_id: 'wrong', params: asking('Hello there.', { max_tokens: -1 }) }
    const batch = await runBatch(client, [...requestsOf(4), wrong])
    expect(batch.request_counts).toMatchObject({ succeeded: 4, errored: 1 })
    expect((await resultsOf(client, batch.id)).get('wrong')).toMatchObject({
      error: {
        type: 'error',
        error: { type: 'invalid_request_error', message: expect.stringContaining('max_tokens') },
      },
    })
    expect((await upstream.stats()).calls.messages).toBe(7)
  })

  it('is not asked again for what it answered before a restart', async () => {
    const upstream = await openWorld()
    await upstream.setFaults([{ on: 'messages', do: { delay_ms: 20 } }])
    const world = await openWorld({ answers: `upstream:${upstream.url}` })
    const { id } = await world.client().messages.batches.create({ requests: requestsOf(100) })
    while (((await upstream.stats()).calls.messages ?? 0) < 40) await sleep(10)
    const again = await world.restart()
    const client = again.client()
    expect((await ended(client, id)).request_counts.succeeded).toBe(100)
    expect(await resultsOf(client, id)).toHaveLength(100)
    // Only what was under way when it was stopped was asked twice.
    expect((await upstream.stats()).calls.messages).toBeLessThanOrEqual(108)
  })

  it('is asked for a few requests at once, with the key and the version of the client', async () => {
    let now = 0
    let most = 0
    const seen = new Set<string>()
    const url = await serve(async (headers) => {
      most = Math.max(most, ++now)
      seen.add(`${headers['x-api-key'] ?? headers.authorization} ${headers['anthropic-version']}`)
      await sleep(15)
      now--
      return { id: 'msg_1', type: 'message', role: 'assistant', content: [{ type: 'text', text: 'Yes.' }], usage: {} }
    })
    const world = await openWorld({ answers: `upstream:${url}` })
    await runBatch(world.client({ apiKey: 'secret' }), requestsOf(40))
    expect(most).toBeGreaterThan(3)
    expect(most).toBeLessThanOrEqual(8)
    expect([...seen]).toEqual(['Bearer secret 2026-10-21'])
  })

  it('keeps what it answered when the batch is canceled', async () => {
    const url = await serve(async (_headers, count) => {
      if (count > 10) await sleep(60_000, undefined, { ref: false })
      return { id: 'msg_1', type: 'message', role: 'assistant', content: [{ type: 'text', text: 'Yes.' }], usage: {} }
    })
    const world = await openWorld({ answers: `upstream:${url}`, batchSeconds: 60 })
    const client = world.client()
    const { id } = await client.messages.batches.create({ requests: requestsOf(30) })
    await sleep(200)
    await client.messages.batches.cancel(id)
    const batch = await ended(client, id)
    expect(batch.request_counts).toMatchObject({ succeeded: 10, canceled: 20 })
    expect(await resultsOf(client, id)).toHaveLength(30)
  })

  it('that cannot be reached leaves errored lines, after it was tried again', async () => {
    const world = await openWorld({ answers: 'upstream:http://127.0.0.1:9' })
    const client = world.client()
    const { id } = await client.messages.batches.create({ requests: requestsOf(1) })
    const batch = await ended(client, id, 40_000)
    expect(batch.request_counts.errored).toBe(1)
    expect((await resultsOf(client, id)).get('r-0')).toMatchObject({ error: { error: { type: 'api_error' } } })
  })

  it('must be a URL', async () => {
    await expect(openWorld({ answers: 'upstream:nonsense' })).rejects.toThrow('"nonsense" is not a URL.')
    await expect(openWorld({ answers: 'upstream:ftp://x' })).rejects.toThrow('over http or https')
  })
})

/** A Messages endpoint of a few lines; `answer` gets the headers and the number of the call. */
async function serve(answer: (headers: Record<string, unknown>, count: number) => Promise<object>): Promise<string> {
  let count = 0
  const server = createServer((incoming, outgoing) => {
    incoming.resume()
    void answer(incoming.headers, ++count).then((body) => {
      outgoing.setHeader('content-type', 'application/json')
      outgoing.end(JSON.stringify(body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
