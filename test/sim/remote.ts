// A provider that behaves, and misbehaves: it takes batches, answers them once, loses answers on the way, lists late.

import { RefusedError } from '../../src/core/errors.ts'
import type { JsonObject } from '../../src/core/json.ts'
import {
  type BatchApi,
  type OutgoingBatch,
  type Provider,
  type RemoteBatch,
  ResultsGoneError,
} from '../../src/provider/provider.ts'

interface TakenBatch {
  readonly id: string
  readonly createdAt: number
  readonly endsAt: number
  readonly listedAt: number
  readonly requests: { customId: string; body: string }[]
  lines: string[] | undefined
  canceled: boolean
  /** Its results cannot be had until somebody restores them. */
  gone: boolean
}

export interface RemoteFaults {
  readonly cutAfter: number
  readonly cutBefore: number
  readonly refuse: number
  readonly tooLarge: number
  readonly listFails: number
  readonly listLagMs: number
  readonly truncate: number
  readonly errored: number
  readonly expired: number
  readonly cutOff: number
  readonly gone: number
}

/** A workspace is busy, but not so busy that a look never comes to an end. */
const MAX_STRANGERS = 12

/** Holds everything that was ever sent, across lives. */
export class Remote {
  readonly taken: TakenBatch[] = []
  /** Bodies that were answered successfully, with the batches they were answered in. */
  readonly answered = new Map<string, Set<string>>()
  readonly #attempts = new Map<string, number>()
  #strangers = 0
  readonly #random: () => number
  readonly #now: () => number
  readonly faults: RemoteFaults

  constructor(random: () => number, now: () => number, faults: RemoteFaults) {
    this.#random = random
    this.#now = now
    this.faults = faults
  }

  get paidMoreThanOnce(): string[] {
    return [...this.answered].filter(([, batches]) => batches.size > 1).map(([body]) => body)
  }

