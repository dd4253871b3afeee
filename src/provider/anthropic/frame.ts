/**
 * What two lines of a results file have in common: everything but a few values. A line that was read once teaches its
 * frame, and the next one is compared with it, which takes a quarter of the time of reading it name by name.
 */

import { textEnd } from '../../core/text-bytes.ts'
import type { Found } from './found.ts'
import { Words } from './words.ts'

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
  /** Bytes of a value that is part of the frame. */
  readonly length: number
}

const FIXED: ReadonlySet<Slot> = new Set(['model', 'stop', 'region'])

export class Frame {
  readonly #steps: readonly Step[]
  readonly #end: Words

  /** @param leaves of the line from `start` to `end`, in order; what is not in a leaf has to be the same in other lines */
  constructor(bytes: Buffer, start: number, end: number, leaves: readonly Leaf[]) {
    let at = start
    this.#steps = leaves.map(({ slot, from, to }) => {
      const before = new Words(bytes.subarray(at, from))
      at = FIXED.has(slot) ? from : to
      return { before, slot, length: to - from }
    })
    this.#end = new Words(bytes.subarray(at, end))
  }

  /** Fills in what a line of this frame says; false: it is none. `view` is one of the whole memory of `bytes`. */
  read(bytes: Buffer, view: DataView, start: number, end: number, found: Found): boolean {
    let at = start
    for (let index = 0; index < this.#steps.length; index += 1) {
      const { before, slot, length } = this.#steps[index] as Step
      if (!before.stand(view, bytes.byteOffset + at)) return false
      at += before.length
      const from = at
      switch (slot) {
        case 'id':
          at = plainEnd(bytes, at)
          found.idStart = from
          found.idEnd = at
          break
        case 'text':
          at = textEnd(bytes, at, end)
          found.textStart = from
          found.textEnd = at
          break
        case 'anyText':
          at = textEnd(bytes, at, end)
          break
        case 'model':
          found.modelStart = from
          found.modelEnd = from + length
          break
        case 'stop':
          found.stopStart = from
          found.stopEnd = from + length
          break
        case 'region':
          found.regionStart = from
          found.regionEnd = from + length
          break
        default:
          at = numberEnd(bytes, at)
          if (at > 0 && slot !== 'anyNumber') found[slot] = numberIn(bytes, from, at)
      }
      if (at < 0) return false
    }
    return at + this.#end.length === end && this.#end.stand(view, bytes.byteOffset + at)
  }
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
