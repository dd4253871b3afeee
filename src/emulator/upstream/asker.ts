// Asks an upstream for the answers of batches, the oldest batch first, a few requests at a time, and keeps each answer as
// it comes. When a batch ends, its results are what was kept.

import { batchContext, type LineSource } from '../processing/line-source.ts'
import { EXPIRES_AFTER_MS, type StoredBatch } from '../state/batch.ts'
import type { BatchStore } from '../state/batch-store.ts'
import type { Clock } from '../state/clock.ts'
import type { History } from '../state/history.ts'
import { RequestIndex, SliceReader } from '../state/request-index.ts'
import { AnswerLog } from './answer-log.ts'
import type { UpstreamAnswerer } from './upstream-answerer.ts'
import type { UpstreamClient } from './upstream-client.ts'

/** Requests that are with the upstream at once. */
const CONCURRENCY = 8

export interface AskerWorld {
  readonly store: BatchStore
  readonly history: History
  readonly clock: Clock
  readonly client: UpstreamClient
  readonly answerer: UpstreamAnswerer
  readonly failed: (error: unknown) => void
}

export class Asker {
  readonly #world: AskerWorld
  /** Batches whose requests were all asked. */
  readonly #asked = new Set<string>()
  #current: { readonly id: string; readonly stop: AbortController; readonly done: Promise<void> } | undefined
  #isClosed = false
  #changed: () => void = () => undefined

  constructor(world: AskerWorld) {
    this.#world = world
  }

  /** `changed` is called whenever a batch may have become ready. */
  onChange(changed: () => void): void {
    this.#changed = changed
  }

  /** Stops asking for a batch that is over, and begins with the next one. */
  look(): void {
    if (this.#isClosed) return
    const current = this.#current
    if (current !== undefined) {
      const batch = this.#world.store.find(current.id)
      if (batch === undefined || this.#isOver(batch)) current.stop.abort(new Error('The batch is over.'))
      return
    }
    // After a restart the first call brings the key that the upstream may want.
    if (!this.#world.client.hasKey) return
    for (const batch of this.#world.store.open) {
      if (this.#asked.has(batch.id) || this.#isOver(batch)) continue
      const stop = new AbortController()
      const done = this.#ask(batch, stop.signal).then(
        () => {
          this.#asked.add(batch.id)
          return 0
        },
        (error: unknown) => {
          if (!stop.signal.aborted) this.#world.failed(error)
          return stop.signal.aborted ? 0 : 1000
        },
      )
      const finished = done.then((pauseMs) => {
        this.#current = undefined
        if (pauseMs === 0) this.#changed()
        else setTimeout(() => this.#changed(), pauseMs)
      })
      this.#current = { id: batch.id, stop, done: finished }
      return
    }
  }

  /** Whether its results may be written: everything is answered, or it is over and nobody asks any more. */
  isReady(batch: StoredBatch): boolean {
    return this.#asked.has(batch.id) || (this.#isOver(batch) && this.#current?.id !== batch.id)
  }

  /** The lines that were kept. */
  async openLines(batch: StoredBatch): Promise<LineSource> {
    const log = await AnswerLog.open(this.#world.store.fileOf(batch.id, 'answers.log'), batch.requests, () => undefined)
    return {
      others: batch.cancelInitiatedAtMs === undefined ? 'expired' : 'canceled',
      lineOf: (ordinal) => (log.has(ordinal) ? log.read(ordinal) : undefined),
      close: () => log.close(),
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#current?.stop.abort(new Error('The emulator was closed.'))
    await this.#current?.done
  }

  #isOver(batch: StoredBatch): boolean {
    return batch.cancelInitiatedAtMs !== undefined || this.#world.clock.now() >= batch.createdAtMs + EXPIRES_AFTER_MS
  }

  async #ask(batch: StoredBatch, signal: AbortSignal): Promise<void> {
    const { store, history, answerer } = this.#world
    const context = batchContext(batch, history)
    const index = await RequestIndex.read(store.fileOf(batch.id, 'index'))
    const log = await AnswerLog.open(store.fileOf(batch.id, 'answers.log'), batch.requests, (line) => {
      context.attemptsBefore(line.message)
    })
    const slices = new SliceReader(store.fileOf(batch.id, 'requests.json'))
    let next = 0
    const work = async () => {
      while (next < index.count && !signal.aborted) {
        const ordinal = next++
        if (log.has(ordinal)) continue
        const { customId, start, length } = index.at(ordinal)
        const line = await answerer.line(slices.read(start, length), customId, ordinal + 1, context, signal)
        await log.add(ordinal, line)
      }
    }
    try {
      const ended = await Promise.allSettled(Array.from({ length: CONCURRENCY }, work))
      signal.throwIfAborted()
      const failure = ended.find((one) => one.status === 'rejected')
      if (failure !== undefined) throw failure.reason
    } finally {
      slices.close()
      await log.close()
    }
  }
}
