// The official SDK against the emulator, with nothing but address and key: it must not be able to tell.

import Anthropic, { toFile } from '@anthropic-ai/sdk'
import { describe, expect, it } from 'vitest'
import { asking, ended, MODEL, openWorld, requestsOf, resultsOf, runBatch, textOf } from './world.ts'

const COUNTS = { processing: 0, succeeded: 0, errored: 0, canceled: 0, expired: 0 }

describe.each([
  ['the version of the SDK', undefined],
  ['the older version', '2023-06-01'],
])('with %s', (_, version) => {
  const options = version === undefined ? {} : { version }

  it('a batch is created, retrieved, answered and deleted', async () => {
    const world = await openWorld({ batchSeconds: 0.2 })
    const client = world.client(options)
    const created = await client.messages.batches.create({ requests: requestsOf(5) })
    expect(Object.keys(created)).toEqual([
      'id',
      'type',
      'processing_status',
      'request_counts',
      'ended_at',
      'created_at',
      'expires_at',
      'archived_at',
      'cancel_initiated_at',
      'results_url',
    ])
    expect(created).toMatchObject({
      type: 'message_batch',
      processing_status: 'in_progress',
      request_counts: { ...COUNTS, processing: 5 },
      ended_at: null,
      archived_at: null,
      cancel_initiated_at: null,
      results_url: null,
    })
    expect(created.id).toMatch(/^msgbatch_01\w{22}$/)
    expect(Date.parse(created.expires_at) - Date.parse(created.created_at)).toBe(86_400_000)
    const batch = await ended(client, created.id)
    expect(batch.request_counts).toEqual({ ...COUNTS, succeeded: 5 })
    expect(batch.results_url).toBe(`${world.url}/v1/messages/batches/${created.id}/results`)
    const results = await resultsOf(client, created.id)
    expect([...results.keys()].sort()).toEqual(['r-0', 'r-1', 'r-2', 'r-3', 'r-4'])
    expect(textOf(results.get('r-3'))).toContain('This is text number 3.')
    expect(await client.messages.batches.delete(created.id)).toEqual({ id: created.id, type: 'message_batch_deleted' })
    await expect(client.messages.batches.retrieve(created.id)).rejects.toThrow(Anthropic.NotFoundError)
  })

  it('list pages through all batches in both directions', async () => {
    const client = (await openWorld()).client(options)
    const ids: string[] = []
    for (let at = 0; at < 7; at++) ids.unshift((await client.messages.batches.create({ requests: requestsOf(1) })).id)
    const forward = []
    for await (const batch of client.messages.batches.list({ limit: 3 })) forward.push(batch.id)
    expect(forward).toEqual(ids)
    const backward = []
    for await (const batch of client.messages.batches.list({ limit: 2, before_id: ids[6] as string }))
      backward.push(batch.id)
    expect(backward).toEqual([ids[4], ids[5], ids[2], ids[3], ids[0], ids[1]])
    const page = await client.messages.batches.list({ limit: 3, after_id: ids[0] as string })
    expect(page).toMatchObject({ has_more: true, first_id: ids[1], last_id: ids[3] })
    expect((await client.messages.batches.list({ limit: 1000 })).data).toHaveLength(7)
    await expect(client.messages.batches.list({ limit: 1001 })).rejects.toThrow(Anthropic.BadRequestError)
    await expect(client.messages.batches.list({ limit: 0 })).rejects.toThrow(Anthropic.BadRequestError)
  })

  it('a batch is canceled with partial results', async () => {
    const world = await openWorld({ batchSeconds: 60 })
    const client = world.client(options)
    const { id } = await client.messages.batches.create({ requests: requestsOf(20) })
    await world.advance(30)
    const canceling = await client.messages.batches.cancel(id)
    expect(canceling.processing_status).toBe('canceling')
    expect(canceling.cancel_initiated_at).not.toBeNull()
    expect(canceling.request_counts).toEqual({ ...COUNTS, processing: 20 })
    const batch = await ended(client, id)
    expect(batch.request_counts.succeeded + batch.request_counts.canceled).toBe(20)
    expect(batch.request_counts.succeeded).toBeGreaterThanOrEqual(10)
    expect(batch.request_counts.canceled).toBeGreaterThan(0)
    const types = [...(await resultsOf(client, id)).values()].map((result) => result.type)
    expect(types.filter((type) => type === 'canceled')).toHaveLength(batch.request_counts.canceled)
    await expect(client.messages.batches.cancel(id)).rejects.toThrow(Anthropic.BadRequestError)
  })

  it('messages, count_tokens and models answer', async () => {
    const client = (await openWorld()).client(options)
    const message = await client.messages.create(asking('The sky is blue today.'))
    expect(message).toMatchObject({ type: 'message', role: 'assistant', model: MODEL, stop_reason: 'end_turn' })
    expect(message.usage.service_tier).toBe('standard')
    const { input_tokens } = await client.messages.countTokens({
      model: MODEL,
      messages: [{ role: 'user', content: 'The sky is blue today.' }],
    })
    expect(input_tokens).toBe(message.usage.input_tokens)
    const models = []
    for await (const model of client.models.list({ limit: 4 })) models.push(model.id)
    expect(models).toContain('claude-haiku-5-5')
    expect(models).not.toContain('claude-3-opus-20240229')
    expect((await client.models.retrieve('claude-haiku-4-5')).id).toBe('claude-haiku-4-5-20251001')
    expect(await client.models.retrieve('claude-sonnet-4-5')).toMatchObject({ lifecycle: 'deprecated' })
    expect((await client.models.list({ lifecycle: ['retired'] })).data.map((model) => model.id)).toContain(
      'claude-3-opus-20240229',
    )
    await expect(client.models.retrieve('claude-none')).rejects.toThrow(Anthropic.NotFoundError)
  })

  it('files are uploaded, listed, read by id and deleted', async () => {
    const client = (await openWorld()).client(options)
    const uploaded = await client.files.upload({ file: await toFile(Buffer.from('The otter swims.'), 'otter.txt') })
    expect(uploaded).toMatchObject({ type: 'file', filename: 'otter.txt', mime_type: 'text/plain', size_bytes: 16 })
    await client.files.upload({ file: await toFile(Buffer.from('Second.'), 'second.txt') })
    const names = []
    for await (const file of client.files.list({ limit: 1 })) names.push(file.filename)
    expect(names).toEqual(['second.txt', 'otter.txt'])
    expect((await client.files.retrieveMetadata(uploaded.id)).id).toBe(uploaded.id)
    const document = { type: 'document', source: { type: 'file', file_id: uploaded.id } }
    const message = await client.messages.create(asking([document, { type: 'text', text: 'What swims?' }]))
    expect(JSON.stringify(message.content)).toContain('The otter swims.')
    await expect(client.files.download(uploaded.id)).rejects.toThrow(Anthropic.BadRequestError)
    expect(await client.files.delete(uploaded.id)).toEqual({ id: uploaded.id, type: 'file_deleted' })
    await expect(client.files.retrieveMetadata(uploaded.id)).rejects.toThrow(Anthropic.NotFoundError)
  })

  it('a message streams', async () => {
    const client = (await openWorld()).client(options)
    const text = 'One sentence follows the other here. The second one is longer than the first one was.'
    const stream = client.messages.stream(asking(text))
    let streamed = ''
    stream.on('text', (piece) => {
      streamed += piece
    })
    const message = await stream.finalMessage()
    expect(streamed).toBe(text)
    expect(message.stop_reason).toBe('end_turn')
    expect(message.usage.output_tokens).toBeGreaterThan(10)
  })
})

