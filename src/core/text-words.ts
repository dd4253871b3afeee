// The insides of JSON texts, four bytes at a time: for machines that cannot do sixteen, and what the others are compared with.

import { BACKSLASHES, firstHigh, HIGH, LOW, meaningIn, ViewOf, WORD } from './four-bytes.ts'

const SPACE = 32
const QUOTE = 34
const ZERO = 48
const BACKSLASH = 92
const U = 117

const sources = new ViewOf()
const targets = new ViewOf()

/** Where the text ends whose first byte behind the quote is at `start`; -1: it is none, or does not end before `end`. */
export function textEndByWords(bytes: Buffer, start: number, end: number): number {
  const view = sources.get(bytes)
  const base = bytes.byteOffset
  for (let at = start; at < end; ) {
    if (at + WORD <= end) {
      const found = meaningIn(view.getInt32(base + at, true))
      if (found === 0) {
        at += WORD
        continue
      }
      at += firstHigh(found)
    }
    const byte = bytes[at] as number
    if (byte === QUOTE) return at
    if (byte < SPACE) return -1
    if (byte !== BACKSLASH) at += 1
    while (at < end && bytes[at] === BACKSLASH) {
      const length = escapeLength(bytes, at + 1)
      if (length < 0 || at + length > end) return -1
      at += length
    }
  }
  return -1
}

/** Of an escape whose letter stands at `at`, the backslash included; -1: it is none. */
function escapeLength(bytes: Buffer, at: number): number {
  const letter = bytes[at] as number
  if (ESCAPES[letter] === 1) return 2
  return letter === U && areHex(bytes, at + 1) ? 6 : -1
}

const ESCAPES = new Uint8Array(256)
for (const letter of '"\\/bfnrt') ESCAPES[letter.charCodeAt(0)] = 1

function areHex(bytes: Buffer, start: number): boolean {
  for (let at = start; at < start + 4; at += 1) {
    const byte = bytes[at] as number
    const letter = byte | 32
    if (!((byte >= ZERO && byte < ZERO + 10) || (letter >= 97 && letter <= 102))) return false
  }
  return true
}

/**
 * Writes the bytes of the text in UTF-8 and answers where they end; -1: it holds one half of a surrogate pair. They are
 * never more than those of its JSON, but `into` needs room for four more. The JSON has to be sound.
 */
export function unquoteByWords(bytes: Buffer, start: number, end: number, into: Buffer, at: number): number {
  const source = sources.get(bytes)
  const target = targets.get(into)
  const base = bytes.byteOffset
  const toBase = into.byteOffset
  let from = start
  let to = at
  while (from < end) {
    // Four bytes at a time, as long as none of them is a backslash.
    while (from + WORD <= end) {
      const word = source.getInt32(base + from, true)
      target.setInt32(toBase + to, word, true)
      const found = backslashesIn(word)
      if (found !== 0) {
        const plain = firstHigh(found)
        from += plain
        to += plain
        break
      }
      from += WORD
      to += WORD
    }
    for (; from < end && bytes[from] !== BACKSLASH; from += 1) into[to++] = bytes[from] as number
    if (from >= end) return to
    const letter = bytes[from + 1] as number
    if (letter === U) {
      const point = codePointAt(bytes, from)
      if (point < 0) return -1
      from += point > LAST_OF_UNIT ? 2 * UNIT_BYTES : UNIT_BYTES
      to = writeCodePoint(point, into, to)
    } else {
      into[to++] = ESCAPED[letter] as number
      from += 2
    }
  }
  return to
}

/** The highest bit of each of four bytes that is a backslash; above one, perhaps of others. */
function backslashesIn(word: number): number {
  const others = word ^ BACKSLASHES
  return (others - LOW) & ~others & HIGH
}

/** Of `\u1234`. */
const UNIT_BYTES = 6
const LAST_OF_UNIT = 0xffff

/** The character whose escape begins at `at`, which may be two of them; -1: it is half of one. */
function codePointAt(bytes: Buffer, at: number): number {
  const unit = hex(bytes, at + 2)
  if (unit < 0xd800 || unit > 0xdfff) return unit
  const next = at + UNIT_BYTES
  if (unit > 0xdbff || bytes[next] !== BACKSLASH || bytes[next + 1] !== U) return -1
  const second = hex(bytes, next + 2)
  return second < 0xdc00 || second > 0xdfff ? -1 : 0x10000 + ((unit - 0xd800) << 10) + second - 0xdc00
}

/** What stands for each letter behind a backslash. */
const ESCAPED = new Uint8Array(256)
for (const [letter, character] of ['""', '\\\\', '//', 'b\b', 'f\f', 'n\n', 'r\r', 't\t'].map((pair) => [...pair])) {
  ESCAPED[(letter as string).charCodeAt(0)] = (character as string).charCodeAt(0)
}

function hex(bytes: Buffer, at: number): number {
  return Number.parseInt(bytes.toString('latin1', at, at + 4), 16)
}

function writeCodePoint(point: number, into: Buffer, at: number): number {
  if (point < 0x80) {
    into[at] = point
    return at + 1
  }
  return at + into.write(String.fromCodePoint(point), at)
}
