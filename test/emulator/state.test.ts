// Time, retention, deletion, statistics, files, and the folder that holds it all.

import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startEmulator } from '../../src/emulator/start.ts'
import { asking, ended, MODEL, openWorld, requestsOf, resultsOf, runBatch, temporaryFolder } from './world.ts'

const DAY = 86_400

describe('time', () => {
  it('ends a batch when its time has come, and not before', async () => {
    const world = await openWorld({ batchSeconds: 3600 })
    const client = world.client()
    const { id } = await client.messages.batches.create({ requests: requestsOf(2) })
    await world.advance(3590)
    expect((await client.messages.batches.retrieve(id)).processing_status).toBe('in_progress')
    await world.advance(10)
    expect((await client.messages.batches.retrieve(id)).processing_status).toBe('ended')
  })

  it('runs by the clock that was given', async () => {
    let now = Date.parse('2030-01-01T00:00:00Z')
    const world = await openWorld({ batchSeconds: 100, now: () => now })
    const client = world.client()
    const { id, created_at } = await client.messages.batches.create({ requests: requestsOf(1) })
    expect(created_at).toMatch(/^2030-01-01T00:00:00\.\d{6}\+00:00$/)
    now += 100_000
    expect((await client.messages.batches.retrieve(id)).processing_status).toBe('ended')
  })

  it('expires at 24 hours what has not been answered', async () => {
    const world = await openWorld({ batchSeconds: 2 * DAY })
    const client = world.client()
    const { id } = await client.messages.batches.create({ requests: requestsOf(3) })
    await world.advance(DAY)
    const batch = await client.messages.batches.retrieve(id)
    expect(batch).toMatchObject({ processing_status: 'ended', request_counts: { expired: 3, succeeded: 0 } })
    expect([...(await resultsOf(client, id)).values()]).toEqual([
      { type: 'expired' },
      { type: 'expired' },
      { type: 'expired' },
    ])
  })

  it('takes the results away 29 days after creation, and the batch stays listed', async () => {
    const world = await openWorld()
    const client = world.client()
    const { id } = await runBatch(client, requestsOf(1))
    await world.advance(29 * DAY - 60)
    expect(await resultsOf(client, id)).toHaveLength(1)
    await world.advance(60)
    const batch = await client.messages.batches.retrieve(id)
    expect(batch.results_url).toBeNull()
    expect(Date.parse(batch.archived_at ?? '') - Date.parse(batch.created_at)).toBe(29 * DAY * 1000)
    expect((await world.call(`/v1/messages/batches/${id}/results`)).status).toBe(404)
    expect((await client.messages.batches.list()).data).toHaveLength(1)
    expect((await client.messages.batches.delete(id)).id).toBe(id)
  })

  it('retires a model when its day has come', async () => {
    const world = await openWorld({ now: () => Date.parse('2026-11-22T00:00:00Z') })
    const client = world.client()
    const request = { custom_id: 'a', params: asking('Hello there.', { model: 'claude-sonnet-4-5' }) }
    expect((await runBatch(client, [request])).request_counts.succeeded).toBe(1)
    await world.advance(9 * DAY)
    expect((await runBatch(client, [request])).request_counts.errored).toBe(1)
    expect((await client.models.retrieve('claude-sonnet-4-5')).lifecycle).toBe('retired')
  })

  it('cannot be moved by nonsense', async () => {
    const world = await openWorld()
    for (const body of ['{"seconds": -1}', '{"seconds": "x"}', '{}', '[]']) {
      expect((await fetch(`${world.url}/_emulator/advance`, { method: 'POST', body })).status).toBe(400)
    }
  })
})

