// Splits CSV bytes into records, wherever the pieces are cut. RFC 4180, and what every spreadsheet also reads:
// lines may end with or without a carriage return, and a quote inside an unquoted field is a letter.

import { isAscii, isUtf8 } from 'node:buffer'
import { findByte, fourTimes, ViewOf } from '../core/four-bytes.ts'
import { FIELD_ENTRY, type TextFields } from '../core/write-row.ts'

export interface CsvRecord {
  readonly values: readonly string[]
  /** The line on which the record begins, from 1. */
  readonly line: number
  /** The values as they lie in the file; absent: they are texts already. */
  readonly fields?: TextFields
}

export interface CsvDialect {
  /** One ASCII character. */
  readonly delimiter: string
  /** One ASCII character; empty: nothing is quoted. */
  readonly quote: string
  /** A record longer than this is a quote that was never closed. Bytes. */
  readonly maxRecordBytes: number
}

/** What is wrong with the bytes; the caller knows the file. */
export type CsvFault =
  | { readonly kind: 'unclosed'; readonly line: number }
  | { readonly kind: 'too-long'; readonly line: number }
  | { readonly kind: 'after-quote'; readonly line: number; readonly found: string }
  | { readonly kind: 'encoding'; readonly line: number; readonly bytes: Buffer }

export class CsvError extends Error {
  readonly fault: CsvFault
  constructor(fault: CsvFault) {
    super(`CSV: ${fault.kind} in line ${fault.line}`)
    this.name = 'CsvError'
    this.fault = fault
  }
}

const NEWLINE = 10
const RETURN = 13

/**
 * Feed it pieces with `push`, end with `finish`; both give the records that are complete, each split off when it is asked
 * for, and good until the next one is. Empty lines are no records. Throws CsvError.
 */
export class CsvTokenizer {
  readonly #delimiter: number
  readonly #delimiters: number
  readonly #quote: number
  readonly #quotes: number
  readonly #maxRecordBytes: number
  /** The bytes after the last complete record, as they came. */
  #held: Buffer[] = []
  #heldBytes = 0
  /** A held record is looked at again when this many bytes are there: doubling keeps long records linear. */
  #waitFor = 0
  #line = 1
  readonly #views = new ViewOf()
  /** Of the record that is split off: its values' places, as TextFields has them. */
  #places = new Int32Array(64 * FIELD_ENTRY)
  #count = 0
  /** Whether quotes stand twice in the quoted field that was read last. */
  #isTwice = false

  constructor(dialect: CsvDialect) {
    this.#delimiter = dialect.delimiter.charCodeAt(0)
    this.#delimiters = fourTimes(this.#delimiter)
    this.#quote = dialect.quote === '' ? -1 : dialect.quote.charCodeAt(0)
    this.#quotes = fourTimes(this.#quote)
    this.#maxRecordBytes = dialect.maxRecordBytes
  }

