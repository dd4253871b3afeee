// An emulator in a folder of its own, and clients for it.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Anthropic from '@anthropic-ai/sdk'
import { onTestFinished } from 'vitest'
import type { JsonObject } from '../../src/core/json.ts'
import type { EmulatorOptions } from '../../src/emulator/emulator.ts'
import { startEmulator } from '../../src/emulator/start.ts'

export interface World {
  readonly url: string
  readonly stateDir: string
  /** The official SDK with nothing but address and key; `maxRetries` as it comes unless given. */
  client(options?: { readonly maxRetries?: number; readonly apiKey?: string; readonly version?: string }): Anthropic
  /** A raw call with key and version, for what the SDK does not show. */
  call(path: string, init?: RequestInit & { readonly key?: string }): Promise<Response>
  stats(): Promise<Stats>
  advance(seconds: number): Promise<void>
  setFaults(faults: unknown): Promise<Response>
  /** Closes it and starts it again on the same state. */
  restart(options?: Partial<EmulatorOptions>): Promise<World>
  close(): Promise<void>
}

export interface Stats {
  readonly calls: Record<string, number>
  readonly batches: readonly { readonly id: string; readonly requests: number; readonly status: string }[]
  readonly requests: Record<string, number>
  readonly paid_more_than_once: readonly string[]
  readonly peak_in_flight_batches: number
}

/** Batches end at once unless `batchSeconds` says otherwise. Everything is removed when the test is over. */
export async function openWorld(options: Partial<EmulatorOptions> = {}): Promise<World> {
  const stateDir = options.stateDir ?? (await temporaryFolder())
  const emulator = await startEmulator({
    port: 0,
    host: '127.0.0.1',
    answers: 'extract',
    batchSeconds: 0,
    order: 'shuffled',
    seed: 1,
    ...options,
    stateDir,
  })
  const { url } = emulator
  onTestFinished(() => emulator.close())
  const world: World = {
    url,
    stateDir,
    client: ({ maxRetries, apiKey = 'sk-test', version } = {}) =>
      new Anthropic({
        apiKey,
        baseURL: url,
        ...(maxRetries === undefined ? {} : { maxRetries }),
        ...(version === undefined ? {} : { defaultHeaders: { 'anthropic-version': version } }),
      }),
    call: (path, { key = 'sk-test', ...init } = {}) =>
      fetch(url + path, {
        ...init,
        headers: { 'x-api-key': key, 'anthropic-version': '2023-06-01', ...(init.headers as Record<string, string>) },
      }),
    stats: async () => (await (await fetch(`${url}/_emulator/stats`)).json()) as Stats,
    async advance(seconds) {
      await fetch(`${url}/_emulator/advance`, { method: 'POST', body: JSON.stringify({ seconds }) })
    },
    setFaults: (faults) =>
      fetch(`${url}/_emulator/faults`, {
        method: 'PUT',
        body: typeof faults === 'string' ? faults : JSON.stringify(faults),
      }),
    async restart(changes = {}) {
      await emulator.close()
      return openWorld({ ...options, ...changes, stateDir })
    },
    close: () => emulator.close(),
  }
  return world
}

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'batchwright-emulator-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

export const MODEL = 'claude-haiku-5-5'

/** A request's params with one user message. */
export function asking(
  content: unknown,
  more: Record<string, unknown> = {},
): Anthropic.MessageCreateParamsNonStreaming {
  return { model: MODEL, max_tokens: 1024, messages: [{ role: 'user', content: content as string }], ...more }
}

export function requestsOf(count: number, text = (at: number) => `This is text number ${at}.`) {
  return Array.from({ length: count }, (_, at) => ({ custom_id: `r-${at}`, params: asking(text(at)) }))
}

/** Creates a batch and waits until it has ended. */
export async function runBatch(
  client: Anthropic,
  requests: Anthropic.Messages.Batches.BatchCreateParams.Request[],
  headers: Record<string, string> = {},
): Promise<Anthropic.Messages.MessageBatch> {
  const { id } = await client.messages.batches.create({ requests }, { headers })
  return ended(client, id)
}

export async function ended(client: Anthropic, id: string, mostMs = 10_000): Promise<Anthropic.Messages.MessageBatch> {
  const until = performance.now() + mostMs
  while (performance.now() < until) {
    const batch = await client.messages.batches.retrieve(id)
    if (batch.processing_status === 'ended') return batch
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`The batch ${id} does not end.`)
}

/** The results of a batch by custom_id. */
export async function resultsOf(client: Anthropic, id: string): Promise<Map<string, JsonObject>> {
  const results = new Map<string, JsonObject>()
  for await (const line of await client.messages.batches.results(id)) {
    results.set(line.custom_id, line.result as unknown as JsonObject)
  }
  return results
}

/** The text of a succeeded result. */
export function textOf(result: JsonObject | undefined): string {
  const message = result?.message as unknown as Anthropic.Message | undefined
  return (message?.content ?? []).map((block) => (block.type === 'text' ? block.text : '')).join('')
}
