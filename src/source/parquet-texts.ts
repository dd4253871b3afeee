// The texts of a Parquet column as they lie in memory: a row is made of them without a string for each.

import type { ViewOf } from '../core/four-bytes.ts'

/** Values of a column, each as JSON; or texts. */
export type ColumnValues = readonly unknown[] | TextColumn

const NONE = -1

/** All are valid UTF-8. Good until whoever gave it gives the next. */
export class TextColumn {
  readonly bytes: Buffer
  /** Of their memory. */
  readonly view: ViewOf
  /** Two numbers for each text: where it begins and where it ends; `NONE`: there is none. */
  readonly #places: Int32Array

  constructor(bytes: Buffer, view: ViewOf, places: Int32Array) {
    this.bytes = bytes
    this.view = view
    this.#places = places
  }

  get length(): number {
    return this.#places.length / 2
  }

  /** Negative: there is no such text. */
  from(index: number): number {
    return this.#places[2 * index] as number
  }

  to(index: number): number {
    return this.#places[2 * index + 1] as number
  }

  textAt(index: number): string | null {
    const from = this.from(index)
    return from < 0 ? null : this.bytes.toString('utf8', from, this.to(index))
  }

  slice(from: number, to: number): TextColumn {
    return new TextColumn(this.bytes, this.view, this.#places.subarray(2 * from, 2 * to))
  }

  /** The texts at these places, one for each. Throws RangeError where there is none. */
  pick(indexes: Int32Array): TextColumn {
    const places = new Int32Array(2 * indexes.length)
    for (let at = 0; at < indexes.length; at += 1) {
      const index = indexes[at] as number
      if (index < 0 || index >= this.length) throw new RangeError('a value points outside the dictionary')
      places[2 * at] = this.from(index)
      places[2 * at + 1] = this.to(index)
    }
    return new TextColumn(this.bytes, this.view, places)
  }

  /** One for each level: the next text where the level is the highest, none elsewhere. */
  spread(levels: Int32Array, highest: number): TextColumn {
    const places = new Int32Array(2 * levels.length).fill(NONE)
    let next = 0
    for (let at = 0; at < levels.length; at += 1) {
      if (levels[at] !== highest) continue
      places[2 * at] = this.from(next)
      places[2 * at + 1] = this.to(next)
      next += 1
    }
    return new TextColumn(this.bytes, this.view, places)
  }
}