  *push(piece: Buffer): Generator<CsvRecord> {
    if (this.#heldBytes + piece.length < this.#waitFor) this.#hold(Buffer.from(piece))
    else yield* this.#split(this.#heldBytes === 0 ? piece : Buffer.concat([...this.#held, piece]), false)
  }

  *finish(): Generator<CsvRecord> {
    if (this.#heldBytes > 0) yield* this.#split(Buffer.concat(this.#held), true)
  }

  #hold(bytes: Buffer): void {
    this.#held.push(bytes)
    this.#heldBytes += bytes.length
  }

  *#split(bytes: Buffer, isLast: boolean): Generator<CsvRecord> {
    const isPlain = isAscii(bytes)
    // A piece may end inside a letter; a record that is complete ends with a line.
    const lines = isLast ? bytes : bytes.subarray(0, bytes.lastIndexOf(NEWLINE) + 1)
    if (!isPlain && !isUtf8(lines)) throw invalidLine(lines, this.#line)
    let at = 0
    let nextQuote = this.#indexOfQuote(bytes, 0)
    while (at < bytes.length) {
      const newline = bytes.indexOf(NEWLINE, at)
      const end = newline < 0 ? bytes.length : newline
      if (nextQuote < at) nextQuote = this.#indexOfQuote(bytes, at)
      if (nextQuote < end) {
        const record = this.#quotedRecord(bytes, at, isLast)
        if (record === undefined) break
        const line = this.#line
        this.#line += record.lines
        at = record.end
        yield this.#record(bytes, line, isPlain)
        continue
      }
      if (newline < 0 && !isLast) break
      const start = at
      const textEnd = end > at && bytes[end - 1] === RETURN ? end - 1 : end
      const line = this.#line++
      at = end + 1
      if (textEnd === start) continue
      this.#plainRecord(bytes, start, textEnd)
      yield this.#record(bytes, line, isPlain)
    }
    this.#keep(bytes.subarray(Math.min(at, bytes.length)))
  }

  #keep(rest: Buffer): void {
    this.#held = []
    this.#heldBytes = 0
    this.#waitFor = Math.min(rest.length * 2, this.#maxRecordBytes + 1)
    if (rest.length > this.#maxRecordBytes) throw new CsvError({ kind: 'too-long', line: this.#line })
    // Copied, because the reader may fill the same memory again.
    if (rest.length > 0) this.#hold(Buffer.from(rest))
  }

  #record(bytes: Buffer, line: number, isPlain: boolean): CsvRecord {
    const fields = { bytes, count: this.#count, places: this.#places, quote: this.#quote }
    return new FieldsRecord(fields, line, isPlain ? 'latin1' : 'utf8')
  }

  #add(from: number, to: number, isTwice: boolean): void {
    const entry = this.#count * FIELD_ENTRY
    if (entry === this.#places.length) {
      const places = new Int32Array(2 * entry)
      places.set(this.#places)
      this.#places = places
    }
    this.#places[entry] = from
    this.#places[entry + 1] = to
    this.#places[entry + 2] = isTwice ? 1 : 0
    this.#count += 1
  }

  #plainRecord(bytes: Buffer, start: number, end: number): void {
    this.#count = 0
    const view = this.#views.get(bytes)
    const { offset } = this.#views
    for (let from = start; ; ) {
      const at = findByte(bytes, view, offset, from, end, this.#delimiters)
      this.#add(from, at, false)
      if (at === end) return
      from = at + 1
    }
  }

  /** A record with a quote in it; undefined: its end is not in these bytes yet. */
  #quotedRecord(bytes: Buffer, start: number, isLast: boolean): { end: number; lines: number } | undefined {
    this.#count = 0
    let lines = 1
    let at = start
    for (;;) {
      const isQuoted = bytes[at] === this.#quote
      let end: number
      if (isQuoted) {
        const close = this.#closingQuote(bytes, at + 1, isLast)
        if (close === undefined) return undefined
        if (close < 0) throw new CsvError({ kind: 'unclosed', line: this.#line + lines - 1 })
        this.#add(at + 1, close, this.#isTwice)
        lines += countNewlines(bytes, at + 1, close)
        end = close + 1
      } else end = this.#endOfField(bytes, at)
      const isCut = end >= bytes.length || (bytes[end] === RETURN && end + 1 >= bytes.length)
      if (isCut && !isLast) return undefined
      const lineEnd = endOfLine(bytes, end)
      if (!isQuoted) this.#add(at, lineEnd !== undefined ? trimReturn(bytes, at, end) : end, false)
      if (lineEnd !== undefined) return { end: lineEnd, lines }
      if (bytes[end] !== this.#delimiter) {
        const found = bytes.toString('utf8', end, Math.min(bytes.length, end + 20))
        throw new CsvError({ kind: 'after-quote', line: this.#line + lines - 1, found })
      }
      at = end + 1
    }
  }

  /**
   * Where the quoted field ends, which `#isTwice` says more of; -1: nowhere in the file; undefined: not in these bytes.
   */
  #closingQuote(bytes: Buffer, from: number, isLast: boolean): number | undefined {
    const view = this.#views.get(bytes)
    const { offset } = this.#views
    this.#isTwice = false
    for (let at = from; ; at += 2) {
      at = findByte(bytes, view, offset, at, bytes.length, this.#quotes)
      if (at >= bytes.length) return isLast ? -1 : undefined
      if (at + 1 >= bytes.length) return isLast ? at : undefined
      if (bytes[at + 1] !== this.#quote) return at
      this.#isTwice = true
    }
  }

  #endOfField(bytes: Buffer, from: number): number {
    let at = from
    while (at < bytes.length && bytes[at] !== this.#delimiter && bytes[at] !== NEWLINE) at++
    return at
  }

  #indexOfQuote(bytes: Buffer, from: number): number {
    const at = this.#quote < 0 ? -1 : bytes.indexOf(this.#quote, from)
    return at < 0 ? bytes.length : at
  }
}

/** A record whose values are made when somebody asks for them. */
class FieldsRecord implements CsvRecord {
  readonly fields: TextFields
  readonly line: number
  readonly #decode: BufferEncoding

  constructor(fields: TextFields, line: number, decode: BufferEncoding) {
    this.fields = fields
    this.line = line
    this.#decode = decode
  }

  get values(): readonly string[] {
    const { bytes, count, places, quote } = this.fields
    const once = String.fromCharCode(quote)
    const values: string[] = []
    for (let field = 0; field < count; field += 1) {
      const entry = field * FIELD_ENTRY
      const text = bytes.toString(this.#decode, places[entry], places[entry + 1])
      values.push(places[entry + 2] === 1 ? text.replaceAll(once + once, once) : text)
    }
    return values
  }
}

/** Where the next line begins when a line ends at `at`; undefined: none does. */
function endOfLine(bytes: Buffer, at: number): number | undefined {
  if (at >= bytes.length) return at
  if (bytes[at] === NEWLINE) return at + 1
  if (bytes[at] !== RETURN) return undefined
  if (at + 1 >= bytes.length) return at + 1
  return bytes[at + 1] === NEWLINE ? at + 2 : undefined
}

function trimReturn(bytes: Buffer, start: number, end: number): number {
  return end > start && bytes[end - 1] === RETURN ? end - 1 : end
}

function countNewlines(bytes: Buffer, from: number, to: number): number {
  let count = 0
  for (let at = bytes.indexOf(NEWLINE, from); at >= 0 && at < to; at = bytes.indexOf(NEWLINE, at + 1)) count++
  return count
}

function invalidLine(bytes: Buffer, firstLine: number): CsvError {
  let start = 0
  for (let line = firstLine; ; line++) {
    const newline = bytes.indexOf(NEWLINE, start)
    const end = newline < 0 ? bytes.length : newline
    const text = bytes.subarray(start, end)
    if (newline < 0 || !isUtf8(text)) return new CsvError({ kind: 'encoding', line, bytes: Buffer.from(text) })
    start = end + 1
  }
}
