// What the API refuses, when, and in which words: at once for the shape of a batch, in the line for what is in `params`.

import Anthropic from '@anthropic-ai/sdk'
import { describe, expect, it } from 'vitest'
import { asking, MODEL, openWorld, requestsOf, resultsOf, runBatch } from './world.ts'

interface Envelope {
  readonly type: string
  readonly error: { readonly type: string; readonly message: string }
  readonly request_id: string
}

describe('a create call is refused at once', () => {
  const params = asking('Hello there.')
  const wrong: [string, unknown, string][] = [
    [
      'a repeated id',
      [...requestsOf(2), { custom_id: 'r-0', params }],
      "requests: custom_id's must be unique within a batch. Duplicate custom_id found: r-0",
    ],
    ['a missing id', [{ params }], 'requests.0.custom_id: Field required'],
    [
      'an id that is too long',
      [{ custom_id: 'x'.repeat(65), params }],
      'requests.0.custom_id: String should have at most 64 characters',
    ],
    [
      'an id with other characters',
      [...requestsOf(1), { custom_id: 'a b', params }],
      "requests.1.custom_id: String should match pattern '^[a-zA-Z0-9_-]{1,64}$'",
    ],
    ['an id that is no string', [{ custom_id: 7, params }], 'requests.0.custom_id: Input should be a valid string'],
    ['no requests', [], 'requests: List should have at least 1 item after validation, not 0'],
    ['requests that are no list', { a: 1 }, 'requests: Input should be a valid list'],
    ['a request without params', [{ custom_id: 'a' }], 'requests.0.params: Field required'],
    ['an unknown field', [{ custom_id: 'a', params, extra: 1 }], 'requests.0.extra: Extra inputs are not permitted'],
  ]
  for (const [what, requests, message] of wrong) {
    it(`for ${what}`, async () => {
      const world = await openWorld()
      const response = await world.call('/v1/messages/batches', { method: 'POST', body: JSON.stringify({ requests }) })
      expect(response.status).toBe(400)
      const body = (await response.json()) as Envelope
      expect(body).toEqual({
        type: 'error',
        error: { type: 'invalid_request_error', message },
        request_id: response.headers.get('request-id'),
      })
      expect((await world.stats()).requests.accepted).toBe(0)
    })
  }

  it('for a body that is not JSON', async () => {
    const world = await openWorld()
    const response = await world.call('/v1/messages/batches', { method: 'POST', body: '{"requests": [}' })
    expect(((await response.json()) as Envelope).error.message).toMatch(/^The request body is not valid JSON: /)
  })

  it('for more than 100,000 requests', async () => {
    const world = await openWorld()
    const one = JSON.stringify({ custom_id: 'ID', params: {} })
    const requests = Array.from({ length: 100_001 }, (_, at) => one.replace('ID', `r${at}`))
    const response = await world.call('/v1/messages/batches', { method: 'POST', body: `{"requests":[${requests}]}` })
    expect(response.status).toBe(400)
    expect(((await response.json()) as Envelope).error.message).toBe(
      'requests: List should have at most 100000 items after validation, not 100001',
    )
  })

  it('for more than 256 MB, after the body was taken in', async () => {
    const world = await openWorld()
    const piece = new Uint8Array(4 * 1024 * 1024).fill(0x20)
    let left = 65
    const body = new ReadableStream({
      pull(controller) {
        if (left-- > 0) controller.enqueue(piece)
        else controller.close()
      },
    })
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit
    const response = await world.call('/v1/messages/batches', init)
    expect(response.status).toBe(413)
    expect(((await response.json()) as Envelope).error.type).toBe('request_too_large')
  })
})

