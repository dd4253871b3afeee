// A line of a request file as it was read; see request-line.ts for what stands in it.

import type { BodyPart } from './batch.ts'
import { InvariantError } from './errors.ts'
import type { DocumentRef } from './prompt.ts'
import type { RequestLine } from './request-line.ts'

/** A line as it was read: `about` and the parts are made of its bytes when somebody asks for them. */
export interface StoredLine extends RequestLine {
  /**
   * The bytes of `about`, one JSON text in UTF-8 without a raw tab or newline: as the dataset had the row where it was
   * JSON, blanks between its tokens included. A view of the line's memory.
   */
  readonly aboutBytes: Buffer
  /**
   * Copies the body into `into` from `at` on and answers where it ends, without making a text of anything. Only for a line
   * without documents: -1 for any other.
   *
   * @param texts of the line's shape, encoded
   */
  copyBody(texts: readonly Uint8Array[], into: Uint8Array, at: number): number
}

/**
 * The line keeps `line`'s memory and reads it later. Throws what `damaged` makes for a line that we did not write, now or
 * when the part that is wrong is asked for.
 */
export function parseRequestLine(line: Uint8Array, damaged: () => Error = damagedLine): StoredLine {
  return new ParsedLine(asBuffer(line), damaged)
}

/** The beginning of a line that says whose it is, without the body: enough to check ids off. */
export function parseRequestHead(line: Uint8Array, damaged: () => Error = damagedLine): RequestHead {
  const bytes = asBuffer(line)
  const first = bytes.indexOf(TAB)
  const second = bytes.indexOf(TAB, first + 1)
  if (first < 0 || second < 0) throw damaged()
  return { ordinal: numberIn(bytes, 0, first, damaged), key: keyIn(bytes, first + 1, second, damaged) }
}

export type RequestHead = Pick<RequestLine, 'ordinal' | 'key'>

const TAB = 9
const QUOTE = 34
const HASH = 35
const EQUALS = 61
const AT = 64
const BACKSLASH = 92

class ParsedLine implements StoredLine {
  readonly ordinal: number
  readonly key: string
  readonly shape: number
  readonly bytes: number
  readonly aboutBytes: Buffer
  readonly #line: Buffer
  /** Where the tab before the first part stands; the line's end where there is none. */
  readonly #head: number
  readonly #damaged: () => Error
  #parts: readonly BodyPart[] | undefined

