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
  #names = new FieldNames([])
  #places = new Int32Array(0)
  /** The next field, and where it will stand. */
  #field = 0
  #at = 0
  #info = 0
  /** Holds a text in UTF-8 on its way. */
  #text = Buffer.allocUnsafeSlow(FIRST_BYTES)
  readonly #sources = new ViewOf()
  readonly #targets = new ViewOf()
  #block = Buffer.allocUnsafeSlow(FIRST_BYTES)

  write(fields: JsonObject): RowText {
    const { names } = this.#namesOf(fields)
    this.begin(this.#names)
    for (let field = 0; field < names.length; field += 1) this.addValue(fields[names[field] as string] as Json)
    return this.end()
  }

  /** The same of the values of such names. */
  writeValues(names: FieldNames, values: readonly Json[]): RowText {
    this.begin(names)
    for (let field = 0; field < names.names.length; field += 1) this.addValue(values[field] as Json)
    return this.end()
  }

  /** The same of texts that are not made first: mostly they are copied as they stand. */
  writeFields(names: FieldNames, { bytes, count, places, quote }: TextFields): RowText {
    this.begin(names)
    for (let given = 0; given < count * FIELD_ENTRY; given += FIELD_ENTRY) {
      const from = places[given] as number
      const to = places[given + 1] as number
      if (places[given + 2] === 1) this.#addQuoted(bytes, from, to, quote)
      else this.addText(bytes, from, to)
    }
    return this.end()
  }

  /** Begins a row with such names. For each of them a text or a value is added, in their order, and then `end` is called. */
  begin(names: FieldNames): void {
    if (names !== this.#names) this.#rename(names)
    this.#block[0] = OPEN
    this.#at = 1
    this.#field = 0
  }

  /**
   * Adds a text that lies in memory, in valid UTF-8.
   *
   * @param view of the memory of `bytes`; who takes texts from several memories in turns has one for each
   */
  addText(bytes: Buffer, from: number, to: number, view = this.#sources): void {
    const start = this.#next(MOST_ESCAPE * (to - from)) + 1
    this.#endText(start, this.#copyText(bytes, view, from, to, start, QUOTE, false))
  }

  /** The same of a text in which each `quote` stands twice. */
  #addQuoted(bytes: Buffer, from: number, to: number, quote: number): void {
    const start = this.#next(MOST_ESCAPE * (to - from)) + 1
    this.#endText(start, this.#copyText(bytes, this.#sources, from, to, start, quote, true))
  }

  addValue(value: Json): void {
    const at = this.#next(SHORT)
    if (typeof value === 'string') {
      if (value.length <= SHORT) {
        const end = putPlain(this.#block, at + 1, value)
        if (end > 0) {
          this.#info = PLAIN_ASCII
          this.#endText(at + 1, end)
          return
        }
      }
      const end = this.#putText(value, at + 1)
      if (end > 0) {
        this.#endText(at + 1, end)
        return
      }
    }
    const json = JSON.stringify(value)
    this.#reserve(at + FRAME_BYTES + UNIT_BYTES * json.length, at)
    const block = this.#block
    const end = typeof value !== 'string' && json.length <= SHORT ? putPlain(block, at, json) : 0
    const bytes = end > 0 ? end - at : block.write(json, at)
    const quote = typeof value === 'string' ? 1 : 0
    this.#info = infoOf(value, json, bytes)
    this.#end(at + quote, at + bytes - quote, at + bytes)
  }

  end(): RowText {
    this.#block[this.#at] = CLOSE
    return new RowText(this.#names, this.#block, 0, this.#at + 1, this.#places)
  }

  /** Writes the next name and answers where its value begins, with room for `most` bytes. */
  #next(most: number): number {
    const name = this.#names.encoded[this.#field] as Buffer
    let at = this.#at
    this.#reserve(at + name.length + FRAME_BYTES + most, at)
    if (this.#field > 0) this.#block[at++] = COMMA
    return putName(this.#block, at, name)
  }

  #endText(from: number, to: number): void {
    this.#block[from - 1] = this.#block[to] = QUOTE
    this.#end(from, to, to + 1)
  }

  /** A value stands there, as `#info` says. */
  #end(from: number, to: number, at: number): void {
    const entry = this.#field * ENTRY
    this.#places[entry] = from
    this.#places[entry + 1] = to
    this.#places[entry + 2] = this.#info
    this.#field += 1
    this.#at = at
  }

  /** Copies a text, says in `#info` how it stands now, and answers where it ends. */
  #copyText(
    bytes: Buffer,
    view: ViewOf,
    start: number,
    end: number,
    to: number,
    quote: number,
    isTwice: boolean,
  ): number {
    const block = this.#block
    const source = view.get(bytes)
    const target = this.#targets.get(block)
    const sourceOffset = view.offset
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

  /** Writes a text at `at`, says in `#info` how it stands, and answers where it ends; 0: it holds half of a character. */
  #putText(text: string, at: number): number {
    const most = UNIT_BYTES * text.length
    if (most > this.#text.length) this.#text = Buffer.allocUnsafeSlow(2 * most)
    const bytes = this.#text.write(text)
    // Written as bytes, a half would have become another character.
    if (bytes !== text.length && hasHalfCharacter(text)) return 0
    this.#reserve(at + FRAME_BYTES + MOST_ESCAPE * bytes, at)
    return this.#copyText(this.#text, this.#sources, 0, bytes, at, QUOTE, false)
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
