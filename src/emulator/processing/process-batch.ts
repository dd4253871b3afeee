// Answers the requests of one batch and writes its results: everything of an ended batch but the word that it ended.

import { setImmediate as nextTurn } from 'node:timers/promises'
import { writeAtomically } from '../../disk/atomic-file.ts'
import type { Answerer, Line } from '../answers/answerer.ts'
import { PromptCache } from '../answers/tokens.ts'
import { endingOf, type RequestCounts, type StoredBatch } from '../state/batch.ts'
import type { BatchStore } from '../state/batch-store.ts'
import { Contents } from '../state/contents.ts'
import { DigestTable } from '../state/digest-table.ts'
import type { History } from '../state/history.ts'
import { RequestIndex, SliceReader } from '../state/request-index.ts'
import { seededOrder } from '../state/seeded.ts'
import { ResultsWriter } from './results-writer.ts'

/** Other calls are answered at least this often while a large batch is worked on. */
const TURN_MS = 12

export interface Processing {
  readonly store: BatchStore
  readonly history: History
  readonly answerer: Answerer
  readonly batchSeconds: number
  readonly order: 'shuffled' | 'input'
  readonly seed: number
}

/** Throws the signal's reason when it is aborted; then nothing has appeared. */
export async function processBatch(
  batch: StoredBatch,
  { store, history, answerer, batchSeconds, order, seed }: Processing,
  signal: AbortSignal,
): Promise<{ readonly counts: RequestCounts; readonly contents: Contents; readonly maxInMemoryBytes: number }> {
  const index = await RequestIndex.read(store.fileOf(batch.id, 'index'))
  const ending = endingOf(batch, batchSeconds)
  const places = order === 'shuffled' ? seededOrder(batch.requests, seed, batch.id) : undefined
  const contents = Contents.ofSize(batch.requests)
  const triedHere = new DigestTable()
  const context = {
    batchId: batch.id,
    apiVersion: batch.apiVersion,
    betas: batch.betas,
    cache: new PromptCache(),
    attemptsBefore(message: Buffer) {
      const here = triedHere.get(message) ?? 0
      triedHere.set(message, 0, here + 1)
      return history.attemptsOf(message) + here
    },
  }
  const counts = { processing: 0, succeeded: 0, errored: 0, canceled: 0, expired: 0 }
  const slices = new SliceReader(store.fileOf(batch.id, 'requests.json'))
  const results = await ResultsWriter.create(store.fileOf(batch.id, 'results.jsonl'))
  let maxInMemoryBytes = 0
  try {
    let turnEnds = performance.now() + TURN_MS
    for (let rank = 0; rank < batch.requests; rank++) {
      const ordinal = places?.[rank] ?? rank
      const { customId, start, length } = index.at(ordinal)
      let line: Line | undefined
      if (rank < ending.finished) {
        const given = answerer.line(slices.read(start, length), customId, ordinal + 1, context)
        line = given instanceof Promise ? await given : given
        maxInMemoryBytes = Math.max(maxInMemoryBytes, length)
      }
      const outcome = line?.outcome ?? ending.others
      contents.set(ordinal, outcome, line)
      counts[outcome]++
      const result = line === undefined ? { type: ending.others } : line.result
      if (result !== undefined) {
        const full = results.add(JSON.stringify({ custom_id: customId, result }))
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
    slices.close()
  }
  await writeAtomically(store.fileOf(batch.id, 'contents'), contents.bytes)
  return { counts, contents, maxInMemoryBytes }
}
