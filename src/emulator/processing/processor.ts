// Ends batches when they are due: one at a time, in the order in which they became due. What is due follows from the
// stored batches and the clock alone, so nothing is lost with a timer.

import { dueAtMs, EXPIRES_AFTER_MS, type StoredBatch } from '../state/batch.ts'
import type { Clock } from '../state/clock.ts'
import { type Processing, processBatch } from './process-batch.ts'

/** Longer than this a timer cannot wait; it simply looks again. */
const MAX_WAIT_MS = 60_000
/** After something kept a batch from ending. */
const RETRY_MS = 1000

export class Processor {
  readonly #processing: Processing
  readonly #clock: Clock
  readonly #stop = new AbortController()
  #timer: ReturnType<typeof setTimeout> | undefined
  #running: Promise<void> | undefined
  readonly #failed: (error: unknown) => void
  readonly #ended = new Set<() => void>()

  /** `failed` hears of what keeps a batch from ending, such as a full disk; it is tried again at the next look. */
  constructor(processing: Processing, clock: Clock, failed: (error: unknown) => void) {
    this.#processing = processing
    this.#clock = clock
    this.#failed = failed
  }

  /** Looks for batches that are due; called after everything that may have made one due. */
  look(): void {
    if (this.#stop.signal.aborted || this.#running !== undefined) return
    clearTimeout(this.#timer)
    const next = this.#next()
    if (next === undefined) return
    const waitMs = this.#dueAt(next) - this.#clock.now()
    if (waitMs > 0) {
      this.#timer = setTimeout(() => this.look(), Math.min(waitMs, MAX_WAIT_MS))
      return
    }
    this.#running = this.#end(next)
      .then(
        () => 0,
        (error: unknown) => {
          if (!this.#stop.signal.aborted) this.#failed(error)
          return RETRY_MS
        },
      )
      .then((pauseMs) => {
        this.#running = undefined
        this.#tellEnded()
        if (pauseMs === 0) this.look()
        else if (!this.#stop.signal.aborted) this.#timer = setTimeout(() => this.look(), pauseMs)
      })
  }

  /** Whether it is due and has not ended yet. */
  isDue(batch: StoredBatch): boolean {
    return batch.ended === undefined && this.#dueAt(batch) <= this.#clock.now()
  }

  /** Resolves when nothing is due, or after `mostMs`. */
  async settled(mostMs: number, isWaitedFor: () => boolean): Promise<void> {
    this.look()
    if (!isWaitedFor()) return
    const until = performance.now() + mostMs
    while (isWaitedFor() && performance.now() < until && !this.#stop.signal.aborted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(done, Math.max(1, until - performance.now()))
        const ended = this.#ended
        function done() {
          clearTimeout(timer)
          ended.delete(done)
          resolve()
        }
        ended.add(done)
      })
    }
  }

  async close(): Promise<void> {
    this.#stop.abort(new Error('The emulator was closed.'))
    clearTimeout(this.#timer)
    await this.#running
    this.#tellEnded()
  }

  async #end(batch: StoredBatch): Promise<void> {
    const { store, history } = this.#processing
    const { counts, contents, maxInMemoryBytes } = await processBatch(batch, this.#processing, this.#stop.signal)
    const atMs = Math.min(this.#clock.now(), batch.createdAtMs + EXPIRES_AFTER_MS)
    await store.change(batch.id, (now) => ({
      ended: { atMs, counts },
      maxInMemoryBytes: Math.max(now.maxInMemoryBytes, maxInMemoryBytes),
    }))
    history.add(batch.sequence, contents)
  }

  #next(): StoredBatch | undefined {
    let next: StoredBatch | undefined
    for (const batch of this.#processing.store.open) {
      if (next === undefined || this.#dueAt(batch) < this.#dueAt(next)) next = batch
    }
    return next
  }

  #dueAt(batch: StoredBatch): number {
    return dueAtMs(batch, this.#processing.batchSeconds)
  }

  #tellEnded(): void {
    for (const tell of [...this.#ended]) tell()
  }
}
