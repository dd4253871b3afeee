// Reads one value of a JSON text in its bytes: where it ends, and how it stands there.

import { firstHigh, HIGH, meaningIn, ViewOf, WORD } from './four-bytes.ts'
import { entryInfo, HOW, type How } from './row-text.ts'

/** More digits may be more than a double holds. */
const MAX_DIGITS = 15
/** 0.000001 is written so; what is smaller may not be. */
const SMALLEST = 6
const MAX_DEPTH = 100

export const SPACE = 32
export const QUOTE = 34
export const COMMA = 44
export const COLON = 58
export const OPEN = 123
export const CLOSE = 125
const OPEN_LIST = 91
const CLOSE_LIST = 93
const MINUS = 45
const DOT = 46
const ZERO = 48
const NINE = 57
const BACKSLASH = 92

/** What a byte means inside a text. */
const LETTER = 0
const END = 1
const ESCAPE = 2
const CONTROL = 3
const MEANING = new Uint8Array(256)
MEANING.fill(CONTROL, 0, SPACE)
MEANING[QUOTE] = END
MEANING[BACKSLASH] = ESCAPE

/** What may follow a backslash: 1, as JSON.stringify writes it; 2, in another way; 0, nothing that JSON knows. */
const ESCAPES = new Uint8Array(256)
for (const letter of '"\\bfnrt') ESCAPES[letter.charCodeAt(0)] = 1
ESCAPES['/'.charCodeAt(0)] = 2

/** Holds what it read last. */
export class ValueScanner {
  /** The value: of a text, what stands between its quotes. */
  from = 0
  to = 0
  /** How it stands there, as `entryInfo` packs it. */
  info = 0
  /** Where the text goes on behind it. */
  at = 0
  readonly #views = new ViewOf()

  /** Reads the value that begins at `at`; false: not one that is understood. */
  read(bytes: Buffer, at: number, depth = 0): boolean {
    switch (bytes[at]) {
      case QUOTE:
        return this.#text(bytes, at + 1)
      case OPEN:
        return depth < MAX_DEPTH && this.#object(bytes, at, depth + 1)
      case OPEN_LIST:
        return depth < MAX_DEPTH && this.#list(bytes, at, depth + 1)
      case T:
        return this.#word(bytes, at, TRUE, HOW.scalar)
      case F:
        return this.#word(bytes, at, FALSE, HOW.scalar)
      case N:
        return this.#word(bytes, at, NULL, HOW.null)
      default:
        return this.#number(bytes, at)
    }
  }

