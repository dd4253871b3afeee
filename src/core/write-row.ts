// Writes rows as JSON text with the places of their values, for datasets that are not JSON themselves.

import { firstHigh, HIGH, meaningIn, ViewOf, WORD } from './four-bytes.ts'
import { hasHalfCharacter } from './half-character.ts'
import type { Json, JsonObject } from './json.ts'
import { putBytes } from './put-bytes.ts'
import { ENTRY, entryInfo, FieldNames, HOW, type How, RowText } from './row-text.ts'

const FIRST_BYTES = 64 * 1024
/** A UTF-16 unit is at most three bytes of UTF-8. */
const UNIT_BYTES = 3

/** Texts as they lie in memory, in valid UTF-8. */
export interface TextFields {
  readonly bytes: Buffer
  readonly count: number
  /** `FIELD_ENTRY` numbers for each: where it begins, where it ends, and 1 where each `quote` in it stands there twice. */
  readonly places: Int32Array
  readonly quote: number
}

export const FIELD_ENTRY = 3

/** What it writes is what JSON.stringify writes of the same fields. A row's memory is used again for the next. */
export class RowWriter {
  readonly #values: Json[] = []
  #names = new FieldNames([])
  #places = new Int32Array(0)
  #info = 0
  /** Holds a text in UTF-8 on its way. */
  #text = Buffer.allocUnsafeSlow(FIRST_BYTES)
  readonly #sources = new ViewOf()
  readonly #targets = new ViewOf()
  #block = Buffer.allocUnsafeSlow(FIRST_BYTES)

  write(fields: JsonObject): RowText {
    const { names } = this.#namesOf(fields)
    const values = this.#values
    for (let field = 0; field < names.length; field += 1) values[field] = fields[names[field] as string] as Json
    return this.#write(values)
  }

