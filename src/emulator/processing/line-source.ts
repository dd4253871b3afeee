/** Where the lines of a batch's results come from: answered while they are written, or answered before. */

import type { BatchContext, Line, RequestAnswerer } from '../answers/line.ts'
import { PromptCache } from '../answers/tokens.ts'
import { endingOf, type StoredBatch } from '../state/batch.ts'
import type { BatchStore } from '../state/batch-store.ts'
import { DigestTable } from '../state/digest-table.ts'
import type { History } from '../state/history.ts'
import { type RequestIndex, SliceReader } from '../state/request-index.ts'

export interface LineSource {
  /** What becomes of the requests that have no line. */
  readonly others: 'canceled' | 'expired'
  /** `rank`: its place in the order of processing. Undefined: it was not answered. */
  lineOf(ordinal: number, rank: number): Line | undefined | Promise<Line | undefined>
  close(): Promise<void>
}

/** The context of a batch whose requests are tried one after another. */
export function batchContext(batch: StoredBatch, history: History): BatchContext {
  const triedHere = new DigestTable()
  return {
    batchId: batch.id,
    apiVersion: batch.apiVersion,
    betas: batch.betas,
    cache: new PromptCache(),
    attemptsBefore(message) {
      const here = triedHere.get(message) ?? 0
      triedHere.set(message, 0, here + 1)
      return history.attemptsOf(message) + here
    },
  }
}

/** Lines that are made when they are asked for. */
export function answeredNow(
  batch: StoredBatch,
  index: RequestIndex,
  world: {
    readonly store: BatchStore
    readonly history: History
    readonly answerer: RequestAnswerer
    readonly batchSeconds: number
  },
): LineSource {
  const { finished, others } = endingOf(batch, world.batchSeconds)
  const context = batchContext(batch, world.history)
  const slices = new SliceReader(world.store.fileOf(batch.id, 'requests.json'))
  return {
    others,
    lineOf(ordinal, rank) {
      if (rank >= finished) return undefined
      const { customId, start, length } = index.at(ordinal)
      return world.answerer.line(slices.read(start, length), customId, ordinal + 1, context)
    },
    async close() {
      slices.close()
    },
  }
}