describe('the shape of a succeeded line', () => {
  it('has every key in the newer version, and leaves out what does not apply in the older one', async () => {
    const world = await openWorld()
    const lines = async (version: string) => {
      const batch = await runBatch(world.client({ version }), requestsOf(1))
      const [result] = [...(await resultsOf(world.client(), batch.id)).values()]
      return result?.message as unknown as Anthropic.Message
    }
    const newer = await lines('2026-10-21')
    expect(Object.keys(newer)).toEqual([
      'id',
      'type',
      'role',
      'model',
      'content',
      'stop_reason',
      'stop_sequence',
      'stop_details',
      'container',
      'diagnostics',
      'usage',
    ])
    expect(newer.usage).toMatchObject({
      cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
      output_tokens_details: { thinking_tokens: 0 },
      server_tool_use: null,
      service_tier: 'batch',
    })
    const older = await lines('2023-06-01')
    expect(Object.keys(older)).not.toContain('container')
    expect(Object.keys(older.usage)).not.toContain('server_tool_use')
    expect(older.usage.service_tier).toBe('batch')
  })

  it('names the model that an alias stands for', async () => {
    const world = await openWorld()
    const client = world.client()
    const batch = await runBatch(client, [
      { custom_id: 'a', params: asking('Hello there.', { model: 'claude-haiku-4-5' }) },
    ])
    expect((await resultsOf(client, batch.id)).get('a')).toMatchObject({
      message: { model: 'claude-haiku-4-5-20251001' },
    })
  })
})

describe('headers', () => {
  it('carry a request id, the organization, the limits, and the kind of body', async () => {
    const world = await openWorld({ batchSeconds: 30 })
    const client = world.client()
    const { data: batch, response } = await client.messages.batches.create({ requests: requestsOf(1) }).withResponse()
    expect(response.headers.get('request-id')).toMatch(/^req_01/)
    expect(response.headers.get('anthropic-organization-id')).toBeTruthy()
    expect(Number(response.headers.get('anthropic-ratelimit-requests-remaining'))).toBeGreaterThan(0)
    expect(response.headers.get('content-type')).toBe('application/json')
    const waiting = await world.call(`/v1/messages/batches/${batch.id}`)
    expect(waiting.headers.get('retry-after')).toBe('10')
    const results = await world.call(`/v1/messages/batches/${batch.id}/results`)
    expect(results.headers.get('x-should-retry')).toBe('false')
    await world.advance(30)
    const done = await world.call(`/v1/messages/batches/${batch.id}/results`)
    expect(done.headers.get('content-type')).toBe('application/x-jsonl')
  })

  it('of the host that was addressed lead back to it', async () => {
    const world = await openWorld()
    const { id } = await runBatch(world.client(), requestsOf(1))
    const other = world.url.replace('127.0.0.1', 'localhost')
    const response = await fetch(`${other}/v1/messages/batches/${id}`, {
      headers: { authorization: 'Bearer k', 'anthropic-version': '2026-10-21' },
    })
    expect(((await response.json()) as { results_url: string }).results_url).toBe(
      `${other}/v1/messages/batches/${id}/results`,
    )
  })
})