  /** The same of the values of such names. */
  writeValues(names: FieldNames, values: readonly Json[]): RowText {
    if (names !== this.#names) this.#rename(names)
    return this.#write(values)
  }

  /** The same of texts that are not made first: mostly they are copied as they stand. */
  writeFields(names: FieldNames, fields: TextFields): RowText {
    if (names !== this.#names) this.#rename(names)
    const { encoded } = this.#names
    const places = this.#places
    let at = 0
    this.#reserve(1, 0)
    this.#block[at++] = OPEN
    for (let field = 0; field < encoded.length; field += 1) {
      const name = encoded[field] as Buffer
      const given = field * FIELD_ENTRY
      const from = fields.places[given] as number
      const to = fields.places[given + 1] as number
      this.#reserve(at + name.length + FRAME_BYTES + MOST_ESCAPE * (to - from), at)
      const block = this.#block
      if (field > 0) block[at++] = COMMA
      at = putName(block, at, name)
      block[at++] = QUOTE
      const entry = field * ENTRY
      places[entry] = at
      at = this.#copyText(fields, from, to, fields.places[given + 2] === 1, at)
      places[entry + 1] = at
      places[entry + 2] = this.#info
      block[at++] = QUOTE
    }
    this.#block[at++] = CLOSE
    return new RowText(this.#names, this.#block, 0, at, places)
  }

  /** Copies a text, says in `#info` how it stands now, and answers where it ends. */
  #copyText(
    { bytes, quote }: Pick<TextFields, 'bytes' | 'quote'>,
    start: number,
    end: number,
    isTwice: boolean,
    to: number,
  ): number {
    const block = this.#block
    const source = this.#sources.get(bytes)
    const target = this.#targets.get(block)
    const sourceOffset = this.#sources.offset
    const targetOffset = this.#targets.offset
    // Another quote than that of JSON is not seen among four bytes.
    const byWords = !isTwice || quote === QUOTE
    let all = 0
    let saved = 0
    let from = start
    let at = to
    while (from < end) {
      if (byWords && from + WORD <= end) {
        const word = source.getInt32(sourceOffset + from, true)
        // What is behind a byte that is not copied is written over.
        target.setInt32(targetOffset + at, word, true)
        const found = meaningIn(word)
        if (found === 0) {
          all |= word
          from += WORD
          at += WORD
          continue
        }
        const letters = firstHigh(found)
        all |= word & ((1 << (8 * letters)) - 1)
        from += letters
        at += letters
      }
      const byte = bytes[from] as number
      all |= byte
      from += isTwice && byte === quote ? 2 : 1
      if (byte >= SPACE && byte !== QUOTE && byte !== BACKSLASH) {
        block[at++] = byte
        continue
      }
      const written = ESCAPES[byte] as Buffer
      at = putBytes(written, block, at)
      saved += written.length - 1
    }
    this.#info = entryInfo(saved === 0 ? HOW.plain : HOW.escaped, (all & HIGH) === 0, saved)
    return at
  }

  #write(values: readonly Json[]): RowText {
    const { encoded } = this.#names
    const places = this.#places
    let at = 0
    this.#reserve(1, 0)
    this.#block[at++] = OPEN
    for (let field = 0; field < encoded.length; field += 1) {
      const name = encoded[field] as Buffer
      const value = values[field] as Json
      const entry = field * ENTRY
      this.#reserve(at + name.length + FRAME_BYTES + SHORT, at)
      if (field > 0) this.#block[at++] = COMMA
      at = putName(this.#block, at, name)
      if (typeof value === 'string' && value.length <= SHORT) {
        const end = putPlain(this.#block, at + 1, value)
        if (end > 0) {
          this.#block[at] = this.#block[end] = QUOTE
          places[entry] = at + 1
          places[entry + 1] = end
          places[entry + 2] = PLAIN_ASCII
          at = end + 1
          continue
        }
      }
      const textEnd = typeof value === 'string' ? this.#putText(value, at + 1) : 0
      if (textEnd > 0) {
        this.#block[at] = this.#block[textEnd] = QUOTE
        places[entry] = at + 1
        places[entry + 1] = textEnd
        places[entry + 2] = this.#info
        at = textEnd + 1
        continue
      }
      const json = JSON.stringify(value)
      this.#reserve(at + FRAME_BYTES + UNIT_BYTES * json.length, at)
      const block = this.#block
      const end = typeof value !== 'string' && json.length <= SHORT ? putPlain(block, at, json) : 0
      const bytes = end > 0 ? end - at : block.write(json, at)
      const quote = typeof value === 'string' ? 1 : 0
      places[entry] = at + quote
      places[entry + 1] = at + bytes - quote
      places[entry + 2] = infoOf(value, json, bytes)
      at += bytes
    }
    const block = this.#block
    block[at++] = CLOSE
    return new RowText(this.#names, block, 0, at, places)
  }

  /** Writes a text at `at`, says in `#info` how it stands, and answers where it ends; 0: it holds half of a character. */
  #putText(text: string, at: number): number {
    const most = UNIT_BYTES * text.length
    if (most > this.#text.length) this.#text = Buffer.allocUnsafeSlow(2 * most)
    const bytes = this.#text.write(text)
    // Written as bytes, a half would have become another character.
    if (bytes !== text.length && hasHalfCharacter(text)) return 0
    this.#reserve(at + FRAME_BYTES + MOST_ESCAPE * bytes, at)
    return this.#copyText({ bytes: this.#text, quote: QUOTE }, 0, bytes, false, at)
  }

  /** Most rows have the names of the row before. */
  #namesOf(fields: JsonObject): FieldNames {
    const names = Object.keys(fields)
    const known = this.#names.names
    let isKnown = names.length === known.length
    for (let field = 0; isKnown && field < names.length; field += 1) isKnown = names[field] === known[field]
    if (!isKnown) this.#rename(new FieldNames(names))
    return this.#names
  }

  #rename(names: FieldNames): void {
    this.#names = names
    this.#places = new Int32Array(names.names.length * ENTRY)
  }

  /** Makes the block large enough, with what is written in it up to `used`. */
  #reserve(bytes: number, used: number): void {
    if (bytes <= this.#block.length) return
    const larger = Buffer.allocUnsafeSlow(2 * bytes)
    this.#block.copy(larger, 0, 0, used)
    this.#block = larger
  }
}

/** A comma, five quotes, a colon and a brace at most. */
const FRAME_BYTES = 8
/** A control character as \u0000. */
const MOST_ESCAPE = 6
const QUOTE = 34
const COMMA = 44
const COLON = 58
const OPEN = 123
const CLOSE = 125

/** Shorter texts are written faster letter by letter than by a call out of JavaScript. */
const SHORT = 24

const PLAIN_ASCII = entryInfo(HOW.plain, true, 0)
const SPACE = 32
const BACKSLASH = 92
const DELETE = 127
/** What JSON.stringify writes for the bytes that do not stand for themselves. */
const ESCAPES: readonly (Buffer | undefined)[] = Array.from({ length: BACKSLASH + 1 }, (_, byte) => {
  const json = JSON.stringify(String.fromCharCode(byte)).slice(1, -1)
  return json.length === 1 ? undefined : Buffer.from(json)
})

/** Answers where it ends. */
function putName(block: Buffer, start: number, name: Buffer): number {
  let at = start
  block[at++] = QUOTE
  for (let letter = 0; letter < name.length; letter += 1) block[at++] = name[letter] as number
  block[at++] = COLON
  return at
}

/** Writes a text of plain ASCII and answers where it ends; 0: it is another one. */
function putPlain(block: Buffer, at: number, text: string): number {
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index)
    if (unit < SPACE || unit >= DELETE || unit === QUOTE || unit === BACKSLASH) return 0
    block[at + index] = unit
  }
  return at + text.length
}

/** A text comes here only where it holds half of a character. */
function infoOf(value: Json, json: string, bytes: number): number {
  return typeof value === 'string' ? entryInfo(HOW.odd, bytes === json.length, 0) : entryInfo(howOf(value), true, 0)
}

function howOf(value: Json): How {
  if (typeof value === 'number') return Number.isFinite(value) ? HOW.scalar : HOW.null
  if (typeof value === 'boolean') return HOW.scalar
  return value === null ? HOW.null : HOW.nested
}
