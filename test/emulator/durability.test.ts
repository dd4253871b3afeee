// Killed at any moment and started again on the same state: no accepted batch is lost, none is half there, and what was
// answered stays as it was.

import { createHash } from 'node:crypto'
import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import Anthropic from '@anthropic-ai/sdk'
import { expect, it } from 'vitest'
import { type Child, startChild } from './child.ts'
import { ended, requestsOf, resultsOf, temporaryFolder } from './world.ts'

const HEADERS = { 'x-api-key': 'k', 'anthropic-version': '2023-06-01', 'content-type': 'application/json' }

it('killed while a batch is arriving, it has no part of it afterwards', async () => {
  const stateDir = await temporaryFolder()
  const child = await startChild({ stateDir })
  const body = JSON.stringify({ requests: requestsOf(2000) })
  const sending = new Promise((resolve) => {
    const call = request(`${child.url}/v1/messages/batches`, { method: 'POST', headers: HEADERS }, resolve)
    call.on('error', resolve)
    call.write(body.slice(0, -10))
  })
  await sleep(100)
  await child.kill()
  expect(await sending).toMatchObject({ code: 'ECONNRESET' })
  const again = await startChild({ stateDir })
  expect((await clientOf(again).messages.batches.list()).data).toEqual([])
})

it('killed right after it accepted a batch, it has all of it afterwards', async () => {
  const stateDir = await temporaryFolder()
  const child = await startChild({ stateDir, batchSeconds: 60 })
  const created = await clientOf(child).messages.batches.create({ requests: requestsOf(500) })
  await child.kill()
  const again = await startChild({ stateDir, batchSeconds: 0 })
  const batch = await ended(clientOf(again), created.id)
  expect(batch.created_at).toBe(created.created_at)
  expect(batch.request_counts.succeeded).toBe(500)
  expect(await resultsOf(clientOf(again), created.id)).toHaveLength(500)
})

it('killed while it answers and while results are read, it ends with the same results as if nothing had been', async () => {
  const body = JSON.stringify({ requests: requestsOf(12_000) })
  const [undisturbed, disturbed] = [await temporaryFolder(), await temporaryFolder()]
  const calm = await startChild({ stateDir: undisturbed })
  const { id } = await create(calm, body)
  await ended(clientOf(calm), id)
  const expected = digest(await download(calm, id))
  let child = await startChild({ stateDir: disturbed })
  expect((await create(child, body)).id).toBe(id)
  for (const pauseMs of [20, 150, 300]) {
    await sleep(pauseMs)
    await child.kill()
    child = await startChild({ stateDir: disturbed })
  }
  await ended(clientOf(child), id)
  const reading = download(child, id).catch(() => undefined)
  await child.kill()
  await reading
  child = await startChild({ stateDir: disturbed })
  expect(digest(await download(child, id))).toBe(expected)
})

it('killed again and again under load, it keeps every batch that it accepted', async () => {
  const stateDir = await temporaryFolder()
  const accepted = new Map<string, number>()
  let child = await startChild({ stateDir })
  for (let life = 0; life < 5; life++) {
    const client = clientOf(child)
    let isDead = false
    const work = async (worker: number) => {
      for (let at = 0; !isDead; at++) {
        const requests = requestsOf(
          20 + ((worker * 7 + at) % 50),
          (n) => `Life ${life}, worker ${worker}, batch ${at}, text ${n}.`,
        )
        await client.messages.batches.create({ requests }).then(
          (batch) => accepted.set(batch.id, requests.length),
          () => undefined,
        )
      }
    }
    const workers = [work(0), work(1), work(2)]
    await sleep(150 + life * 37)
    isDead = true
    await child.kill()
    await Promise.all(workers)
    child = await startChild({ stateDir })
  }
  const client = clientOf(child)
  expect(accepted.size).toBeGreaterThan(5)
  const found = new Map<string, number>()
  for await (const { id } of client.messages.batches.list({ limit: 1000 })) {
    const batch = await ended(client, id)
    const total = Object.values(batch.request_counts).reduce((sum, count) => sum + count, 0)
    expect(await resultsOf(client, id)).toHaveLength(total)
    found.set(id, total)
  }
  for (const [id, requests] of accepted) expect(found.get(id)).toBe(requests)
  // What was accepted without an answer, at most one for each worker and life, is whole too.
  expect(found.size - accepted.size).toBeLessThanOrEqual(15)
  const stats = (await (await fetch(`${child.url}/_emulator/stats`)).json()) as { requests: Record<string, number> }
  expect(stats.requests.accepted).toBe([...found.values()].reduce((sum, count) => sum + count, 0))
})

it('killed, it still knows its clock, its faults, its files and its counts', async () => {
  const stateDir = await temporaryFolder()
  const child = await startChild({ stateDir })
  const client = clientOf(child)
  const file = await client.files.upload({ file: new File(['Kept.'], 'kept.txt') })
  await client.messages.batches.create({ requests: requestsOf(3) })
  await fetch(`${child.url}/_emulator/advance`, { method: 'POST', body: '{"seconds": 864000}' })
  await fetch(`${child.url}/_emulator/faults`, { method: 'PUT', body: '[{"on": "models", "do": {"status": 529}}]' })
  const statsOf = async (one: Child) => (await fetch(`${one.url}/_emulator/stats`)).json()
  const before = await statsOf(child)
  await child.kill()
  const again = await startChild({ stateDir })
  expect(await statsOf(again)).toEqual(before)
  const after = clientOf(again)
  expect(await after.files.retrieveMetadata(file.id)).toEqual(file)
  await expect(after.models.list()).rejects.toThrow(Anthropic.OverloadedError)
  const { created_at } = await after.messages.batches.create({ requests: requestsOf(1) })
  expect(Date.parse(created_at) - Date.now()).toBeGreaterThan(863_000_000)
})

function clientOf(child: Child): Anthropic {
  return new Anthropic({ apiKey: 'k', baseURL: child.url, maxRetries: 0 })
}

async function create(child: Child, body: string): Promise<{ id: string }> {
  const response = await fetch(`${child.url}/v1/messages/batches`, { method: 'POST', headers: HEADERS, body })
  return (await response.json()) as { id: string }
}

async function download(child: Child, id: string): Promise<Buffer> {
  const response = await fetch(`${child.url}/v1/messages/batches/${id}/results`, { headers: HEADERS })
  expect(response.status).toBe(200)
  return Buffer.from(await response.arrayBuffer())
}

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
