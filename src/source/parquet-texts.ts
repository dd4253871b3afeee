// The texts of a Parquet column as they lie in memory: a row is made of them without a string for each.

import { isUtf8 } from 'node:buffer'
import { ViewOf } from '../core/four-bytes.ts'
import { Copier } from '../core/put-bytes.ts'
import { type ConvertValue, ParquetValueError } from './parquet-values.ts'

/** Values of a column, each as JSON; or texts. */
export type ColumnValues = readonly unknown[] | TextColumn

const NONE = -1
const FIRST_BYTES = 16 * 1024

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

/** Makes a column's values of the bytes that they are stored as. */
export interface Collector {
  /** @param most values that are added */
  begin(most: number): void
  add(bytes: Buffer, from: number, to: number): void
  /** What was added. Throws ParquetValueError. */
  end(): ColumnValues
}

export class ValueCollector implements Collector {
  readonly #convert: ConvertValue
  #values: unknown[] = []

  constructor(convert: ConvertValue) {
    this.#convert = convert
  }

  begin(): void {
    this.#values = []
  }

  add(bytes: Buffer, from: number, to: number): void {
    this.#values.push(this.#convert(bytes.subarray(from, to)))
  }

  end(): unknown[] {
    return this.#values
  }
}

/** Puts texts together that lie in different places. What it gave is good until the next is begun. */
export class TextCollector implements Collector {
  readonly #copier = new Copier()
  readonly #view = new ViewOf()
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES)
  #used = 0
  #places = new Int32Array(0)
  #count = 0

  begin(most: number): void {
    this.#used = this.#count = 0
    if (this.#places.length < 2 * most) this.#places = new Int32Array(2 * most)
  }

  add(bytes: Buffer, from: number, to: number): void {
    const start = this.#used
    if (start + to - from > this.#bytes.length) this.#grow(start + to - from)
    this.#used = this.#copier.copy(bytes, from, to, this.#bytes, start)
    this.#places[2 * this.#count] = start
    this.#places[2 * this.#count + 1] = this.#used
    this.#count += 1
  }

  end(): TextColumn {
    const texts = new TextColumn(this.#bytes, this.#view, this.#places.subarray(0, 2 * this.#count))
    let isSound = isUtf8(this.#bytes.subarray(0, this.#used))
    // All of them together may be sound though a character goes from one into the next.
    for (let index = 0; isSound && index < this.#count; index += 1) {
      const from = texts.from(index)
      isSound = from === texts.to(index) || ((this.#bytes[from] as number) & CONTINUATION_MASK) !== CONTINUATION
    }
    if (!isSound) throw new ParquetValueError('it holds a text that is not UTF-8')
    return texts
  }

  #grow(bytes: number): void {
    const larger = Buffer.allocUnsafeSlow(2 * bytes)
    this.#bytes.copy(larger, 0, 0, this.#used)
    this.#bytes = larger
  }
}

/** Bytes of a character after its first. */
const CONTINUATION = 0x80
const CONTINUATION_MASK = 0xc0