  #text(bytes: Buffer, start: number): boolean {
    let how: How = HOW.plain
    let saved = 0
    let all = 0
    let at = start
    const view = this.#views.get(bytes)
    const base = this.#views.offset
    for (;;) {
      if (at + WORD <= bytes.length) {
        const word = view.getInt32(base + at, true)
        const found = meaningIn(word)
        if (found === 0) {
          all |= word
          at += WORD
          continue
        }
        const letters = firstHigh(found)
        all |= word & ((1 << (8 * letters)) - 1)
        at += letters
      }
      const byte = bytes[at] as number
      const meaning = MEANING[byte]
      if (meaning === LETTER) {
        all |= byte
        at += 1
        continue
      }
      if (meaning === END) break
      if (meaning !== ESCAPE) return false
      const escaped = bytes[at + 1] as number
      if (escaped === U) {
        if (!areHex(bytes, at + 2)) return false
        how = HOW.odd
        at += 6
        continue
      }
      const kind = ESCAPES[escaped]
      if (kind !== 1 && kind !== 2) return false
      if (kind === 2) how = HOW.odd
      else if (how === HOW.plain) how = HOW.escaped
      saved += 1
      at += 2
    }
    if (saved > MAX_SAVED) return false
    this.#found(start, at, at + 1, entryInfo(how, (all & HIGH) === 0, saved))
    return true
  }

  #number(bytes: Buffer, start: number): boolean {
    const isNegative = bytes[start] === MINUS
    const whole = isNegative ? start + 1 : start
    let at = skipDigits(bytes, whole)
    let digits = at - whole
    const isZero = bytes[whole] === ZERO
    if (digits === 0 || (digits > 1 && isZero)) return false
    let isOdd = isNegative && isZero
    if (bytes[at] === DOT) {
      const fraction = at + 1
      at = skipDigits(bytes, fraction)
      if (at === fraction) return false
      digits += at - fraction
      // String writes no zero at the end, and what is below a millionth with an exponent.
      if (bytes[at - 1] === ZERO || (isZero && at - fraction > SMALLEST && bytes[fraction] === ZERO)) isOdd = true
    }
    if (digits > MAX_DIGITS) return false
    this.#found(start, at, at, entryInfo(isOdd ? HOW.oddNumber : HOW.scalar, true, 0))
    return true
  }

  #word(bytes: Buffer, at: number, word: Buffer, how: How): boolean {
    for (let letter = 0; letter < word.length; letter += 1) if (bytes[at + letter] !== word[letter]) return false
    const end = at + word.length
    this.#found(at, end, end, entryInfo(how, true, 0))
    return true
  }

  #object(bytes: Buffer, start: number, depth: number): boolean {
    let at = skipBlanks(bytes, start + 1)
    if (bytes[at] !== CLOSE) {
      for (;;) {
        if (bytes[at] !== QUOTE || !this.#text(bytes, at + 1) || isPrototype(bytes, this.from, this.to)) return false
        at = skipBlanks(bytes, this.at)
        if (bytes[at] !== COLON || !this.read(bytes, skipBlanks(bytes, at + 1), depth)) return false
        at = skipBlanks(bytes, this.at)
        if (bytes[at] === CLOSE) break
        if (bytes[at] !== COMMA) return false
        at = skipBlanks(bytes, at + 1)
      }
    }
    this.#found(start, at + 1, at + 1, entryInfo(HOW.nested, false, 0))
    return true
  }

  #list(bytes: Buffer, start: number, depth: number): boolean {
    let at = skipBlanks(bytes, start + 1)
    if (bytes[at] !== CLOSE_LIST) {
      for (;;) {
        if (!this.read(bytes, at, depth)) return false
        at = skipBlanks(bytes, this.at)
        if (bytes[at] === CLOSE_LIST) break
        if (bytes[at] !== COMMA) return false
        at = skipBlanks(bytes, at + 1)
      }
    }
    this.#found(start, at + 1, at + 1, entryInfo(HOW.nested, false, 0))
    return true
  }

  #found(from: number, to: number, next: number, info: number): void {
    this.from = from
    this.to = to
    this.at = next
    this.info = info
  }
}

const T = 't'.charCodeAt(0)
const F = 'f'.charCodeAt(0)
const N = 'n'.charCodeAt(0)
const U = 'u'.charCodeAt(0)
const TRUE = Buffer.from('true')
const FALSE = Buffer.from('false')
const NULL = Buffer.from('null')
/** What fits beside the rest of an entry's info. */
const MAX_SAVED = 1 << 24

/** Names with escapes might be it. */
function isPrototype(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (bytes[at] === BACKSLASH) return true
  return to - from === PROTOTYPE.length && PROTOTYPE.compare(bytes, from, to) === 0
}

const PROTOTYPE = Buffer.from('__proto__')

/** A raw tab or newline may not stand in a request file, so only spaces are passed over. */
export function skipBlanks(bytes: Buffer, from: number): number {
  let at = from
  while (bytes[at] === SPACE) at += 1
  return at
}

function skipDigits(bytes: Buffer, from: number): number {
  let at = from
  for (let byte = bytes[at] as number; byte >= ZERO && byte <= NINE; byte = bytes[at] as number) at += 1
  return at
}

function areHex(bytes: Buffer, from: number): boolean {
  for (let at = from; at < from + 4; at += 1) {
    const byte = bytes[at] as number
    const isDigit = byte >= ZERO && byte <= NINE
    const letter = byte | 32
    if (!isDigit && !(letter >= 97 && letter <= 102)) return false
  }
  return true
}
