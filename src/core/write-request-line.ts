// Writes the lines of a plan as bytes: what the dataset has as JSON text is copied.

import type { BodyPart } from './batch.ts'
import { Copier, putNumber, putQuoted } from './put-bytes.ts'
import type { RowText } from './row-text.ts'

/** A stretch of the row's own text, from its first byte on: JSON text that is spliced into the body as it stands. */
export interface Slice {
  readonly from: number
  readonly to: number
}

export type PlannedPart = BodyPart | Slice

/** A request line as the plan writes it; see request-line.ts. */
export interface PlannedLine {
  readonly ordinal: number
  readonly key: string
  readonly about: RowText
  readonly shape: number
  readonly bytes: number
  readonly parts: readonly PlannedPart[]
}

export function isSlice(part: PlannedPart): part is Slice {
  return typeof part !== 'string' && 'from' in part
}

/** Digits of the largest safe integer. */
const MAX_DIGITS = 16
/** A UTF-16 unit of a key may be written as \u0000; of other text it is at most three bytes. */
const KEY_UNIT_BYTES = 6
const UNIT_BYTES = 3
/** Three numbers, two quotes, five tabs and a newline. */
const FRAME_BYTES = 3 * MAX_DIGITS + 8
/** A tab, a mark, a comma and two numbers. */
const SLICE_BYTES = 3 + 2 * MAX_DIGITS

/** Bytes that the line takes at most. */
export function mostBytesOf({ key, about, parts }: PlannedLine): number {
  let most = FRAME_BYTES + KEY_UNIT_BYTES * key.length + about.end - about.start
  for (const part of parts) {
    if (typeof part === 'string') most += 2 + UNIT_BYTES * part.length
    else most += isSlice(part) ? SLICE_BYTES : 2 + UNIT_BYTES * JSON.stringify(part).length
  }
  return most
}

const rows = new Copier()

/** Writes the line, newline included, and answers where it ends. */
export function writeRequestLine(into: Buffer, from: number, line: PlannedLine): number {
  const { key, about, parts } = line
  let at = putNumber(line.ordinal, into, from)
  into[at++] = TAB
  at = putQuoted(key, into, at)
  into[at++] = TAB
  at = rows.copy(about.bytes, about.start, about.end, into, at)
  into[at++] = TAB
  at = putNumber(line.shape, into, at)
  into[at++] = TAB
  at = putNumber(line.bytes, into, at)
  for (let index = 0; index < parts.length; index += 1) {
    const part = parts[index] as PlannedPart
    into[at++] = TAB
    if (typeof part === 'string') {
      into[at++] = EQUALS
      at += into.write(part, at)
    } else if (isSlice(part)) {
      into[at++] = HASH
      at = putNumber(part.from, into, at)
      into[at++] = COMMA
      at = putNumber(part.to, into, at)
    } else {
      into[at++] = AT
      at += into.write(JSON.stringify(part), at)
    }
  }
  into[at++] = NEWLINE
  return at
}

const TAB = 9
const NEWLINE = 10
const HASH = 35
const COMMA = 44
const EQUALS = 61
const AT = 64
