// What every provider promises, tried on a live server that can be made to misbehave.

import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RefusedError } from '../../src/core/errors.ts'
import type { JsonObject } from '../../src/core/json.ts'
import type { Prompt } from '../../src/core/prompt.ts'
import type { ResultLine } from '../../src/core/result.ts'
import { lineBlocks } from '../../src/disk/lines.ts'
import type { BatchApi, OutgoingBatch, Provider, RemoteBatch } from '../../src/provider/provider.ts'

export interface LiveServer {
  readonly url: string
  readonly apiKey: string
  /** A key that the server refuses. */
  readonly badKey: string
  /** The next create call is accepted, then its connection is cut; or the server answers with this status. */
  failNextCreate(how: 'cut after' | 'cut before' | number): Promise<void>
  close(): Promise<void>
}

export interface ProviderSubject {
  readonly provider: Provider
  readonly model: string
  start(): Promise<LiveServer>
}

const signal = new AbortController().signal

export function describeProvider({ provider, model, start }: ProviderSubject): void {
  describe(`the promise of ${provider.type}`, () => {
    let server: LiveServer
    let api: BatchApi

    beforeAll(async () => {
      server = await start()
      api = connect(server.apiKey)
    })
    afterAll(async () => {
      await server.close()
    })

    const connect = (apiKey: string, baseUrl = server.url): BatchApi =>
      provider.connect({ baseUrl, apiKey, headers: {}, betas: [] })

    it('plans without a key or a network: limits, a known model, a price', () => {
      const spec = provider.model(model)
      expect(spec?.state).toBe('active')
      expect(provider.limits.maxRequests).toBeGreaterThan(0)
      expect(provider.limits.customId.pattern.test('x'.repeat(provider.limits.customId.maxLength))).toBe(true)
    })

    it('takes a batch, lists it, and gives each of its answers once under its custom_id', async () => {
      const batch = batchOf(['one ä “two” three', 'four', 'five six'])
      const submitted = await api.submit(batch, signal)
      expect(submitted).toMatchObject({ requests: 3 })
      expect((await firstListed(api)).id).toBe(submitted.id)
      const ended = await untilEnded(api, submitted.id)
      expect(ended).toMatchObject({ id: submitted.id, requests: 3, createdAt: submitted.createdAt })
      expect(ended.endedAt).toBeGreaterThanOrEqual(ended.createdAt)
      const lines = await resultsOf(api, submitted.id)
      expect(lines.map((line) => line.customId).sort()).toEqual(['row-0', 'row-1', 'row-2'])
      for (const { result } of lines) {
        expect(result.type).toBe('succeeded')
        if (result.type !== 'succeeded') continue
        expect(result.answer).toMatchObject({ end: 'complete', billing: { batch: true } })
        expect(result.answer.text).not.toBe('')
        expect(provider.cost(provider.model(model), result.usage, result.answer.billing)).toBeGreaterThan(0)
      }
    })

    it('knows no batch that was never made', async () => {
      expect(await api.retrieve('msgbatch_never_made', signal)).toBeUndefined()
    })

    it('is refused with a bad key, which no second try mends', async () => {
      const refused = connect(server.badKey)
      const calls = [
        () => refused.submit(batchOf(['x']), signal),
        () => refused.hasModel(model, signal),
        () => firstListed(refused),
      ]
      for (const call of calls) {
        expect(await caught(call())).toMatchObject({ refusal: 'unauthorised' })
      }
    })

    it('is surely not taken when nobody listens', async () => {
      const error = await caught(connect(server.apiKey, 'http://127.0.0.1:1').submit(batchOf(['x']), signal))
      expect(error).toMatchObject({ refusal: 'busy' })
    })

    it('is refused for sure, and not taken, where the server says so', async () => {
      const before = await countListed(api)
      for (const [status, refusal] of [
        [400, 'invalid'],
        [413, 'too_large'],
        [429, 'busy'],
        [529, 'busy'],
      ] as const) {
        await server.failNextCreate(status)
        expect(await caught(api.submit(batchOf(['x']), signal))).toMatchObject({ refusal })
      }
      expect(await countListed(api)).toBe(before)
    })

    it('leaves open what became of a batch when no clear answer comes, and sends it only once', async () => {
      const before = await countListed(api)
      for (const how of ['cut before', 'cut after', 500, 502, 504] as const) {
        await server.failNextCreate(how)
        expect(await caught(api.submit(batchOf(['x']), signal))).not.toBeInstanceOf(RefusedError)
      }
      // Of the five only the one that was cut after it was accepted is there, and there is one of it.
      expect(await countListed(api)).toBe(before + 1)
    })

    it('cancels a batch, which then still ends, and deletes one that has ended', async () => {
      const { id } = await api.submit(batchOf(['a', 'b']), signal)
      await api.cancel(id, signal)
      await untilEnded(api, id)
      expect(await resultsOf(api, id)).toHaveLength(2)
      await api.delete(id, signal)
      expect(await api.retrieve(id, signal)).toBeUndefined()
    })

    it('gives no results before the end', async () => {
      const { id } = await api.submit(batchOf(['a']), signal)
      await caught(api.results(id, signal))
      await untilEnded(api, id)
    })

    it('says whether there is a model, and answers one request at once', async () => {
      expect(await api.hasModel(model, signal)).toBe(true)
      expect(await api.hasModel('no-such-model', signal)).toBe(false)
      const line = await api.send('row-1', bodyOf('Hello there'), signal)
      expect(line).toMatchObject({
        customId: 'row-1',
        result: { type: 'succeeded', answer: { billing: { batch: false } } },
      })
    })

    function bodyOf(text: string): JsonObject {
      const prompt: Prompt = {
        model,
        params: { max_tokens: 200 },
        system: [],
        messages: [{ role: 'user', content: [{ type: 'text', text }] }],
        tools: [],
      }
      return provider.encode(prompt)
    }

    function batchOf(texts: readonly string[]): OutgoingBatch {
      const { overhead } = provider.limits
      const requests = texts.map((text, index) => ({
        customId: `row-${index}`,
        body: Buffer.from(JSON.stringify(bodyOf(text))),
      }))
      return {
        label: 'run/0/1',
        requests: requests.length,
        bytes: requests.reduce(
          (sum, { customId, body }) => sum + overhead.request + customId.length + body.length,
          overhead.batch,
        ),
        async *open() {
          for (const { customId, body } of requests) yield [{ customId, bytes: body.length, body: () => [body] }]
        },
      }
    }

    async function resultsOf(from: BatchApi, id: string): Promise<ResultLine[]> {
      const lines: ResultLine[] = []
      for await (const block of lineBlocks(await from.results(id, signal), 1_000_000, () => new Error('too long'))) {
        for (const line of block) lines.push(provider.decode(JSON.parse(line.toString()) as JsonObject))
      }
      return lines
    }
  })
}

async function firstListed(api: BatchApi): Promise<RemoteBatch> {
  for await (const batch of api.list(signal)) return batch
  throw new Error('The list is empty.')
}

async function countListed(api: BatchApi): Promise<number> {
  let count = 0
  for await (const _ of api.list(signal)) count++
  return count
}

async function untilEnded(api: BatchApi, id: string): Promise<RemoteBatch> {
  for (let tries = 0; tries < 200; tries++) {
    const batch = await api.retrieve(id, signal)
    if (batch?.status === 'ended') return batch
    await delay(50)
  }
  throw new Error(`${id} did not end.`)
}

async function caught(doing: Promise<unknown>): Promise<Error> {
  try {
    await doing
  } catch (error) {
    return error as Error
  }
  throw new Error('nothing was thrown')
}
