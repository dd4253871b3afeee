// Two rows with one key are an error before anything is sent. Exact, for any number of rows, in bounded memory.

import { type Problem, UserError } from '../core/errors.ts'
import { counted, quoted } from '../core/phrase.ts'
import type { RowPlace } from '../core/row.ts'
import type { KeyUse } from './key-record.ts'
import { createKeySpill, type KeySpill } from './key-spill.ts'
import { RecentKeys } from './recent-keys.ts'

/** Every row of a run is added once, in the order of ordinals. */
export interface DuplicateCheck {
  add(key: string, ordinal: number, place?: RowPlace): void
  /**
   * Throws UserError where a key was added twice: both places of each such key, twenty at most, and how many rows in
   * all. Leaves no file.
   */
  finish(): Promise<void>
  /** Leaves no file; for a plan that failed. May be called after `finish`. */
  discard(): Promise<void>
}

/** Keys that are compared in memory; below it nothing is written. More would cost more time for the collector than it saves. */
const MEMORY_KEYS = 20_000
const SHOWN_KEYS = 20

/**
 * Up to 20,000 keys stay in memory. Beyond, all go to partition files in `folder`, which is created when it is needed,
 * and are compared at the end, a partition at a time. Keys that repeat soon are found in memory and not written again,
 * so no partition grows much larger than the others, even when all rows have the same key.
 */
export function createDuplicateCheck(
  folder: string,
  memoryKeys: number = MEMORY_KEYS,
  words: DuplicateWords = KEY_WORDS,
): DuplicateCheck {
  return new Check(folder, memoryKeys, words)
}

/** How a duplicate is told; what is compared need not be the rows' keys. */
export interface DuplicateWords {
  /** 'The key' */
  readonly what: string
  readonly hint: string
}

const KEY_WORDS: DuplicateWords = {
  what: 'The key',
  hint: 'Every row needs a key of its own: make dataset.key of fields that together differ from row to row.',
}

interface Repeated {
  readonly key: string
  readonly first: KeyUse
  readonly second: KeyUse
  /** Rows with this key. */
  uses: number
}

class Check implements DuplicateCheck {
  readonly #folder: string
  readonly #words: DuplicateWords
  readonly #recent: RecentKeys
  #spill: KeySpill | undefined
  readonly #repeated = new Map<string, Repeated>()
  /** Rows whose key an earlier row has. */
  #total = 0

  constructor(folder: string, memoryKeys: number, words: DuplicateWords) {
    this.#folder = folder
    this.#recent = new RecentKeys(memoryKeys)
    this.#words = words
  }

  add(key: string, ordinal: number, place?: RowPlace): void {
    if (this.#recent.isFull) this.#forget()
    const before = this.#recent.add(key, ordinal, place)
    if (before !== undefined) this.#report(key, before, place === undefined ? { ordinal } : { ordinal, place })
  }

  async finish(): Promise<void> {
    try {
      if (this.#spill !== undefined) this.#forget()
      for await (const { key, first, second } of this.#spill?.repeated() ?? []) this.#report(key, first, second)
    } finally {
      await this.discard()
    }
    if (this.#total > 0) throw new UserError(this.#problems())
  }

  async discard(): Promise<void> {
    await this.#spill?.remove()
    this.#spill = undefined
    this.#recent.clear()
  }

  /** Makes room in memory: what was in it is compared with all the rest at the end. */
  #forget(): void {
    const spill = this.#spill ?? createKeySpill(this.#folder, this.#recent.records)
    this.#spill = spill
    this.#recent.take((hash, bytes, from, to) => spill.add(hash, bytes, from, to))
  }

  #report(key: string, first: KeyUse, second: KeyUse): void {
    this.#total++
    const known = this.#repeated.get(key)
    if (known !== undefined) known.uses++
    else if (this.#repeated.size < SHOWN_KEYS) this.#repeated.set(key, { key, first, second, uses: 2 })
  }

  #problems(): Problem[] {
    const shown = [...this.#repeated.values()].sort((a, b) => a.second.ordinal - b.second.ordinal)
    const problems: Problem[] = shown.map(({ key, first, second, uses }) => ({
      message: `${this.#words.what} ${quoted(key)} names ${uses === 2 ? 'two rows' : counted(uses, 'row')}: ${inWords(first)} and ${inWords(second)}${uses === 2 ? '' : ', the first two'}.`,
      hint: this.#words.hint,
      ...(second.place ?? {}),
    }))
    const named = shown.reduce((sum, { uses }) => sum + uses - 1, 0)
    if (this.#total > named)
      problems.push({
        message: `${counted(this.#total, 'row')} in all ${this.#total === 1 ? 'has' : 'have'} what an earlier row has; the first are shown.`,
      })
    return problems
  }
}

function inWords({ ordinal, place }: KeyUse): string {
  if (place === undefined) return `row ${ordinal + 1}`
  if (place.line === undefined) return `row ${ordinal + 1} (${place.file})`
  return `${place.file}:${place.line}`
}