describe('the order of results', () => {
  it('is shuffled by the seed, or that of the requests', async () => {
    const orderOf = async (order: 'shuffled' | 'input', seed: number) => {
      const client = (await openWorld({ order, seed })).client()
      return [...(await resultsOf(client, (await runBatch(client, requestsOf(50))).id)).keys()]
    }
    const sent = requestsOf(50).map((one) => one.custom_id)
    expect(await orderOf('input', 1)).toEqual(sent)
    const shuffled = await orderOf('shuffled', 1)
    expect(shuffled).not.toEqual(sent)
    expect([...shuffled].sort()).toEqual([...sent].sort())
    expect(await orderOf('shuffled', 1)).toEqual(shuffled)
    expect(await orderOf('shuffled', 2)).not.toEqual(shuffled)
  })
})

describe('statistics', () => {
  it('say what was accepted and what became of it, over deletion and restart', async () => {
    const world = await openWorld()
    await world.setFaults([{ on: 'request', match: 'number 1\\b', do: { error: 'api_error' } }])
    const client = world.client()
    const first = await runBatch(client, requestsOf(3))
    await client.messages.batches.delete(first.id)
    const { id } = await runBatch(client, [{ custom_id: 'other', params: asking('Something else.') }])
    const stats = await world.stats()
    expect(stats).toMatchObject({
      calls: { create: 2, delete: 1, results: 0 },
      batches: [
        { id: first.id, requests: 3, status: 'ended', max_in_memory_bytes: expect.any(Number) },
        { id, requests: 1, status: 'ended' },
      ],
      requests: { accepted: 4, succeeded: 3, errored: 1, canceled: 0, expired: 0 },
      paid_more_than_once: [],
    })
    expect(await (await world.restart()).stats()).toEqual(stats)
  })

  it('name what was answered in more than one batch: the same content under any id, not twins in one batch', async () => {
    const world = await openWorld()
    const client = world.client()
    const twins = ['a', 'b'].map((custom_id) => ({ custom_id, params: asking('The same words.') }))
    await runBatch(client, twins)
    expect((await world.stats()).paid_more_than_once).toEqual([])
    // Another order of keys is the same content.
    const params = { messages: [{ content: 'The same words.', role: 'user' as const }], max_tokens: 1024, model: MODEL }
    await runBatch(client, [{ custom_id: 'c', params }, ...requestsOf(2)])
    expect([...(await world.stats()).paid_more_than_once].sort()).toEqual(['a', 'b', 'c'])
    const again = await world.restart()
    expect([...(await again.stats()).paid_more_than_once].sort()).toEqual(['a', 'b', 'c'])
  })

  it('know how many batches were under way at once', async () => {
    const world = await openWorld({ batchSeconds: 100 })
    const client = world.client()
    for (let at = 0; at < 3; at++) await client.messages.batches.create({ requests: requestsOf(1) })
    await world.advance(100)
    await client.messages.batches.create({ requests: requestsOf(1) })
    expect((await world.stats()).peak_in_flight_batches).toBe(3)
  })
})

describe('the same seed', () => {
  it('gives the same ids and results to the same calls', async () => {
    const run = async () => {
      const world = await openWorld({ seed: 42 })
      const { id } = await runBatch(world.client(), requestsOf(10))
      return [id, await (await world.call(`/v1/messages/batches/${id}/results`)).text()]
    }
    expect(await run()).toEqual(await run())
  })
})

