// Writes a sink from its first part to its last, as batches are done.

import type { PlannedBatch } from '../core/batch.ts'
import { isSelected } from '../core/result.ts'
import type { BatchState, SinkReport } from '../core/run.ts'
import type { SinkPart, SinkWriter } from '../sink/sink.ts'
import type { BoundSink } from './deliver.ts'
import { outcomeBlocks } from './outcomes.ts'
import type { RunContext } from './ports.ts'
import type { SettledRow } from './settled-row.ts'
import { inSink } from './sink-error.ts'

/** A batch and how it stands. */
export type Pair = readonly [PlannedBatch, BatchState]

export class WholeDelivery {
  readonly #context: RunContext
  readonly #sink: BoundSink
  readonly #writer: SinkWriter
  #rows = 0

  private constructor(context: RunContext, sink: BoundSink, writer: SinkWriter) {
    this.#context = context
    this.#sink = sink
    this.#writer = writer
  }

  /** Throws SinkError where it is the sink that fails, as all of this does. */
  static async open(context: RunContext, sink: BoundSink): Promise<WholeDelivery> {
    return new WholeDelivery(context, sink, await inSink(sink, () => sink.sink.open(sink.spec.options, sink.context)))
  }

  /** Parts come in the order of their batches. */
  async part([batch, state]: Pair): Promise<void> {
    const sink = this.#sink
    // What an export wrote of a batch that was half finished counts as older than the batch when it is done.
    const attempt = state.phase === 'done' ? state.attempt : state.attempt - 1
    const part = await inSink(sink, () => this.#writer.openPart({ index: batch.index, attempt }))
    try {
      const which = sink.spec.select === 'failed' ? 'failed' : 'all'
      for await (const block of outcomeBlocks(this.#context, batch, state, which)) {
        sink.context.signal.throwIfAborted()
        for (let next = 0; next < block.length; ) {
          const { count, full } = inSink(sink, () => this.#writeRows(part, block, next))
          if (full !== undefined) await inSink(sink, () => full)
          next += count
        }
      }
      await inSink(sink, () => part.commit())
    } catch (error) {
      await quietly(() => part.abort())
      throw error
    }
  }

  /** Writes rows of a block from `first` on until the sink wants to be waited for: how many it went through. */
  #writeRows(part: SinkPart, block: readonly SettledRow[], first: number): { count: number; full?: Promise<void> } {
    const { select } = this.#sink.spec
    for (let next = first; next < block.length; next += 1) {
      const row = block[next] as SettledRow
      if (!isSelected(select, row.status)) continue
      // A row that is JSON already stays it, where the sink takes it so.
      const { text } = row
      const full = part.writeText === undefined || text === undefined ? part.write(row.outcome) : part.writeText(text)
      this.#rows += 1
      if (full !== undefined) return { count: next + 1 - first, full }
    }
    return { count: block.length - first }
  }

  async finish(): Promise<SinkReport> {
    await inSink(this.#sink, () => this.#writer.finish())
    return { type: this.#sink.spec.type, path: this.#writer.location, rows: this.#rows }
  }

  /** Never throws. */
  abort(): Promise<void> {
    return quietly(() => this.#writer.abort())
  }
}

/** A sink promises that giving up never throws; should one do it all the same, the error before is the one to tell. */
async function quietly(doing: () => Promise<void>): Promise<void> {
  try {
    await doing()
  } catch {
    // Said above.
  }
}
