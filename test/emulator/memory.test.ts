// Memory does not grow with a batch: a body of 60 MB goes to disk, and its results come from there. The full size is
// measured by bench/emulator-memory.mjs.

import { once } from 'node:events'
import { request } from 'node:http'
import Anthropic from '@anthropic-ai/sdk'
import { expect, it } from 'vitest'
import { startChild } from './child.ts'
import { ended, temporaryFolder } from './world.ts'

const REQUESTS = 24_000
const FILLER = 'The quick brown fox jumps over the lazy dog. '.repeat(54)
const HEADERS = { 'x-api-key': 'k', 'anthropic-version': '2023-06-01', 'content-type': 'application/json' }

it('a batch of 60 MB is accepted, answered and served within 150 MB', async () => {
  const child = await startChild({ stateDir: await temporaryFolder() })
  const { id, bytes } = await upload(child.url)
  expect(bytes).toBeGreaterThan(60_000_000)
  const client = new Anthropic({ apiKey: 'k', baseURL: child.url })
  const batch = await ended(client, id, 30_000)
  expect(batch.request_counts.succeeded).toBe(REQUESTS)
  const response = await fetch(`${child.url}/v1/messages/batches/${id}/results`, { headers: HEADERS })
  let lines = 0
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    for (const byte of chunk) if (byte === 10) lines++
  }
  expect(lines).toBe(REQUESTS)
  expect(await child.peakMegabytes()).toBeLessThan(150)
})

/** Streams the batch; nothing of it is held here either. */
async function upload(url: string): Promise<{ id: string; bytes: number }> {
  const call = request(`${url}/v1/messages/batches`, { method: 'POST', headers: HEADERS })
  const answered = once(call, 'response')
  let bytes = 0
  let piece = '{"requests":['
  for (let at = 0; at < REQUESTS; at++) {
    const messages = [{ role: 'user', content: `Item ${at}. ${FILLER}` }]
    const params = { model: 'claude-haiku-5-5', max_tokens: 100, messages }
    piece += `${at === 0 ? '' : ','}${JSON.stringify({ custom_id: `r-${at}`, params })}`
    if (piece.length < 500_000 && at < REQUESTS - 1) continue
    bytes += piece.length
    if (!call.write(piece)) await once(call, 'drain')
    piece = ''
  }
  call.end(']}')
  const [response] = (await answered) as [AsyncIterable<Buffer>]
  let text = ''
  for await (const chunk of response) text += chunk
  return { id: (JSON.parse(text) as { id: string }).id, bytes }
}