describe('what is wrong inside params becomes the line of its request', () => {
  const text = { role: 'user', content: 'Hello there.' }
  const wrong: [string, Record<string, unknown>, string, string][] = [
    ['an unknown model', { model: 'claude-none' }, 'not_found_error', 'model: claude-none'],
    ['a retired model', { model: 'claude-3-opus-20240229' }, 'not_found_error', 'model: claude-3-opus-20240229'],
    ['no messages', { messages: undefined }, 'invalid_request_error', 'messages: Field required'],
    [
      'an empty list of messages',
      { messages: [] },
      'invalid_request_error',
      'messages: at least one message is required',
    ],
    [
      'too many tokens',
      { model: 'claude-haiku-4-5', max_tokens: 9_999_999 },
      'invalid_request_error',
      'max_tokens: 9999999 > 64000, which is the maximum allowed number of output tokens for claude-haiku-4-5-20251001',
    ],
    ['no tokens', { max_tokens: 0 }, 'invalid_request_error', 'max_tokens: Input should be greater than or equal to 1'],
    ['no max_tokens', { max_tokens: undefined }, 'invalid_request_error', 'max_tokens: Field required'],
    [
      'streaming',
      { stream: true },
      'invalid_request_error',
      '"stream=True" is not supported in the Message Batches API',
    ],
    ['an unknown field', { colour: 'red' }, 'invalid_request_error', 'colour: Extra inputs are not permitted'],
    [
      'sampling in the newer version',
      { temperature: 1 },
      'invalid_request_error',
      'temperature: Extra inputs are not permitted',
    ],
    [
      'thinking that the model does not know',
      { thinking: { type: 'enabled', budget_tokens: 2000 } },
      'invalid_request_error',
      'thinking.type',
    ],
    ['fallbacks', { fallbacks: [] }, 'invalid_request_error', '"fallbacks" is not supported'],
    ['an unknown role', { messages: [{ role: 'bot', content: 'x' }] }, 'invalid_request_error', 'messages.0.role'],
    [
      'an empty text',
      { messages: [{ role: 'user', content: [{ type: 'text', text: '' }] }] },
      'invalid_request_error',
      'messages: text content blocks must be non-empty',
    ],
    [
      'an unknown block',
      { messages: [{ role: 'user', content: [{ type: 'video' }] }] },
      'invalid_request_error',
      "Input tag 'video'",
    ],
    [
      'a prefill',
      { messages: [text, { role: 'assistant', content: '{' }] },
      'invalid_request_error',
      'does not support assistant message prefill',
    ],
    [
      'a tool result without its call',
      { messages: [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'x' }] }] },
      'invalid_request_error',
      'unexpected `tool_use_id` found in `tool_result` blocks: toolu_1',
    ],
    [
      'a PDF that is none',
      { messages: [{ role: 'user', content: [pdf(Buffer.from('no pdf'))] }] },
      'invalid_request_error',
      'The PDF specified was not valid.',
    ],
    [
      'a file that is not there',
      { messages: [{ role: 'user', content: [{ type: 'document', source: { type: 'file', file_id: 'file_x' } }] }] },
      'not_found_error',
      'File not found: file_x',
    ],
    [
      'a URL that cannot be fetched',
      {
        messages: [
          {
            role: 'user',
            content: [{ type: 'document', source: { type: 'url', url: 'http://127.0.0.1:9/none.pdf' } }],
          },
        ],
      },
      'invalid_request_error',
      'Unable to download the file.',
    ],
    [
      'five cache breakpoints',
      {
        system: Array.from({ length: 5 }, () => ({
          type: 'text',
          text: 'Be brief.',
          cache_control: { type: 'ephemeral' },
        })),
      },
      'invalid_request_error',
      'A maximum of 4 blocks with cache_control',
    ],
    [
      'a forced tool on a model without',
      {
        model: 'claude-sonnet-5-5',
        tools: [{ name: 't', input_schema: { type: 'object' } }],
        tool_choice: { type: 'any' },
      },
      'invalid_request_error',
      'tool_choice',
    ],
    [
      'a prompt beyond the context',
      { model: 'claude-haiku-4-5', messages: [{ role: 'user', content: 'word '.repeat(200_000) }] },
      'invalid_request_error',
      'prompt is too long: 250004 tokens > 200000 maximum',
    ],
  ]

  it('doubly nested, and the others are answered', async () => {
    const client = (await openWorld()).client()
    const requests = wrong.map(([, more], at) => ({ custom_id: `wrong-${at}`, params: asking('Hello there.', more) }))
    const batch = await runBatch(client, [...requests, ...requestsOf(3)])
    expect(batch.request_counts).toMatchObject({ succeeded: 3, errored: wrong.length })
    const results = await resultsOf(client, batch.id)
    for (const [at, [what, , type, message]] of wrong.entries()) {
      expect(results.get(`wrong-${at}`), what).toEqual({
        type: 'errored',
        error: { type: 'error', error: { type, message: expect.stringContaining(message) }, request_id: null },
      })
    }
  })

  it('and the older version takes sampling parameters', async () => {
    const client = (await openWorld()).client({ version: '2023-06-01' })
    const params = asking('Hello there.', { temperature: 0.5, top_p: 1, top_k: 5 })
    const batch = await runBatch(client, [{ custom_id: 'a', params }])
    expect(batch.request_counts.succeeded).toBe(1)
  })

  it('and a beta header on create allows 300,000 tokens of output', async () => {
    const client = (await openWorld()).client()
    const requests = [{ custom_id: 'a', params: asking('Hello there.', { max_tokens: 300_000 }) }]
    expect((await runBatch(client, requests)).request_counts.errored).toBe(1)
    const betas = { 'anthropic-beta': 'output-300k-2026-03-24' }
    expect((await runBatch(client, requests, betas)).request_counts.succeeded).toBe(1)
  })
})

