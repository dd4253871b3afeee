// The text whose JSON stands between two quotes: as a text, or as the bytes of one.

import { isAscii } from 'node:buffer'
import { BACKSLASHES, firstHigh, HIGH, LOW, ViewOf, WORD } from './four-bytes.ts'

const BACKSLASH = 92
const U = 117
/** Texts that are longer are taken apart by JSON.parse. */
const SCRATCH_BYTES = 1 << 20

let scratch: Buffer | undefined

/** The text whose JSON stands between two quotes, from `start` to `end`. */
export function unquoted(bytes: Buffer, start: number, end: number): string {
  const escaped = bytes.subarray(start, end)
  // Without an escape the bytes are the text.
  if (escaped.indexOf(BACKSLASH) < 0) return textOf(escaped)
  if (escaped.length + WORD <= SCRATCH_BYTES) {
    scratch ??= Buffer.allocUnsafeSlow(SCRATCH_BYTES)
    const length = unquoteInto(bytes, start, end, scratch, 0)
    if (length >= 0) return textOf(scratch.subarray(0, length))
  }
  // Half of a surrogate pair, too, which has no bytes in UTF-8.
  return JSON.parse(bytes.toString('utf8', start - 1, end + 1)) as string
}

/** Latin-1 is read ten times as fast. */
function textOf(bytes: Buffer): string {
  return isAscii(bytes) ? bytes.toString('latin1') : bytes.toString('utf8')
}

/**
 * Writes the bytes of the text in UTF-8 and answers where they end; -1: it holds one half of a surrogate pair. They are
 * never more than those of its JSON, but `into` needs room for four more. The JSON has to be sound.
 */
export function unquoteInto(bytes: Buffer, start: number, end: number, into: Buffer, at: number): number {
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

const sources = new ViewOf()
const targets = new ViewOf()

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
