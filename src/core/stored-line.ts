// A line of a request file as it was read; see request-line.ts for what stands in it.

import type { BodyPart } from './batch.ts'
import { InvariantError } from './errors.ts'
import type { DocumentRef } from './prompt.ts'
import { Copier, copyBytes, putBytes } from './put-bytes.ts'
import type { RequestLine } from './request-line.ts'

/** A line as it was read: what stands in it is made of its bytes when somebody asks for it. */
export interface StoredLine extends RequestLine {
  /** Memory in which the line lies with others. */
  readonly memory: Buffer
  /** Where in it the key stands, JSON text with its quotes. */
  readonly keyStart: number
  readonly keyEnd: number
  /**
   * Where in it `about` stands, one JSON text in UTF-8 without a raw tab or newline: as the dataset had the row where it was
   * JSON, blanks between its tokens included.
   */
  readonly aboutStart: number
  readonly aboutEnd: number
  /**
   * Copies the body into `into` from `at` on and answers where it ends, without making a text of anything. Only for a line
   * without documents: -1 for any other.
   *
   * @param texts of the line's shape, encoded
   */
  copyBody(texts: readonly Uint8Array[], into: Uint8Array, at: number): number
}

/**
 * The line that lies in `memory` from `start` to `end`, without its newline: it keeps the memory and reads it later. Throws
 * what `damaged` makes for a line that we did not write, now or when what is wrong is asked for.
 */
export function parseRequestLine(
  memory: Uint8Array,
  damaged: () => Error = damagedLine,
  start = 0,
  end: number = memory.length,
): StoredLine {
  return new ParsedLine(asBuffer(memory), start, end, damaged)
}

/** The beginning of a line that says whose it is, without the body: enough to check ids off. */
export function parseRequestHead(
  memory: Uint8Array,
  damaged: () => Error = damagedLine,
  start = 0,
  end: number = memory.length,
): RequestHead {
  const bytes = asBuffer(memory)
  const first = shortFieldEnd(bytes, start, end)
  const second = shortFieldEnd(bytes, first + 1, end)
  if (second >= end) throw damaged()
  return { ordinal: numberIn(bytes, start, first, damaged), key: keyIn(bytes, first + 1, second, damaged) }
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
  readonly memory: Buffer
  readonly keyStart: number
  readonly keyEnd: number
  readonly aboutEnd: number
  readonly #end: number
  readonly #damaged: () => Error
  #key: string | undefined
  #parts: readonly BodyPart[] | undefined

  constructor(memory: Buffer, start: number, end: number, damaged: () => Error) {
    // Short fields are looked through here: each call out of JavaScript takes longer than a dozen bytes.
    const first = shortFieldEnd(memory, start, end)
    const second = shortFieldEnd(memory, first + 1, end)
    const third = memory.indexOf(TAB, second + 1)
    if (third < 0 || third >= end) throw damaged()
    this.ordinal = numberIn(memory, start, first, damaged)
    this.memory = memory
    this.keyStart = first + 1
    this.keyEnd = second
    this.aboutEnd = third
    this.#end = end
    this.#damaged = damaged
  }

  get key(): string {
    this.#key ??= keyIn(this.memory, this.keyStart, this.keyEnd, this.#damaged)
    return this.#key
  }

  get aboutStart(): number {
    return this.keyEnd + 1
  }

  get about(): string {
    return this.memory.toString('utf8', this.aboutStart, this.aboutEnd)
  }

  get shape(): number {
    const start = this.aboutEnd + 1
    return this.memory[start] === MINUS ? -1 : numberIn(this.memory, start, this.#shapeEnd, this.#damaged)
  }

  get bytes(): number {
    const start = this.#shapeEnd + 1
    if (start > this.#end) throw this.#damaged()
    return numberIn(this.memory, start, this.#head, this.#damaged)
  }

  get parts(): readonly BodyPart[] {
    this.#parts ??= this.#readParts()
    return this.#parts
  }

  copyBody(texts: readonly Uint8Array[], into: Uint8Array, at: number): number {
    const { memory, aboutStart } = this
    let to = at
    let text = 0
    to = put(into, to, texts[text++])
    for (let from = this.#head; from < this.#end; ) {
      switch (memory[from + 1]) {
        case EQUALS: {
          const end = this.#fieldEnd(from + 1)
          to = copyBytes(memory, from + 2, end, into, to)
          from = end
          break
        }
        case HASH: {
          const slice = this.#readSlice(from + 2)
          to = bodies.copy(memory, aboutStart + slice.start, aboutStart + slice.stop, into, to)
          from = slice.end
          break
        }
        case AT:
          return -1
        default:
          throw this.#damaged()
      }
      to = put(into, to, texts[text++])
    }
    return to
  }

  get #shapeEnd(): number {
    return shortFieldEnd(this.memory, this.aboutEnd + 1, this.#end)
  }

  /** Where the tab before the first part stands; the line's end where there is none. */
  get #head(): number {
    return shortFieldEnd(this.memory, this.#shapeEnd + 1, this.#end)
  }

  #readParts(): BodyPart[] {
    const parts: BodyPart[] = []
    for (let at = this.#head; at < this.#end; ) {
      const end = this.#fieldEnd(at + 1)
      parts.push(this.#readPart(at + 1, end))
      at = end
    }
    return parts
  }

  #readPart(start: number, end: number): BodyPart {
    switch (this.memory[start]) {
      case EQUALS:
        return this.memory.toString('utf8', start + 1, end)
      case HASH: {
        const slice = this.#readSlice(start + 1)
        return this.memory.toString('utf8', this.aboutStart + slice.start, this.aboutStart + slice.stop)
      }
      case AT:
        return parsed(this.memory, start + 1, end, this.#damaged) as DocumentRef
      default:
        throw this.#damaged()
    }
  }

  /** Where the next tab stands, or the line ends. */
  #fieldEnd(from: number): number {
    const tab = this.memory.indexOf(TAB, from)
    return tab < 0 || tab > this.#end ? this.#end : tab
  }

  /** Good until the next one is read. */
  #readSlice(from: number): Slice {
    const { memory } = this
    let comma = from
    while (comma < this.#end && memory[comma] !== COMMA) comma += 1
    const end = shortFieldEnd(memory, comma, this.#end)
    SLICE.start = numberIn(memory, from, comma, this.#damaged)
    SLICE.stop = numberIn(memory, comma + 1, end, this.#damaged)
    SLICE.end = end
    if (SLICE.start > SLICE.stop || SLICE.stop > this.aboutEnd - this.aboutStart) throw this.#damaged()
    return SLICE
  }
}

/** From the first byte of `about` to the one after the last, and where the field ends that says so. */
interface Slice {
  start: number
  stop: number
  end: number
}

/** One for all: there are several for each of millions of requests. */
const SLICE: Slice = { start: 0, stop: 0, end: 0 }
const bodies = new Copier()

const MINUS = 45
const COMMA = 44

/** A shape without texts stands for a follow-up, whose parts are the whole body. */
function put(into: Uint8Array, at: number, text: Uint8Array | undefined): number {
  return text === undefined ? at : putBytes(text, into, at)
}

function damagedLine(): Error {
  return new InvariantError('A request file has a line that nobody wrote so; it was damaged after planning.')
}

function asBuffer(line: Uint8Array): Buffer {
  return Buffer.isBuffer(line) ? line : Buffer.from(line.buffer, line.byteOffset, line.byteLength)
}

/** Where the next tab stands, or the line ends: for a field that is mostly short. */
function shortFieldEnd(line: Buffer, from: number, end: number): number {
  let at = from
  while (at < end && line[at] !== TAB) at += 1
  return at
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
