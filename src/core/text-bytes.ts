/**
 * The insides of JSON texts, sixteen bytes at a time where the machine can do that (WebAssembly with SIMD), else four at a
 * time. Both ways come to the same; a text is copied into the other's memory a piece at a time.
 */
import { GIVEN, MADE, PIECE_BYTES, type TextMachine, textMachine, WIDE } from './text-machine.ts'
import { textEndByWords, unquoteByWords } from './text-words.ts'

const QUOTE = 34
/** Where in its memory, in numbers of 32 bits, the machine tells what `unquote` found. */
const STOP = 1024 / 4
const HIGH = 1028 / 4
/** Of the longest escape, a pair of halves, and of the longest that is one character. */
const PAIR_BYTES = 12
const ESCAPE_BYTES = 6

/** Where the text ends whose first byte behind the quote is at `start`; -1: it is none, or does not end before `end`. */
export function textEnd(bytes: Buffer, start: number, end: number): number {
  const found = textMachine()
  if (found === null) return textEndByWords(bytes, start, end)
  const { exports, memory } = found
  for (let from = start; from < end; ) {
    const size = Math.min(end - from, PIECE_BYTES)
    bytes.copy(memory, GIVEN, from, from + size)
    const stop = exports.textEnd(GIVEN, GIVEN + size) - GIVEN
    if (stop < size && memory[GIVEN + stop] === QUOTE) return from + stop
    // An escape may be cut by the end of a piece; anything else is no text.
    if (size < PIECE_BYTES || stop <= size - ESCAPE_BYTES) return -1
    from += stop
  }
  return -1
}

/**
 * Writes the bytes of the text in UTF-8 and answers where they end; -1: it holds one half of a surrogate pair. They are
 * never more than those of its JSON, but `into` needs room for four more. The JSON has to be sound.
 */
export function unquoteInto(bytes: Buffer, start: number, end: number, into: Buffer, at: number): number {
  const found = textMachine()
  if (found === null) return unquoteByWords(bytes, start, end, into, at)
  const { exports, memory, told } = found
  let to = at
  for (let from = start; from < end; ) {
    const size = Math.min(end - from, PIECE_BYTES)
    bytes.copy(memory, GIVEN, from, from + size)
    const madeTo = exports.unquote(GIVEN, GIVEN + size, MADE)
    const used = (told[STOP] as number) - GIVEN
    memory.copy(into, to, MADE, madeTo)
    to += madeTo - MADE
    if (used < size && (size < PIECE_BYTES || used <= size - PAIR_BYTES)) return -1
    from += used
  }
  return to
}

/** A text, and whether it is the very JSON that JSON.stringify makes of its value; false also where that is not sure. */
export interface ReadText {
  readonly text: string
  readonly isWritten: boolean
}

/** The text itself; undefined: it is too long for one piece, or holds one half of a surrogate pair. The JSON has to be sound. */
export function unquotedPiece(bytes: Buffer, start: number, end: number): string | undefined {
  const found = textMachine()
  const madeTo = found === null ? -1 : unquotePiece(found, bytes, start, end)
  return found === null || madeTo < 0 ? undefined : textOf(found, madeTo)
}

/** The same, looked at as JSON. */
export function jsonPiece(bytes: Buffer, start: number, end: number): ReadText | undefined {
  const found = textMachine()
  const madeTo = found === null ? -1 : unquotePiece(found, bytes, start, end)
  if (found === null || madeTo < 0) return undefined
  return { text: textOf(found, madeTo), isWritten: found.exports.isWritten(MADE, madeTo) === 1 }
}

function unquotePiece({ exports, memory, told }: TextMachine, bytes: Buffer, start: number, end: number): number {
  const size = end - start
  if (size > PIECE_BYTES) return -1
  bytes.copy(memory, GIVEN, start, end)
  const madeTo = exports.unquote(GIVEN, GIVEN + size, MADE)
  return told[STOP] === GIVEN + size ? madeTo : -1
}

/** One byte a character, or two: either is copied, where UTF-8 would be taken apart once more. */
function textOf({ exports, memory, told }: TextMachine, madeTo: number): string {
  if (told[HIGH] === 0) return memory.toString('latin1', MADE, madeTo)
  const wideTo = exports.widen(MADE, madeTo, WIDE)
  return wideTo < 0 ? memory.toString('utf8', MADE, madeTo) : memory.toString('utf16le', WIDE, wideTo)
}
