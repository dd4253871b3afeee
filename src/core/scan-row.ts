/**
 * Finds the values of a JSON object in its bytes, in one pass and without parsing it. It accepts only what it fully
 * understands: valid JSON, an object without a name twice, without numbers that a double may not hold. Whatever else a line
 * may be, it is left to JSON.parse and to those who say what is wrong with it.
 */
import { ENTRY, FieldNames, RowText } from './row-text.ts'
import { CLOSE, COLON, COMMA, OPEN, QUOTE, SPACE, skipBlanks, ValueScanner } from './scan-value.ts'

/** Sets of names that are remembered: rows may leave fields out. */
const REMEMBERED = 16
const MAX_FIELDS = 4096

/** Scans rows that lie in valid UTF-8, one after the other. */
export class RowScanner {
  readonly #known: FieldNames[] = []
  readonly #places = new Int32Array(MAX_FIELDS * ENTRY)
  readonly #value = new ValueScanner()

  /** undefined: this is not such an object, or not surely one. */
  scan(bytes: Buffer, start: number, end: number): RowText | undefined {
    for (let index = 0; index < this.#known.length; index += 1) {
      const names = this.#known[index] as FieldNames
      const text = this.#scanAs(names, bytes, start, end)
      if (text === undefined) continue
      if (index > 0) this.#remember(names, index)
      return text
    }
    const names = namesOf(bytes, start, end)
    if (names === undefined) return undefined
    const text = this.#scanAs(names, bytes, start, end)
    if (text !== undefined) this.#remember(names, this.#known.length)
    return text
  }

  #remember(names: FieldNames, from: number): void {
    this.#known.splice(from, 1)
    this.#known.unshift(names)
    if (this.#known.length > REMEMBERED) this.#known.pop()
  }

  /** The row, if its fields are these and in this order. */
  #scanAs(names: FieldNames, bytes: Buffer, start: number, end: number): RowText | undefined {
    const { encoded } = names
    const value = this.#value
    const places = this.#places
    let entry = 0
    if (bytes[start] !== OPEN) return undefined
    let at = skipBlanks(bytes, start + 1)
    for (let field = 0; field < encoded.length; field += 1) {
      if (field > 0) {
        if (bytes[at] !== COMMA) return undefined
        at = skipBlanks(bytes, at + 1)
      }
      if (bytes[at] !== QUOTE) return undefined
      at += 1
      const name = encoded[field] as Buffer
      for (let letter = 0; letter < name.length; letter += 1) if (bytes[at + letter] !== name[letter]) return undefined
      at = skipBlanks(bytes, at + name.length)
      if (bytes[at] !== COLON) return undefined
      at = skipBlanks(bytes, at + 1)
      if (!value.read(bytes, at)) return undefined
      places[entry] = value.from
      places[entry + 1] = value.to
      places[entry + 2] = value.info
      entry += ENTRY
      at = skipBlanks(bytes, value.at)
    }
    if (bytes[at] !== CLOSE || at + 1 !== end) return undefined
    return new RowText(names, bytes, start, end, places)
  }
}

/** The names of a row that has not been seen before; undefined: it is no object, or has a name that is refused. */
function namesOf(bytes: Buffer, start: number, end: number): FieldNames | undefined {
  if (bytes[start] !== OPEN) return undefined
  try {
    // A name that stands there twice, with an escape or out of the order of Object.keys will not be found again.
    const names = Object.keys(JSON.parse(bytes.toString('utf8', start, end)) as object)
    return names.length > MAX_FIELDS || names.includes('__proto__') ? undefined : new FieldNames(names)
  } catch {
    return undefined
  }
}

/** Where the line ends without the blanks behind it. */
export function trimmedEnd(bytes: Buffer, start: number, end: number): number {
  let at = end
  while (at > start && isBlank(bytes[at - 1] as number)) at -= 1
  return at
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB || byte === NEWLINE || byte === RETURN
}

const TAB = 9
const NEWLINE = 10
const RETURN = 13
