/**
 * A row as JSON text in UTF-8, with the places of its values: what a prompt repeats of it can be copied, byte for byte,
 * by somebody who parses nothing.
 */
import type { JsonObject } from './json.ts'

/**
 * How a value stands in the text. `plain`, `escaped` and `scalar` stand there just as JSON.stringify and String would
 * write them, so their bytes may be copied into another JSON text; the others may not.
 */
export const HOW = {
  /** A text without escapes. */
  plain: 0,
  /** A text with short escapes such as \n, all as JSON.stringify writes them. */
  escaped: 1,
  /** A text with escapes that JSON.stringify would write otherwise: \/ or \u00e9. */
  odd: 2,
  /** A number as String writes it, true or false. */
  scalar: 3,
  /** A number in another notation: 1.50, -0. */
  oddNumber: 4,
  null: 5,
  /** A list or an object. */
  nested: 6,
} as const
export type How = (typeof HOW)[keyof typeof HOW]

/** The names of a row's fields in their order; one object for all rows that have the same. */
export class FieldNames {
  readonly names: readonly string[]
  /** The names as they stand in a text, without the quote before and with the one after them. */
  readonly encoded: readonly Buffer[]
  readonly #positions = new Map<string, number>()

  constructor(names: readonly string[]) {
    this.names = names
    this.encoded = names.map((name) => Buffer.from(JSON.stringify(name).slice(1)))
    for (const [index, name] of names.entries()) this.#positions.set(name, index)
  }

  /** undefined: an object with these names has them in another order, as it is with names that are numbers. */
  static inOrder(names: readonly string[]): FieldNames | undefined {
    const inRow = Object.keys(Object.fromEntries(names.map((name) => [name, ''])))
    return inRow.every((name, index) => name === names[index]) ? new FieldNames(names) : undefined
  }

  /** -1: no row with these names has that field. */
  positionOf(name: string): number {
    return this.#positions.get(name) ?? -1
  }
}

/** Numbers of a value's entry in the table of places. */
export const ENTRY = 3
const HOW_BITS = 4
const HOW_MASK = 0b111
const ASCII = 0b1000

/** @param saved bytes that the text is shorter than it stands here */
export function entryInfo(how: How, isAscii: boolean, saved: number): number {
  return how | (isAscii ? ASCII : 0) | (saved << HOW_BITS)
}

/** Good until the next row is asked for: its memory and the table of its places are used again. */
export class RowText {
  readonly names: FieldNames
  /** Memory in which the text lies with others. */
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
  readonly #places: Int32Array
  /** Where its places begin among others. */
  readonly #first: number

  /** @param places from `first` on three numbers for each field: from, to, `entryInfo` */
  constructor(names: FieldNames, bytes: Buffer, start: number, end: number, places: Int32Array, first = 0) {
    this.names = names
    this.bytes = bytes
    this.start = start
    this.end = end
    this.#places = places
    this.#first = first
  }

  /** Where the value of a field begins in `bytes`: of a text, behind its quote. */
  from(field: number): number {
    return this.#places[this.#first + field * ENTRY] as number
  }

  /** Where it ends: of a text, before its quote. */
  to(field: number): number {
    return this.#places[this.#first + field * ENTRY + 1] as number
  }

  how(field: number): How {
    return (this.info(field) & HOW_MASK) as How
  }

  /** Whether its bytes are just what JSON.stringify would put between the quotes of a text that says this value. */
  isReady(field: number): boolean {
    const how = this.info(field) & HOW_MASK
    return how === HOW.plain || how === HOW.scalar || how === HOW.escaped
  }

  /** Of texts: whether all of it is ASCII, escapes included. */
  isAscii(field: number): boolean {
    return (this.info(field) & ASCII) !== 0
  }

  /** Of texts, except odd ones: how many bytes of UTF-8 the text has once it is parsed. */
  textBytes(field: number): number {
    return this.to(field) - this.from(field) - (this.info(field) >>> HOW_BITS)
  }

  /** What a template prints for the field; undefined: null, a list or an object, which have no text. */
  textOf(field: number): string | undefined {
    const from = this.from(field)
    const to = this.to(field)
    switch (this.how(field)) {
      case HOW.plain:
      case HOW.scalar:
        return this.bytes.toString(this.isAscii(field) ? 'latin1' : 'utf8', from, to)
      case HOW.escaped:
      case HOW.odd:
        return JSON.parse(this.bytes.toString('utf8', from - 1, to + 1)) as string
      case HOW.oddNumber:
        return String(Number(this.bytes.toString('latin1', from, to)))
      default:
        return undefined
    }
  }

  parse(): JsonObject {
    return JSON.parse(this.bytes.toString('utf8', this.start, this.end)) as JsonObject
  }

  /** As `entryInfo` made it. */
  info(field: number): number {
    return this.#places[this.#first + field * ENTRY + 2] as number
  }
}
