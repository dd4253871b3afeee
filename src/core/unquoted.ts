// The text whose JSON stands between two quotes.

import { isAscii } from 'node:buffer'
import { WORD } from './four-bytes.ts'
import { unquotedPiece, unquoteInto } from './text-bytes.ts'

const BACKSLASH = 92
/** Texts that are longer are taken apart by JSON.parse. */
const SCRATCH_BYTES = 1 << 20

let scratch: Buffer | undefined

/** The text whose JSON stands between two quotes, from `start` to `end`. */
export function unquoted(bytes: Buffer, start: number, end: number): string {
  const piece = unquotedPiece(bytes, start, end)
  if (piece !== undefined) return piece
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
