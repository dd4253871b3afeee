// What bytes of a Parquet page are put together in on their way to a column's values.

import { isUtf8 } from 'node:buffer'
import { ViewOf } from '../core/four-bytes.ts'
import { Copier } from '../core/put-bytes.ts'
import { type ColumnValues, TextColumn } from './parquet-texts.ts'
import { type ConvertValue, ParquetValueError } from './parquet-values.ts'

const FIRST_BYTES = 16 * 1024

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
