// Writes the results of one batch: everything of an ended batch but the word that it ended.

import { setImmediate as nextTurn } from 'node:timers/promises'
import { writeAtomically } from '../../disk/atomic-file.ts'
import type { RequestCounts, StoredBatch } from '../state/batch.ts'
import type { BatchStore } from '../state/batch-store.ts'
import { Contents } from '../state/contents.ts'
import { RequestIndex } from '../state/request-index.ts'
import { seededOrder } from '../state/seeded.ts'
import type { LineSource } from './line-source.ts'
import { ResultsWriter } from './results-writer.ts'

/** Other calls are answered at least this often while a large batch is worked on. */
const TURN_MS = 12

export interface Processing {
  readonly store: BatchStore
  readonly order: 'shuffled' | 'input'
  readonly seed: number
  openLines(batch: StoredBatch, index: RequestIndex): Promise<LineSource>
}

export interface Processed {
  readonly counts: RequestCounts
  readonly contents: Contents
  /** The largest request: one is in memory at a time. */
  readonly maxInMemoryBytes: number
}

/** Throws the signal's reason when it is aborted; then nothing has appeared. */
export async function processBatch(
  batch: StoredBatch,
  processing: Processing,
  signal: AbortSignal,
): Promise<Processed> {
  const { store, order, seed } = processing
  const index = await RequestIndex.read(store.fileOf(batch.id, 'index'))
  const places = order === 'shuffled' ? seededOrder(batch.requests, seed, batch.id) : undefined
  const contents = Contents.ofSize(batch.requests)
  const counts = { processing: 0, succeeded: 0, errored: 0, canceled: 0, expired: 0 }
  const lines = await processing.openLines(batch, index)
  const results = await ResultsWriter.create(store.fileOf(batch.id, 'results.jsonl'))
  let maxInMemoryBytes = 0
  try {
    let turnEnds = performance.now() + TURN_MS
    for (let rank = 0; rank < batch.requests; rank++) {
      const ordinal = places?.[rank] ?? rank
      const given = lines.lineOf(ordinal, rank)
      const line = given instanceof Promise ? await given : given
      if (line !== undefined) maxInMemoryBytes = Math.max(maxInMemoryBytes, index.at(ordinal).length)
      const outcome = line?.outcome ?? lines.others
      contents.set(ordinal, outcome, line)
      counts[outcome]++
      const result = line === undefined ? { type: lines.others } : line.result
      if (result !== undefined) {
        const full = results.add(JSON.stringify({ custom_id: index.customIdAt(ordinal), result }))
        if (full !== undefined) await full
      }
      if (performance.now() >= turnEnds) {
        await nextTurn()
        signal.throwIfAborted()
        turnEnds = performance.now() + TURN_MS
      }
    }
    await results.commit()
  } catch (error) {
    await results.abort()
    throw error
  } finally {
    await lines.close()
  }
  await writeAtomically(store.fileOf(batch.id, 'contents'), contents.bytes)
  return { counts, contents, maxInMemoryBytes }
}