  constructor(line: Buffer, damaged: () => Error) {
    // Short fields are looked through here: each call out of JavaScript takes longer than a dozen bytes.
    const first = shortFieldEnd(line, 0)
    const second = shortFieldEnd(line, first + 1)
    const third = line.indexOf(TAB, second + 1)
    const fourth = shortFieldEnd(line, third + 1)
    if (third < 0 || fourth >= line.length) throw damaged()
    this.ordinal = numberIn(line, 0, first, damaged)
    this.key = keyIn(line, first + 1, second, damaged)
    this.aboutBytes = line.subarray(second + 1, third)
    this.shape = line[third + 1] === MINUS ? -1 : numberIn(line, third + 1, fourth, damaged)
    this.#head = shortFieldEnd(line, fourth + 1)
    this.bytes = numberIn(line, fourth + 1, this.#head, damaged)
    this.#line = line
    this.#damaged = damaged
  }

  get about(): string {
    return this.aboutBytes.toString('utf8')
  }

  get parts(): readonly BodyPart[] {
    this.#parts ??= this.#readParts()
    return this.#parts
  }

  copyBody(texts: readonly Uint8Array[], into: Uint8Array, at: number): number {
    const line = this.#line
    let to = at
    let text = 0
    to = put(into, to, texts[text++])
    for (let from = this.#head; from < line.length; ) {
      const end = fieldEnd(line, from + 1)
      switch (line[from + 1]) {
        case EQUALS:
          to = copy(line, from + 2, end, into, to)
          break
        case HASH: {
          const [start, stop] = sliceIn(line, from + 2, end, this.#damaged)
          if (stop > this.aboutBytes.length) throw this.#damaged()
          to = copy(this.aboutBytes, start, stop, into, to)
          break
        }
        case AT:
          return -1
        default:
          throw this.#damaged()
      }
      to = put(into, to, texts[text++])
      from = end
    }
    return to
  }

  #readParts(): BodyPart[] {
    const parts: BodyPart[] = []
    for (let at = this.#head; at < this.#line.length; ) {
      const end = fieldEnd(this.#line, at + 1)
      parts.push(this.#readPart(at + 1, end))
      at = end
    }
    return parts
  }

  #readPart(start: number, end: number): BodyPart {
    switch (this.#line[start]) {
      case EQUALS:
        return this.#line.toString('utf8', start + 1, end)
      case HASH:
        return this.aboutBytes.toString('utf8', ...sliceIn(this.#line, start + 1, end, this.#damaged))
      case AT:
        return parsed(this.#line, start + 1, end, this.#damaged) as DocumentRef
      default:
        throw this.#damaged()
    }
  }
}

const MINUS = 45

/** Shorter stretches are copied faster byte by byte than by a call out of JavaScript. */
const SHORT = 48

function copy(bytes: Buffer, from: number, to: number, into: Uint8Array, at: number): number {
  const length = to - from
  if (length > SHORT) bytes.copy(into, at, from, to)
  else for (let index = 0; index < length; index += 1) into[at + index] = bytes[from + index] as number
  return at + length
}

/** A shape without texts stands for a follow-up, whose parts are the whole body. */
function put(into: Uint8Array, at: number, text: Uint8Array | undefined): number {
  if (text === undefined) return at
  if (text.length > SHORT) into.set(text, at)
  else for (let index = 0; index < text.length; index += 1) into[at + index] = text[index] as number
  return at + text.length
}

function damagedLine(): Error {
  return new InvariantError('A request file has a line that nobody wrote so; it was damaged after planning.')
}

function asBuffer(line: Uint8Array): Buffer {
  return Buffer.isBuffer(line) ? line : Buffer.from(line.buffer, line.byteOffset, line.byteLength)
}

/** The same, for what is mostly short. */
function shortFieldEnd(line: Buffer, from: number): number {
  let at = from
  while (at < line.length && line[at] !== TAB) at += 1
  return at
}

/** Where the next tab stands, or the line ends. */
function fieldEnd(line: Buffer, from: number): number {
  const tab = line.indexOf(TAB, from)
  return tab < 0 ? line.length : tab
}

function numberIn(line: Buffer, start: number, end: number, damaged: () => Error): number {
  let number = 0
  for (let at = start; at < end; at += 1) {
    const digit = (line[at] ?? 0) - 48
    if (digit < 0 || digit > 9) throw damaged()
    number = number * 10 + digit
  }
  if (end <= start) throw damaged()
  return number
}

/** From the first byte of `about` to the one after the last. */
function sliceIn(line: Buffer, start: number, end: number, damaged: () => Error): [number, number] {
  const comma = line.indexOf(COMMA, start)
  if (comma < 0 || comma >= end) throw damaged()
  return [numberIn(line, start, comma, damaged), numberIn(line, comma + 1, end, damaged)]
}

const COMMA = 44

function keyIn(line: Buffer, start: number, end: number, damaged: () => Error): string {
  let isPlain = end - start >= 2 && line[start] === QUOTE && line[end - 1] === QUOTE
  for (let at = start + 1; isPlain && at < end - 1; at += 1) {
    const byte = line[at] as number
    isPlain = byte >= 32 && byte < 128 && byte !== BACKSLASH && byte !== QUOTE
  }
  // Most keys are: for them JSON.parse would cost more than all the rest of the line.
  if (isPlain) return line.toString('latin1', start + 1, end - 1)
  const key = parsed(line, start, end, damaged)
  if (typeof key !== 'string') throw damaged()
  return key
}

function parsed(line: Buffer, start: number, end: number, damaged: () => Error): unknown {
  try {
    return JSON.parse(line.toString('utf8', start, end))
  } catch {
    throw damaged()
  }
}
