// Writes rows as JSON text with the places of their values, for datasets that are not JSON themselves.

import type { Json, JsonObject } from './json.ts'
import { ENTRY, entryInfo, FieldNames, HOW, type How, RowText } from './row-text.ts'

const FIRST_BYTES = 64 * 1024
/** A UTF-16 unit is at most three bytes of UTF-8. */
const UNIT_BYTES = 3

/** What it writes is what JSON.stringify writes of the same fields. A row's memory is used again for the next. */
export class RowWriter {
  readonly #values: string[] = []
  #names = new FieldNames([])
  #places = new Int32Array(0)
  #block = Buffer.allocUnsafeSlow(FIRST_BYTES)

  write(fields: JsonObject): RowText {
    const { names } = this.#namesOf(fields)
    const values = this.#values
    let most = 2
    for (let field = 0; field < names.length; field += 1) {
      const name = names[field] as string
      const json = JSON.stringify(fields[name])
      values[field] = json
      most += UNIT_BYTES * (name.length * MAX_ESCAPE + json.length + 4)
    }
    if (most > this.#block.length) this.#block = Buffer.allocUnsafeSlow(2 * most)
    return this.#put(fields)
  }

  #put(fields: JsonObject): RowText {
    const { names, encoded } = this.#names
    const block = this.#block
    const places = this.#places
    let at = 0
    block[at++] = OPEN
    for (let field = 0; field < names.length; field += 1) {
      if (field > 0) block[at++] = COMMA
      block[at++] = QUOTE
      const name = encoded[field] as Buffer
      for (let letter = 0; letter < name.length; letter += 1) block[at++] = name[letter] as number
      block[at++] = COLON
      const json = this.#values[field] as string
      const value = fields[names[field] as string] as Json
      const bytes = put(block, at, json)
      const quote = typeof value === 'string' ? 1 : 0
      const entry = field * ENTRY
      places[entry] = at + quote
      places[entry + 1] = at + bytes - quote
      places[entry + 2] = infoOf(value, json, bytes)
      at += bytes
    }
    block[at++] = CLOSE
    return new RowText(this.#names, block, 0, at, places)
  }

  /** Most rows have the names of the row before. */
  #namesOf(fields: JsonObject): FieldNames {
    const names = Object.keys(fields)
    const known = this.#names.names
    let isKnown = names.length === known.length
    for (let field = 0; isKnown && field < names.length; field += 1) isKnown = names[field] === known[field]
    if (!isKnown) {
      this.#names = new FieldNames(names)
      this.#places = new Int32Array(names.length * ENTRY)
    }
    return this.#names
  }
}

/** A letter of a name may be written as \u0000. */
const MAX_ESCAPE = 6
const QUOTE = 34
const COMMA = 44
const COLON = 58
const OPEN = 123
const CLOSE = 125

/** Shorter texts are written faster letter by letter than by a call out of JavaScript. */
const SHORT = 24

/** The number of bytes written. */
function put(block: Buffer, at: number, text: string): number {
  if (text.length > SHORT) return block.write(text, at)
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index)
    if (unit > 127) return block.write(text, at)
    block[at + index] = unit
  }
  return text.length
}

function infoOf(value: Json, json: string, bytes: number): number {
  if (typeof value === 'string') {
    const hasEscapes = json.length !== value.length + 2
    const saved = hasEscapes ? bytes - 2 - Buffer.byteLength(value) : 0
    return entryInfo(hasEscapes ? HOW.escaped : HOW.plain, bytes === json.length, saved)
  }
  return entryInfo(howOf(value), true, 0)
}

function howOf(value: Json): How {
  if (typeof value === 'number') return Number.isFinite(value) ? HOW.scalar : HOW.null
  if (typeof value === 'boolean') return HOW.scalar
  return value === null ? HOW.null : HOW.nested
}
