// Every fault of the contract, and what it looks like through the official SDK.

import Anthropic from '@anthropic-ai/sdk'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { Json } from '../../src/core/json.ts'
import { asking, ended, openWorld, requestsOf, resultsOf, runBatch, textOf } from './world.ts'

describe('a call', () => {
  it('is cut after it was accepted: the batch is there, the answer is not', async () => {
    const world = await openWorld()
    await world.setFaults([{ on: 'create', nth: [1], do: { cut: 'after' } }])
    const client = world.client({ maxRetries: 0 })
    await expect(client.messages.batches.create({ requests: requestsOf(3) })).rejects.toThrow(
      Anthropic.APIConnectionError,
    )
    const { data } = await client.messages.batches.list()
    expect(data).toHaveLength(1)
    expect(data[0]?.request_counts.succeeded).toBe(3)
    await client.messages.batches.create({ requests: requestsOf(3) })
    expect((await world.stats()).requests.accepted).toBe(6)
    expect(await resultsOf(client, (data[0] as { id: string }).id)).toHaveLength(3)
  })

  it('is cut before anything happened', async () => {
    const world = await openWorld()
    await world.setFaults([{ on: 'create', nth: [1], do: { cut: 'before' } }])
    const client = world.client({ maxRetries: 0 })
    await expect(client.messages.batches.create({ requests: requestsOf(3) })).rejects.toThrow(
      Anthropic.APIConnectionError,
    )
    expect((await client.messages.batches.list()).data).toEqual([])
    expect((await world.stats()).calls.create).toBe(1)
  })

  it('is accepted twice when the SDK repeats what was cut', async () => {
    const world = await openWorld()
    await world.setFaults([{ on: 'create', nth: [1], do: { cut: 'after' } }])
    const client = world.client()
    const { id } = await client.messages.batches.create({ requests: requestsOf(2) })
    await ended(client, id)
    const stats = await world.stats()
    expect(stats.batches).toHaveLength(2)
    expect([...stats.paid_more_than_once].sort()).toEqual(['r-0', 'r-1'])
  })

  it.each([400, 401, 404, 413, 429, 500, 504, 529])('is answered with %i', async (status) => {
    const world = await openWorld()
    await world.setFaults([{ on: 'create', nth: [1], do: { status } }])
    const create = world.client({ maxRetries: 0 }).messages.batches.create({ requests: requestsOf(1) })
    await expect(create).rejects.toMatchObject({ status, requestID: expect.stringMatching(/^req_/) })
    expect((await world.stats()).requests.accepted).toBe(0)
  })

  it('is answered with 502 and a page of HTML, as by a proxy', async () => {
    const world = await openWorld()
    await world.setFaults([{ on: 'list', do: { status: 502 } }])
    const response = await world.call('/v1/messages/batches')
    expect(response.status).toBe(502)
    expect(response.headers.get('content-type')).toBe('text/html')
    expect(await response.text()).toContain('<html>')
    const list = world.client({ maxRetries: 0 }).messages.batches.list()
    await expect(list).rejects.toThrow(Anthropic.InternalServerError)
  })

  it('is answered with 429 and told when to come back', async () => {
    const world = await openWorld()
    await world.setFaults([{ on: 'create', nth: [1], do: { status: 429, retry_after: 2 } }])
    const create = world.client({ maxRetries: 0 }).messages.batches.create({ requests: requestsOf(1) })
    const error = (await create.catch((reason: unknown) => reason)) as { readonly headers: Headers }
    expect(error.headers.get('retry-after')).toBe('2')
  })

  it('is told that a limit of spending was reached', async () => {
    const world = await openWorld()
    const fault = { status: 429, error_code: 'enforced_spend_limit_reached', message: 'You have reached your limit.' }
    await world.setFaults([{ on: 'create', do: fault }])
    const create = world.client({ maxRetries: 0 }).messages.batches.create({ requests: requestsOf(1) })
    await expect(create).rejects.toMatchObject({ errorCode: 'enforced_spend_limit_reached' })
  })

  it('takes its time', async () => {
    const world = await openWorld()
    await world.setFaults([{ on: 'list', do: { delay_ms: 200 } }])
    const start = performance.now()
    await world.client().messages.batches.list()
    expect(performance.now() - start).toBeGreaterThan(190)
  })

  it('is drawn by a seeded rate: about its share, and the same calls for the same seed', async () => {
    const drawn = async (seed: number) => {
      const world = await openWorld({ seed })
      await world.setFaults([{ on: 'list', rate: 0.3, do: { status: 500 } }])
      const statuses = []
      for (let at = 0; at < 60; at++) statuses.push((await world.call('/v1/messages/batches')).status)
      return statuses
    }
    const first = await drawn(7)
    expect(await drawn(7)).toEqual(first)
    expect(await drawn(8)).not.toEqual(first)
    const share = first.filter((status) => status === 500).length
    expect(share).toBeGreaterThan(8)
    expect(share).toBeLessThan(30)
  })

  it.each(['retrieve', 'cancel', 'delete', 'files', 'messages', 'count_tokens', 'models'])(
    'to %s can fail',
    async (on) => {
      const world = await openWorld({ batchSeconds: 5 })
      const client = world.client({ maxRetries: 0 })
      const { id } = await client.messages.batches.create({ requests: requestsOf(1) })
      await world.setFaults([{ on, do: { status: 529 } }])
      const calls: Record<string, () => Promise<unknown>> = {
        retrieve: () => client.messages.batches.retrieve(id),
        cancel: () => client.messages.batches.cancel(id),
        delete: () => client.messages.batches.delete(id),
        files: async () => client.files.list(),
        messages: () => client.messages.create(asking('Hello there.')),
        count_tokens: () =>
          client.messages.countTokens({ model: 'claude-haiku-5-5', messages: [{ role: 'user', content: 'x' }] }),
        models: async () => client.models.list(),
      }
      await expect(calls[on]?.()).rejects.toThrow(Anthropic.OverloadedError)
      expect((await client.messages.batches.list()).data[0]?.processing_status).toBe('in_progress')
    },
  )

  it('to messages fails for the texts that match', async () => {
    const world = await openWorld()
    await world.setFaults([{ on: 'messages', match: 'badger', do: { status: 500 } }])
    const client = world.client({ maxRetries: 0 })
    await expect(client.messages.create(asking('About the badger.'))).rejects.toThrow(Anthropic.InternalServerError)
    expect((await client.messages.create(asking('About the otter.'))).stop_reason).toBe('end_turn')
  })
})

