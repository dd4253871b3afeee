// The batches of a plan, one after the other: while one is being filled, the one before is made durable.

import type { PlannedBatch } from '../core/batch.ts'
import type { BatchFile } from './batch-file.ts'
import { added, emptyFill, type Fill, fits, type PackLimits } from './pack.ts'

export class BatchSequence {
  readonly #limits: PackLimits
  readonly #mostUsd: number
  readonly #newFile: (index: number, fromOrdinal: number) => BatchFile
  readonly #batches: PlannedBatch[] = []
  #index = 0
  #fill: Fill
  /** Never rejects, so that nobody has to wait for it at once. */
  #closing: Promise<{ readonly error: unknown } | undefined> | undefined
  /** Of the batch that is being filled. */
  file: BatchFile

  /** @param mostUsd what one batch may be able to cost */
  constructor(limits: PackLimits, mostUsd: number, newFile: (index: number, fromOrdinal: number) => BatchFile) {
    this.#limits = limits
    this.#mostUsd = mostUsd
    this.#newFile = newFile
    this.#fill = emptyFill(limits)
    this.file = newFile(0, 0)
  }

  /** Makes room for a request; await the answer when there is one: then a new batch begins with it. */
  makeRoom(weight: number, boundUsd: number, ordinal: number): Promise<void> | undefined {
    const hasRoom = fits(this.#fill, weight, this.#limits) && this.file.hasRoomFor(boundUsd, this.#mostUsd)
    if (hasRoom) {
      this.#fill = added(this.#fill, weight)
      return undefined
    }
    return this.next(ordinal).then(() => {
      this.#fill = added(this.#fill, weight)
    })
  }

  /** Begins the next batch with the row of this ordinal. */
  async next(ordinal: number): Promise<void> {
    await this.#close(ordinal)
    this.#index += 1
    this.file = this.#newFile(this.#index, ordinal)
    this.#fill = emptyFill(this.#limits)
  }

  /** Every batch, all durable. */
  async finish(rows: number): Promise<readonly PlannedBatch[]> {
    if (this.file.isEmpty) await this.file.abort()
    else await this.#close(rows)
    await this.#closed()
    return this.#batches
  }

  /** Leaves no file that is not whole. */
  async abort(): Promise<void> {
    await this.#closing
    await this.file.abort()
  }

  /** Begins to make the batch durable, once the one before is. */
  async #close(toOrdinal: number): Promise<void> {
    await this.#closed()
    const { file } = this
    this.#closing = file.close(this.#fill.bytes, toOrdinal).then(
      (batch) => {
        this.#batches.push(batch)
        return undefined
      },
      async (error: unknown) => {
        await file.abort()
        return { error }
      },
    )
  }

  async #closed(): Promise<void> {
    const failure = await this.#closing
    if (failure !== undefined) throw failure.error
  }
}
