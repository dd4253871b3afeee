// Two rows with one key are an error before anything is sent. Exact, for any number of rows, in bounded memory.

import { type Problem, UserError } from '../core/errors.ts'
import { counted, quoted } from '../core/phrase.ts'
import type { RowPlace } from '../core/row.ts'
import { HeldKeys } from './held-keys.ts'
import { KeyRecords, type KeyUse } from './key-record.ts'
import { createKeySpill, type KeySpill } from './key-spill.ts'
import { findRepeated, type Repetition } from './repeated-keys.ts'

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

/** Keys that are compared in memory: for fewer nothing is written. */
const MEMORY_KEYS = 20_000
const SHOWN_KEYS = 20

/**
 * Up to 20,000 keys, or 4 MB of them, stay in memory. Beyond, all go to partition files in `folder`, which is created when
 * it is needed, and are compared at the end, a partition at a time.
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

interface Repeated extends Repetition {
  /** Rows with this key. */
  uses: number
}

class Check implements DuplicateCheck {
  readonly #folder: string
  readonly #words: DuplicateWords
  readonly #records = new KeyRecords()
  readonly #held: HeldKeys
  #spill: KeySpill | undefined
  /** Of the keys that repeat first, at most `SHOWN_KEYS`. */
  readonly #repeated = new Map<string, Repeated>()
  /** Rows whose key an earlier row has. */
  #total = 0

  constructor(folder: string, memoryKeys: number, words: DuplicateWords) {
    this.#folder = folder
    this.#held = new HeldKeys(this.#records, memoryKeys)
    this.#words = words
  }

  add(key: string, ordinal: number, place?: RowPlace): void {
    if (this.#held.isFull) this.#spread()
    const keys = this.#spill ?? this.#held
    keys.add(key, ordinal, place)
  }

  async finish(): Promise<void> {
    try {
      const found = (repetition: Repetition): void => this.#report(repetition)
      if (this.#spill === undefined) await findRepeated(this.#held, this.#records, found)
      else await this.#spill.findRepeated(found)
    } finally {
      await this.discard()
    }
    if (this.#total > 0) throw new UserError(this.#problems())
  }

  async discard(): Promise<void> {
    await this.#spill?.remove()
    this.#spill = undefined
    this.#held.clear()
  }

  /** There are too many for memory. */
  #spread(): void {
    const spill = createKeySpill(this.#folder, this.#records)
    this.#spill = spill
    this.#held.each((bytes, at, end) => spill.copy(bytes, at, end))
    this.#held.clear()
  }

  /** The uses of a key are told in the order of rows. */
  #report(repetition: Repetition): void {
    this.#total++
    const known = this.#repeated.get(repetition.key)
    if (known !== undefined) {
      known.uses++
      return
    }
    // A key that was passed over comes back with later uses only, which are passed over too.
    const last = [...this.#repeated.values()].reduce<Repeated | undefined>(later, undefined)
    if (last !== undefined && this.#repeated.size >= SHOWN_KEYS) {
      if (last.second.ordinal < repetition.second.ordinal) return
      this.#repeated.delete(last.key)
    }
    this.#repeated.set(repetition.key, { ...repetition, uses: 2 })
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

function later(one: Repeated | undefined, other: Repeated): Repeated {
  return one !== undefined && one.second.ordinal > other.second.ordinal ? one : other
}

function inWords({ ordinal, place }: KeyUse): string {
  if (place === undefined) return `row ${ordinal + 1}`
  if (place.line === undefined) return `row ${ordinal + 1} (${place.file})`
  return `${place.file}:${place.line}`
}