  /** A batch of somebody else in the same workspace, of a size that could be mistaken for ours. */
  stranger(requests: number): void {
    if (this.#strangers >= MAX_STRANGERS) return
    this.#strangers += 1
    const body = JSON.stringify({ text: `stranger ${this.taken.length}`, max_tokens: 1 })
    this.#take(Array.from({ length: requests }, (_, at) => ({ customId: `other-zzzzzz-00000${at}`, body })))
  }

  batch(id: string): TakenBatch | undefined {
    return this.taken.find((candidate) => candidate.id === id)
  }

  api(step: (name: string) => Promise<void>): BatchApi {
    return {
      submit: async (batch) => {
        await step('before submit')
        if (this.#random() < this.faults.refuse) throw new RefusedError('busy', 'overloaded', { status: 529 })
        if (batch.requests > 1 && this.#random() < this.faults.tooLarge)
          throw new RefusedError('too_large', 'too large')
        if (this.#random() < this.faults.cutBefore) throw new Error('socket hang up')
        const remote = this.#take(await readAll(batch))
        await step('after submit')
        if (this.#random() < this.faults.cutAfter) throw new Error('socket hang up')
        return this.#describe(remote)
      },
      list: () => this.#list(step),
      retrieve: async (id) => {
        await step('retrieve')
        const batch = this.batch(id)
        return batch === undefined ? undefined : this.#describe(batch)
      },
      results: async (id) => {
        await step('results')
        if (this.batch(id)?.gone === true) throw new ResultsGoneError(`The results of ${id} are archived.`)
        const text = this.#linesOf(id).join('')
        const isCut = this.#random() < this.faults.truncate
        const sent = isCut ? text.slice(0, Math.floor(text.length * this.#random())) : text
        return (async function* () {
          yield Buffer.from(sent)
        })()
      },
      cancel: async (id) => {
        await step('cancel')
        const batch = this.batch(id)
        if (batch !== undefined) batch.canceled = true
      },
      delete: async () => undefined,
      send: async () => {
        throw new Error('not used')
      },
      hasModel: async () => true,
    }
  }

  async *#list(step: (name: string) => Promise<void>): AsyncGenerator<RemoteBatch> {
    await step('list')
    if (this.#random() < this.faults.listFails) throw new Error('ECONNRESET')
    for (const batch of [...this.taken].reverse()) {
      if (batch.listedAt <= this.#now()) yield this.#describe(batch)
    }
  }

  #take(requests: TakenBatch['requests']): TakenBatch {
    const now = this.#now()
    const batch: TakenBatch = {
      id: `msgbatch_${this.taken.length}`,
      createdAt: now,
      endsAt: now + Math.floor(this.#random() * 60_000),
      listedAt: now + Math.floor(this.#random() * this.faults.listLagMs),
      requests,
      lines: undefined,
      canceled: false,
      gone: this.#random() < this.faults.gone,
    }
    this.taken.push(batch)
    return batch
  }

  #describe(batch: TakenBatch): RemoteBatch {
    const isEnded = batch.endsAt <= this.#now()
    return {
      id: batch.id,
      status: isEnded ? 'ended' : 'running',
      requests: batch.requests.length,
      createdAt: batch.createdAt,
      expiresAt: batch.createdAt + 86_400_000,
      endedAt: isEnded ? batch.endsAt : null,
      raw: {},
    }
  }

  /** Answers each request once and for all; the lines come in another order than they were sent. */
  #linesOf(id: string): string[] {
    const batch = this.batch(id)
    if (batch === undefined || batch.endsAt > this.#now()) throw new Error('404 no available results')
    batch.lines ??= batch.requests
      .map(({ customId, body }) => this.#answer(batch, customId, body))
      .sort(() => this.#random() - 0.5)
    return batch.lines
  }

  #answer(batch: TakenBatch, customId: string, body: string): string {
    const tries = (this.#attempts.get(body) ?? 0) + 1
    this.#attempts.set(body, tries)
    const line = (result: JsonObject): string => `${JSON.stringify({ custom_id: customId, result })}\n`
    if (batch.canceled) return line({ type: 'canceled' })
    if (tries < 3 && this.#random() < this.faults.errored) return line({ type: 'errored' })
    if (tries < 3 && this.#random() < this.faults.expired) return line({ type: 'expired' })
    const batches = this.answered.get(body) ?? new Set()
    batches.add(batch.id)
    this.answered.set(body, batches)
    const { text, max_tokens: maxTokens } = JSON.parse(body) as { text: string; max_tokens: number }
    const isCutOff = maxTokens < 4 && this.#random() < this.faults.cutOff
    return line({ type: 'succeeded', text: `answer to ${text}`, cut_off: isCutOff })
  }
}

async function readAll(batch: OutgoingBatch): Promise<TakenBatch['requests']> {
  const requests: TakenBatch['requests'] = []
  for await (const block of batch.open()) {
    for (const request of block) {
      const pieces: Uint8Array[] = []
      for await (const piece of request.body()) pieces.push(piece)
      const body = Buffer.concat(pieces)
      const copied = Buffer.alloc(request.bytes)
      request.copyBody?.(copied, 0)
      if (!copied.equals(body)) throw new Error('A body that is copied differs from the same body in pieces.')
      requests.push({ customId: request.customId, body: body.toString('utf8') })
    }
  }
  return requests
}

const USAGE = {
  inputTokens: 1,
  outputTokens: 1,
  cacheCreationInputTokens: 0,
  cacheReadInputTokens: 0,
  cacheCreation1hInputTokens: 0,
  webSearchRequests: 0,
}

/** The dialect of this provider; its limits are those of a real one. */
export const simProvider: Omit<Provider, 'connect'> & { connect(): never } = {
  type: 'sim',
  about: 'A provider for the simulator.',
  limits: {
    maxRequests: 100_000,
    maxBytes: 250_000_000,
    maxRequestBytes: 32_000_000,
    customId: { maxLength: 64, pattern: /^[A-Za-z0-9_-]{1,64}$/ },
    overhead: { batch: 14, request: 28 },
  },
  defaultBaseUrl: 'http://sim',
  defaultApiKeyEnv: 'SIM_KEY',
  baseUrlEnv: 'SIM_URL',
  model: () => undefined,
  check: () => [],
  encode: () => ({}),
  amend: (body, edit) =>
    edit.type === 'more_room' ? { ...body, max_tokens: edit.maxTokens } : { ...body, more: edit.messages as never },
  decode(line) {
    const result = line.result as { type: string; text?: string; cut_off?: boolean }
    const customId = line.custom_id as string
    if (result.type === 'errored') {
      return { customId, result: { type: 'errored', code: 'overloaded_error', message: 'busy', kind: 'transient' } }
    }
    if (result.type === 'expired' || result.type === 'canceled') return { customId, result: { type: result.type } }
    const answer = {
      text: result.text ?? '',
      content: [],
      toolCalls: [],
      citations: [],
      end: result.cut_off === true ? ('truncated' as const) : ('complete' as const),
      stopReason: result.cut_off === true ? 'max_tokens' : 'end_turn',
      model: 'sim',
      billing: { batch: true },
    }
    return { customId, result: { type: 'succeeded', answer, usage: USAGE } }
  },
  billing: () => ({ batch: true }),
  cost: (_model, usage) => usage.inputTokens,
  connect() {
    throw new Error('The simulator hands out its own connection.')
  },
}
