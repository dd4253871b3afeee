// What was asked before, over all batches: how often a first user message was tried, and which contents were answered
// successfully in more than one batch. Rebuilt at the start from the `contents` of the batches that have ended.

import { readFile } from 'node:fs/promises'
import type { BatchStore } from './batch-store.ts'
import { Contents } from './contents.ts'
import { DigestTable } from './digest-table.ts'
import { RequestIndex } from './request-index.ts'

/** Stands for "answered in several batches"; a batch's sequence stays below it. */
const SEVERAL = 2 ** 31

export class History {
  readonly #store: BatchStore
  /** First user message → how often it was tried. */
  readonly #attempts = new DigestTable()
  /** Content → sequence of the batch that answered it, or SEVERAL. */
  readonly #answered = new DigestTable()
  #repeated = 0
  #repeatedIds: { readonly ended: number; readonly ids: readonly string[] } | undefined
  #ended = 0

  private constructor(store: BatchStore) {
    this.#store = store
  }

  static async open(store: BatchStore): Promise<History> {
    const history = new History(store)
    for (const batch of store.all) {
      if (batch.ended === undefined) continue
      history.add(batch.sequence, new Contents(await readFile(store.fileOf(batch.id, 'contents'))))
    }
    return history
  }

  /** How often this first user message was tried in batches that have ended. */
  attemptsOf(message: Buffer): number {
    return this.#attempts.get(message) ?? 0
  }

  /** Takes in a batch that has ended, once. */
  add(sequence: number, contents: Contents): void {
    this.#ended++
    const { bytes } = contents
    for (let ordinal = 0; ordinal < contents.count; ordinal++) {
      if (!contents.wasTried(ordinal)) continue
      const message = contents.messageAt(ordinal)
      this.#attempts.set(bytes, message, (this.#attempts.get(bytes, message) ?? 0) + 1)
      if (contents.outcomeAt(ordinal) !== 'succeeded') continue
      const content = contents.contentAt(ordinal)
      const before = this.#answered.get(bytes, content)
      if (before === undefined) this.#answered.set(bytes, content, sequence)
      else if (before !== sequence && before !== SEVERAL) {
        this.#answered.set(bytes, content, SEVERAL)
        this.#repeated++
      }
    }
  }

  /** The custom_ids of all requests whose content was answered successfully in more than one batch, each once. */
  async paidMoreThanOnce(): Promise<readonly string[]> {
    if (this.#repeated === 0) return []
    const ended = this.#ended
    if (this.#repeatedIds?.ended === ended) return this.#repeatedIds.ids
    const ids = new Set<string>()
    for (const batch of this.#store.all) {
      if (batch.ended === undefined) continue
      const contents = new Contents(await readFile(this.#store.fileOf(batch.id, 'contents')))
      const index = await RequestIndex.read(this.#store.fileOf(batch.id, 'index'))
      for (let ordinal = 0; ordinal < contents.count; ordinal++) {
        if (contents.outcomeAt(ordinal) !== 'succeeded') continue
        if (this.#answered.get(contents.bytes, contents.contentAt(ordinal)) === SEVERAL)
          ids.add(index.customIdAt(ordinal))
      }
    }
    this.#repeatedIds = { ended, ids: [...ids] }
    return this.#repeatedIds.ids
  }
}
