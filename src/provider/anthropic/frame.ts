/**
 * What two lines of a results file have in common: everything but a few values. A line that was read once teaches its
 * frame, and the next one is compared with it, which takes a quarter of the time of reading it name by name.
 */

import { LINE_START, LineFrame, type LineValue, TOLD_EACH } from '../../core/line-frame.ts'
import { textEnd } from '../../core/text-bytes.ts'
import { Words } from '../../core/words.ts'
import type { Found } from './found.ts'

/** The values that differ from line to line, and those whose place has to be known although they do not. */
export type Slot =
  | 'id'
  | 'text'
  | 'anyText'
  | 'anyNumber'
  | 'model'
  | 'stop'
  | 'region'
  | 'inputTokens'
  | 'outputTokens'
  | 'cacheReadInputTokens'
  | 'cacheCreationInputTokens'
  | 'cacheCreation1hInputTokens'

/** A value of a line: of a text, what stands between its quotes. */
export interface Leaf {
  readonly slot: Slot
  readonly from: number
  readonly to: number
}

interface Step {
  /** What stands before the value in every line. */
  readonly before: Words
  readonly slot: Slot
  readonly value: LineValue
  /** Bytes of a value that is part of the frame. */
  readonly length: number
}

const FIXED: ReadonlySet<Slot> = new Set(['model', 'stop', 'region'])

export class Frame {
  readonly #steps: readonly Step[]
  readonly #end: Words
  /** The same for lines that were taken; undefined: it is too large for that. */
  readonly #taken: LineFrame | undefined

  /** @param leaves of the line from `start` to `end`, in order; what is not in a leaf has to be the same in other lines */
  constructor(bytes: Buffer, start: number, end: number, leaves: readonly Leaf[]) {
    let at = start
    const befores: Buffer[] = []
    this.#steps = leaves.map(({ slot, from, to }) => {
      const before = bytes.subarray(at, from)
      befores.push(before)
      at = FIXED.has(slot) ? from : to
      return { before: new Words(before), slot, value: lineValueOf(slot), length: to - from }
    })
    this.#end = new Words(bytes.subarray(at, end))
    this.#taken = LineFrame.of(
      this.#steps.map(({ value }, index) => ({ before: befores[index] as Buffer, value })),
      bytes.subarray(at, end),
    )
  }

  /** The same as `read`, of the line that was taken, which begins at `start`; undefined: not to be seen there. */
  readTaken(start: number, end: number, found: Found): boolean | undefined {
    if (this.#taken === undefined) return undefined
    const told = this.#taken.read(end - start)
    if (told === undefined) return false
    const before = start - LINE_START
    for (let index = 0; index < this.#steps.length; index += 1) {
      const { slot, value, length } = this.#steps[index] as Step
      const each = index * TOLD_EACH
      const from = before + (told[each] as number)
      const to = value === 'known' ? from + length : before + (told[each + 1] as number)
      note(found, slot, from, to, told[each + 2] as number)
    }
    return true
  }

  /** Fills in what a line of this frame says; false: it is none. `view` is one of the whole memory of `bytes`. */
  read(bytes: Buffer, view: DataView, start: number, end: number, found: Found): boolean {
    let at = start
    for (let index = 0; index < this.#steps.length; index += 1) {
      const { before, slot, value, length } = this.#steps[index] as Step
      if (!before.stand(view, bytes.byteOffset + at)) return false
      at += before.length
      const from = at
      if (value === 'plain') at = plainEnd(bytes, at)
      else if (value === 'text') at = textEnd(bytes, at, end)
      else if (value === 'number') at = numberEnd(bytes, at)
      if (at < 0) return false
      const isNumber = value === 'number'
      note(found, slot, from, value === 'known' ? from + length : at, isNumber ? numberIn(bytes, from, at) : 0)
    }
    return at + this.#end.length === end && this.#end.stand(view, bytes.byteOffset + at)
  }
}

/** Name by name: stored under a name that is a value, each would be looked up. */
function note(found: Found, slot: Slot, from: number, to: number, number: number): void {
  switch (slot) {
    case 'id':
      found.idStart = from
      found.idEnd = to
      break
    case 'text':
      found.textStart = from
      found.textEnd = to
      break
    case 'model':
      found.modelStart = from
      found.modelEnd = to
      break
    case 'stop':
      found.stopStart = from
      found.stopEnd = to
      break
    case 'region':
      found.regionStart = from
      found.regionEnd = to
      break
    case 'inputTokens':
      found.inputTokens = number
      break
    case 'outputTokens':
      found.outputTokens = number
      break
    case 'cacheReadInputTokens':
      found.cacheReadInputTokens = number
      break
    case 'cacheCreationInputTokens':
      found.cacheCreationInputTokens = number
      break
    case 'cacheCreation1hInputTokens':
      found.cacheCreation1hInputTokens = number
      break
    case 'anyText':
    case 'anyNumber':
      break
  }
}

function lineValueOf(slot: Slot): LineValue {
  if (FIXED.has(slot)) return 'known'
  if (slot === 'id') return 'plain'
  return slot === 'text' || slot === 'anyText' ? 'text' : 'number'
}

const QUOTE = 34
const ZERO = 48
const BACKSLASH = 92
const SPACE = 32
/** So many digits are surely below 2^32. */
const MAX_DIGITS = 9

/** Where a text without escapes ends; -1: it is none. */
function plainEnd(bytes: Buffer, start: number): number {
  for (let at = start; at < bytes.length; at += 1) {
    const byte = bytes[at] as number
    if (byte === QUOTE) return at
    if (byte === BACKSLASH || byte < SPACE) return -1
  }
  return -1
}

/** Where a whole number ends; -1: it is none, or so long that it may not be exact. */
function numberEnd(bytes: Buffer, start: number): number {
  let at = start
  while (isDigit(bytes[at] as number)) at += 1
  const digits = at - start
  return digits === 0 || digits > MAX_DIGITS || (digits > 1 && bytes[start] === ZERO) ? -1 : at
}

function numberIn(bytes: Buffer, start: number, end: number): number {
  let number = 0
  for (let at = start; at < end; at += 1) number = number * 10 + (bytes[at] as number) - ZERO
  return number
}

export function isDigit(byte: number): boolean {
  return byte >= ZERO && byte < ZERO + 10
}