describe('a call is refused', () => {
  it('with the class of error that the SDK has for it', async () => {
    const world = await openWorld({ batchSeconds: 60 })
    const client = world.client({ maxRetries: 0 })
    const { id } = await client.messages.batches.create({ requests: requestsOf(1) })
    await expect(client.messages.batches.retrieve('msgbatch_none')).rejects.toThrow(
      'Message Batch msgbatch_none not found.',
    )
    await expect(client.messages.batches.delete(id)).rejects.toThrow(
      'In progress batches cannot be deleted. Consider canceling the batch instead.',
    )
    const results = await world.call(`/v1/messages/batches/${id}/results`)
    expect(results.status).toBe(404)
    expect(((await results.json()) as Envelope).error.message).toBe(`Message Batch ${id} has no available results.`)
    await expect(world.client({ apiKey: 'sk-bad' }).messages.batches.list()).rejects.toThrow(
      Anthropic.AuthenticationError,
    )
    await expect(client.messages.create(asking('x', { model: 'claude-none' }))).rejects.toThrow(Anthropic.NotFoundError)
    await expect(client.messages.create(asking('x', { max_tokens: -1 }))).rejects.toThrow(Anthropic.BadRequestError)
    const statuses = [
      [400, Anthropic.BadRequestError],
      [401, Anthropic.AuthenticationError],
      [403, Anthropic.PermissionDeniedError],
      [404, Anthropic.NotFoundError],
      [409, Anthropic.ConflictError],
      [413, Anthropic.ContentTooLargeError],
      [429, Anthropic.RateLimitError],
      [500, Anthropic.InternalServerError],
      [504, Anthropic.GatewayTimeoutError],
      [529, Anthropic.OverloadedError],
    ] as const
    for (const [status, kind] of statuses) {
      await world.setFaults([{ on: 'retrieve', do: { status } }])
      await expect(client.messages.batches.retrieve(id)).rejects.toThrow(kind)
    }
  })

  it('without a key, without a version, with an unknown one', async () => {
    const world = await openWorld()
    const get = async (headers: Record<string, string>) => {
      const response = await fetch(`${world.url}/v1/messages/batches`, { headers })
      return [response.status, ((await response.json()) as Envelope).error?.type]
    }
    const version = { 'anthropic-version': '2023-06-01' }
    expect(await get(version)).toEqual([401, 'authentication_error'])
    expect(await get({ 'x-api-key': 'k' })).toEqual([400, 'invalid_request_error'])
    expect(await get({ 'x-api-key': 'k', 'anthropic-version': '2020-01-01' })).toEqual([400, 'invalid_request_error'])
    expect(await get({ 'x-api-key': 'k', ...version })).toEqual([200, undefined])
    expect(await get({ authorization: 'Bearer k', ...version })).toEqual([200, undefined])
    expect(await get({ authorization: 'Bearer sk-bad', ...version })).toEqual([401, 'authentication_error'])
  })

  it('for an unknown path, and for a method that a path does not have', async () => {
    const world = await openWorld()
    const missing = await world.call('/v1/nothing')
    expect([missing.status, ((await missing.json()) as Envelope).error.type]).toEqual([404, 'not_found_error'])
    const wrong = await world.call('/v1/messages', { method: 'DELETE' })
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST'])
    expect(((await wrong.json()) as Envelope).type).toBe('error')
  })

  it('for max_tokens in count_tokens, which has none', async () => {
    const world = await openWorld()
    const response = await world.call('/v1/messages/count_tokens', {
      method: 'POST',
      body: JSON.stringify({ model: MODEL, max_tokens: 5, messages: [{ role: 'user', content: 'x' }] }),
    })
    expect(((await response.json()) as Envelope).error.message).toBe('max_tokens: Extra inputs are not permitted')
  })
})

function pdf(bytes: Buffer) {
  return { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: bytes.toString('base64') } }
}