describe('files', () => {
  it('have the old shapes with the old beta header', async () => {
    const world = await openWorld()
    const form = new FormData()
    form.set('file', new File(['x'], '../path/name.pdf'))
    const headers = { 'anthropic-beta': 'files-api-2025-04-14' }
    const response = await world.call('/v1/files', { method: 'POST', body: form, headers })
    const file = (await response.json()) as { readonly id: string }
    expect(file).toEqual({
      id: expect.stringMatching(/^file_01/),
      type: 'file',
      filename: 'name.pdf',
      mime_type: 'application/pdf',
      size_bytes: 1,
      created_at: expect.any(String),
      downloadable: false,
    })
    const list = await (await world.call('/v1/files', { headers })).json()
    expect(list).toEqual({ data: [file], has_more: false, first_id: file.id, last_id: file.id })
  })

  it('expire, and a request that refers to one then fails', async () => {
    const world = await openWorld()
    const client = world.client()
    const file = await client.files.upload({ file: new File(['Words.'], 'a.txt'), expires_in_seconds: 3600 })
    expect(Date.parse(file.expires_at ?? '') - Date.parse(file.created_at)).toBe(3_600_000)
    const document = { type: 'document', source: { type: 'file', file_id: file.id } }
    const request = { custom_id: 'a', params: asking([document]) }
    expect((await runBatch(client, [request])).request_counts.succeeded).toBe(1)
    await world.advance(3600)
    const batch = await runBatch(client, [request])
    expect((await resultsOf(client, batch.id)).get('a')).toMatchObject({
      error: { error: { type: 'not_found_error', details: { error_code: 'file_expired' } } },
    })
    await expect(client.files.upload({ file: new File(['x'], 'a'), expires_in_seconds: 5 })).rejects.toThrow(
      'expires_in_seconds',
    )
  })

  it('of some megabytes arrive as they were sent', async () => {
    const world = await openWorld()
    const client = world.client()
    const text = 'A line that ends here.\r\n--b\r\n'.repeat(150_000)
    const file = await client.files.upload({ file: new File([text], 'big.txt', { type: 'text/plain' }) })
    expect(file.size_bytes).toBe(text.length)
    const ids = await client.files.list({ ids: [file.id, 'file_none'] })
    expect(ids.data.map((one) => one.id)).toEqual([file.id])
  })
})

describe('a state folder', () => {
  it('is used by one emulator at a time', async () => {
    const world = await openWorld()
    const options = {
      port: 0,
      host: '127.0.0.1',
      answers: 'extract',
      batchSeconds: 0,
      order: 'input',
      seed: 1,
    } as const
    await expect(startEmulator({ ...options, stateDir: world.stateDir })).rejects.toThrow(
      `Another emulator works in ${world.stateDir}; it listens on ${world.url}.`,
    )
    const attached = await startEmulator({ ...options, stateDir: world.stateDir, attach: true })
    expect(attached.url).toBe(world.url)
    await attached.close()
    await world.stats()
  })

  it('is rid of what a crash left behind', async () => {
    const stateDir = await temporaryFolder()
    await mkdir(join(stateDir, 'incoming', '7'), { recursive: true })
    await writeFile(join(stateDir, 'incoming', '7', 'requests.json'), 'half')
    const world = await openWorld({ stateDir })
    expect(await readdir(join(stateDir, 'incoming'))).toEqual([])
    await runBatch(world.client(), requestsOf(1))
    expect(await readdir(join(stateDir, 'incoming'))).toEqual([])
  })

  it('loses what is large of a deleted batch', async () => {
    const world = await openWorld()
    const client = world.client()
    const { id } = await runBatch(client, requestsOf(1))
    await client.messages.batches.delete(id)
    expect((await readdir(join(world.stateDir, 'batches', id))).sort()).toEqual(['contents', 'index', 'meta.json'])
  })
})

it('a large batch does not keep other calls waiting', async () => {
  const world = await openWorld()
  const client = world.client()
  const { id } = await client.messages.batches.create({ requests: requestsOf(15_000) })
  let answered = 0
  let isOver = false
  const watching = ended(client, id, 30_000).then(() => {
    isOver = true
  })
  for (; !isOver; answered++) await client.models.list({ limit: 1 })
  await watching
  // A server that answered the whole batch in one go would have answered one or two.
  expect(answered).toBeGreaterThan(8)
})

it('only loopback is listened on', async () => {
  const world = await openWorld()
  expect(new URL(world.url).hostname).toBe('127.0.0.1')
  const six = await openWorld({ host: '::1' })
  expect((await six.stats()).batches).toEqual([])
})

it('a port that is taken is said to be taken', async () => {
  const world = await openWorld()
  await expect(openWorld({ port: Number(new URL(world.url).port) })).rejects.toThrow('is in use')
})