describe('results', () => {
  it('end early and look complete', async () => {
    const world = await openWorld()
    const client = world.client()
    const { id } = await runBatch(client, requestsOf(200))
    await world.setFaults([{ on: 'results', nth: [1], do: { truncate: 50_000 } }])
    const response = await world.call(`/v1/messages/batches/${id}/results`)
    expect((await response.arrayBuffer()).byteLength).toBe(50_000)
    expect(await resultsOf(client, id)).toHaveLength(200)
  })

  it('break off in the middle', async () => {
    const world = await openWorld()
    const client = world.client()
    const { id } = await runBatch(client, requestsOf(200))
    await world.setFaults([{ on: 'results', nth: [1], do: { cut: 'after', truncate: 9000 } }])
    const response = await world.call(`/v1/messages/batches/${id}/results`)
    let bytes = 0
    const read = async () => {
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) bytes += chunk.length
    }
    await expect(read()).rejects.toThrow('terminated')
    expect(bytes).toBe(9000)
  })
})

describe('single requests of a batch', () => {
  it('fail by a seeded rate', async () => {
    const world = await openWorld()
    await world.setFaults([{ on: 'request', rate: 0.2, do: { error: 'overloaded_error' } }])
    const client = world.client()
    const batch = await runBatch(client, requestsOf(300))
    expect(batch.request_counts.errored).toBeGreaterThan(30)
    expect(batch.request_counts.errored).toBeLessThan(90)
    const errored = [...(await resultsOf(client, batch.id)).values()].find((result) => result.type === 'errored')
    expect(errored).toMatchObject({
      error: { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } },
    })
  })

  it('expire the first time that their text is tried, and succeed the second time', async () => {
    const world = await openWorld()
    await world.setFaults([{ on: 'request', match: 'number 7\\b', attempts: 1, do: { expired: true } }])
    const client = world.client()
    const first = await runBatch(client, requestsOf(10))
    expect(first.request_counts).toMatchObject({ succeeded: 9, expired: 1 })
    expect((await resultsOf(client, first.id)).get('r-7')).toEqual({ type: 'expired' })
    // The same first user message, asked in another way.
    const again = asking('This is text number 7.', { max_tokens: 2000 })
    const second = await runBatch(client, [{ custom_id: 'again', params: again }])
    expect(second.request_counts.succeeded).toBe(1)
    expect((await world.stats()).paid_more_than_once).toEqual([])
  })

  it('count their attempts over a restart', async () => {
    const world = await openWorld()
    await world.setFaults([{ on: 'request', attempts: 2, do: { error: 'api_error' } }])
    const counts = []
    let current = world
    for (let at = 0; at < 3; at++) {
      counts.push((await runBatch(current.client(), requestsOf(2))).request_counts.errored)
      current = await current.restart()
    }
    expect(counts).toEqual([2, 2, 0])
  })

  it.each([
    ['canceled', { canceled: true }, { type: 'canceled' }],
    ['truncated', { truncated: true }, { message: { stop_reason: 'max_tokens', usage: { output_tokens: 1024 } } }],
    [
      'refused',
      { refusal: true },
      { message: { stop_reason: 'refusal', content: [], stop_details: { type: 'refusal' } } },
    ],
    ['an error of any type', { error: 'billing_error' }, { error: { error: { type: 'billing_error' } } }],
  ])('are %s', async (_, fault, expected) => {
    const world = await openWorld()
    await world.setFaults([{ on: 'request', match: 'number 1\\b', do: fault }])
    const client = world.client()
    const results = await resultsOf(client, (await runBatch(client, requestsOf(3))).id)
    expect(results.get('r-1')).toMatchObject(expected)
    expect(results.get('r-2')).toMatchObject({ type: 'succeeded', message: { stop_reason: 'end_turn' } })
  })

  it('answer with what breaks their schema', async () => {
    const world = await openWorld()
    await world.setFaults([{ on: 'request', do: { invalid_json: true } }])
    const client = world.client()
    const schema = {
      type: 'object',
      properties: { title: { type: 'string' } },
      required: ['title'],
      additionalProperties: false,
    }
    const asText = asking('Say a title.', { output_config: { format: { type: 'json_schema', schema } } })
    const tools = [{ name: 'answer', input_schema: schema }]
    const asTool = asking('Say a title.', { tools, tool_choice: { type: 'tool', name: 'answer' } })
    const requests = [
      { custom_id: 'text', params: asText },
      { custom_id: 'tool', params: asTool },
      { custom_id: 'plain', params: asking('Say a title.') },
    ]
    const results = await resultsOf(client, (await runBatch(client, requests)).id)
    expect(() => JSON.parse(textOf(results.get('text')))).toThrow()
    expect(() => JSON.parse(textOf(results.get('plain')))).toThrow()
    expect(results.get('tool')).toMatchObject({ message: { content: [{ input: { unexpected_field: null } }] } })
  })

  it('are missing from the results', async () => {
    const world = await openWorld()
    await world.setFaults([{ on: 'request', match: 'number 1\\b', attempts: 1, do: { missing: true } }])
    const client = world.client()
    const batch = await runBatch(client, requestsOf(3))
    expect([...(await resultsOf(client, batch.id)).keys()].sort()).toEqual(['r-0', 'r-2'])
    const { processing, ...ended } = batch.request_counts
    expect(Object.values(ended).reduce((sum, count) => sum + count, processing)).toBe(3)
    await runBatch(client, [{ custom_id: 'again', params: asking('This is text number 1.') }])
    expect((await world.stats()).paid_more_than_once).toEqual([])
  })

  it('are matched by the words in their documents too', async () => {
    const world = await openWorld()
    await world.setFaults([{ on: 'request', match: 'otter', do: { expired: true } }])
    const client = world.client()
    const document = (data: string, title: string) => [
      { type: 'document', title, source: { type: 'text', media_type: 'text/plain', data } },
      { type: 'text', text: 'Summarise.' },
    ]
    const requests = [
      { custom_id: 'data', params: asking(document('The otter swims.', 'Animals')) },
      { custom_id: 'title', params: asking(document('It swims.', 'otter.txt')) },
      { custom_id: 'neither', params: asking(document('The badger digs.', 'Animals')) },
    ]
    const results = await resultsOf(client, (await runBatch(client, requests)).id)
    expect([...results].map(([id, result]) => `${id} ${result.type}`).sort()).toEqual([
      'data expired',
      'neither succeeded',
      'title expired',
    ])
  })
})

