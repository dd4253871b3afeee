// Ends batches when they are due: one at a time, in the order in which they became due. What is due follows from the
// stored batches and the clock alone, so nothing is lost with a timer.

import { EXPIRES_AFTER_MS, type StoredBatch } from '../state/batch.ts'
import type { Clock } from '../state/clock.ts'
import type { History } from '../state/history.ts'
import type { Asker } from '../upstream/asker.ts'
import { type Processing, processBatch } from './process-batch.ts'

/** Longer than this a timer cannot wait; it simply looks again. */
const MAX_WAIT_MS = 60_000
/** After something kept a batch from ending. */
const RETRY_MS = 1000

export interface ProcessorWorld {
  readonly processing: Processing
  readonly history: History
  readonly clock: Clock
  readonly dueAtMs: (batch: StoredBatch) => number
  /** Where an upstream answers: batches end when it has answered them. */
  readonly asker: Asker | undefined
  /** Hears of what keeps a batch from ending, such as a full disk; it is tried again after a while. */
  readonly failed: (error: unknown) => void
}

export class Processor {
  readonly #world: ProcessorWorld
  readonly #stop = new AbortController()
  readonly #waiting = new Set<() => void>()
  #timer: ReturnType<typeof setTimeout> | undefined
  #running: Promise<void> | undefined

  constructor(world: ProcessorWorld) {
    this.#world = world
    world.asker?.onChange(() => this.look())
  }

  /** Looks for batches that are due; called after everything that may have made one due. */
  look(): void {
    if (this.#stop.signal.aborted) return
    this.#world.asker?.look()
    if (this.#running !== undefined) return
    clearTimeout(this.#timer)
    const next = this.#next()
    // A batch that is still being asked for may expire.
    if (next === undefined) this.#timer = this.#isIdle() ? undefined : setTimeout(() => this.look(), MAX_WAIT_MS)
    if (next === undefined) return
    const waitMs = this.#world.dueAtMs(next) - this.#world.clock.now()
    if (waitMs > 0) this.#timer = setTimeout(() => this.look(), Math.min(waitMs, MAX_WAIT_MS))
    else this.#run(next)
  }

  /** Whether it is due and has not ended yet. */
  isDue(batch: StoredBatch): boolean {
    const { asker, clock, dueAtMs } = this.#world
    return batch.ended === undefined && dueAtMs(batch) <= clock.now() && asker?.isReady(batch) !== false
  }

  /** Resolves when `isWaitedFor` is no longer so, or after `mostMs`. */
  async settled(mostMs: number, isWaitedFor: () => boolean): Promise<void> {
    this.look()
    const until = performance.now() + mostMs
    while (isWaitedFor() && performance.now() < until && !this.#stop.signal.aborted) {
      await new Promise<void>((resolve) => {
        const tell = () => {
          clearTimeout(timer)
          this.#waiting.delete(tell)
          resolve()
        }
        const timer = setTimeout(tell, Math.max(1, until - performance.now()))
        this.#waiting.add(tell)
      })
    }
  }

  async close(): Promise<void> {
    this.#stop.abort(new Error('The emulator was closed.'))
    clearTimeout(this.#timer)
    await this.#world.asker?.close()
    await this.#running
    this.#tell()
  }

  #run(batch: StoredBatch): void {
    this.#running = this.#end(batch)
      .then(
        () => 0,
        (error: unknown) => {
          if (!this.#stop.signal.aborted) this.#world.failed(error)
          return RETRY_MS
        },
      )
      .then((pauseMs) => {
        this.#running = undefined
        this.#tell()
        if (pauseMs === 0) this.look()
        else if (!this.#stop.signal.aborted) this.#timer = setTimeout(() => this.look(), pauseMs)
      })
  }

  async #end(batch: StoredBatch): Promise<void> {
    const { processing, history, clock } = this.#world
    const { counts, contents, maxInMemoryBytes } = await processBatch(batch, processing, this.#stop.signal)
    const atMs = Math.min(clock.now(), batch.createdAtMs + EXPIRES_AFTER_MS)
    await processing.store.change(batch.id, (now) => ({
      ended: { atMs, counts },
      maxInMemoryBytes: Math.max(now.maxInMemoryBytes, maxInMemoryBytes),
    }))
    history.add(batch.sequence, contents)
  }

  /** The ready batch that is due first. */
  #next(): StoredBatch | undefined {
    const { processing, asker, dueAtMs } = this.#world
    let next: StoredBatch | undefined
    for (const batch of processing.store.open) {
      if (asker?.isReady(batch) === false) continue
      if (next === undefined || dueAtMs(batch) < dueAtMs(next)) next = batch
    }
    return next
  }

  #isIdle(): boolean {
    return [...this.#world.processing.store.open].length === 0
  }

  #tell(): void {
    for (const tell of [...this.#waiting]) tell()
  }
}