describe('a list of faults', () => {
  it('is used from its first rule that fits', async () => {
    const world = await openWorld()
    await world.setFaults([
      { on: 'list', nth: [2], do: { status: 404 } },
      { on: 'list', nth: [1, 2, 3], do: { status: 500 } },
    ])
    const statuses = []
    for (let at = 0; at < 4; at++) statuses.push((await world.call('/v1/messages/batches')).status)
    expect(statuses).toEqual([500, 404, 500, 200])
  })

  it('counts calls from when it was set, and goes on counting after a restart', async () => {
    const world = await openWorld()
    await world.call('/v1/messages/batches')
    await world.setFaults([{ on: 'list', nth: [2], do: { status: 500 } }])
    expect((await world.call('/v1/messages/batches')).status).toBe(200)
    const again = await world.restart()
    expect((await again.call('/v1/messages/batches')).status).toBe(500)
    expect((await again.call('/v1/messages/batches')).status).toBe(200)
  })

  it('may be YAML where there is a reader for it', async () => {
    const world = await openWorld({ parseYaml: (text) => parse(text) as Json })
    const response = await world.setFaults('- { on: list, do: { status: 529 } } # a comment\n')
    expect(await response.json()).toEqual({ faults: 1 })
    expect((await world.call('/v1/messages/batches')).status).toBe(529)
    const wrong = await world.setFaults('- { on: ]')
    expect(wrong.status).toBe(400)
  })

  it.each([
    [[{ on: 'create' }], 'Fault rule 1: "do" must say what goes wrong'],
    [
      [
        { on: 'list', do: { status: 500 } },
        { on: 'creat', do: { status: 500 } },
      ],
      'Fault rule 2: "on" must be one of create',
    ],
    [[{ on: 'create', do: { status: 418 } }], '"do.status" must be one of 400'],
    [[{ on: 'create', do: { cut: 'middle' } }], '"do.cut" must be before or after'],
    [[{ on: 'create', nth: [0], do: { status: 500 } }], '"nth" must be whole numbers from 1'],
    [[{ on: 'create', rate: 2, do: { status: 500 } }], '"rate" must be a number from 0 to 1'],
    [[{ on: 'request', match: '(', do: { expired: true } }], '"match" is not a regular expression'],
    [[{ on: 'request', do: { explode: true } }], 'it is "explode"'],
    [[{ on: 'create', attempts: 1, do: { status: 500 } }], '"attempts" is for rules on request only'],
    [[{ on: 'create', when: 1, do: { status: 500 } }], 'unknown key "when"'],
    [{ on: 'create' }, 'Faults are a list of rules'],
  ])('with a mistake is refused and named: %j', async (faults, message) => {
    const world = await openWorld()
    const response = await world.setFaults(faults)
    expect(response.status).toBe(400)
    expect(((await response.json()) as { error: { message: string } }).error.message).toContain(message)
    expect((await world.call('/v1/messages/batches')).status).toBe(200)
  })
})
