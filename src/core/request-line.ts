/**
 * One request as it stands in a request file (`requests/0003.1.plan`): fields separated by tabs, one line each. What is
 * written between them never contains a raw tab or newline, so the texts of a body stand in the file exactly as they are sent.
 *
 *     ordinal ⇥ key (JSON) ⇥ about (JSON) ⇥ shape ⇥ bytes ⇥ part ⇥ part …
 *
 * `about` is the row's fields in the plan (attempt 1), and what earlier attempts left in later ones. A part begins with
 * `=` (a text, spliced in as it stands), `#` (two numbers: such a text is what stands in `about` from this byte to that
 * one, so a value that a prompt repeats is not stored twice) or `@` (a DocumentRef as JSON).
 */
import type { BodyPart } from './batch.ts'
import { InvariantError } from './errors.ts'
import type { JsonObject } from './json.ts'
import type { DocumentRef } from './prompt.ts'

export interface RequestLine {
  readonly ordinal: number
  readonly key: string
  /** JSON text. */
  readonly about: string
  readonly shape: number
  readonly bytes: number
  readonly parts: readonly BodyPart[]
}

/** A line as it was read: `about` and the parts are made of its bytes when somebody asks for them. */
export interface StoredLine extends RequestLine {
  /**
   * The bytes of `about`, one JSON text in UTF-8 without a raw tab or newline: as the dataset had the row where it was
   * JSON, blanks between its tokens included. A view of the line's memory.
   */
  readonly aboutBytes: Buffer
}

/** One line of a `rejected/0003.jsonl` file: a row that was never sent, because its check failed at planning. */
export interface RejectedLine {
  readonly ordinal: number
  readonly key: string
  readonly reason: string
  readonly row: JsonObject
}

/** One line of a `reused/0003.jsonl` file: a row whose very question an earlier run has answered. */
export interface ReusedLine {
  readonly ordinal: number
  readonly key: string
  /** What was asked, and the documents it was asked of: `contentDigest` and `documentsDigest`, base64. */
  readonly content: string
  readonly documents: string
  readonly row: JsonObject
  /** The run that asked the provider, and the provider's batch. */
  readonly run: string
  readonly batch: string
  /** The provider's line, custom_id and all. */
  readonly line: JsonObject
}

/** The beginning of such a line, without the row and the answer; undefined: `formatReusedLine` did not write it. */
export function parseReusedHead(line: string): Omit<ReusedLine, 'row' | 'run' | 'batch' | 'line'> | undefined {
  const [, ordinal, key, content, documents] =
    /^\{"ordinal":(\d+),"key":("(?:[^"\\]|\\.)*"),"content":"([^"]*)","documents":"([^"]*)"/.exec(line) ?? []
  if (key === undefined || content === undefined || documents === undefined) return undefined
  return { ordinal: Number(ordinal), key: JSON.parse(key) as string, content, documents }
}

/** The line, newline included; what names it comes first. */
export function formatReusedLine({ ordinal, key, content, documents, row, run, batch, line }: ReusedLine): string {
  return `${JSON.stringify({ ordinal, key, content, documents, row, run, batch, line })}\n`
}

/** The line, newline included. */
export function formatRequestLine(line: RequestLine): string {
  let text = `${line.ordinal}\t${JSON.stringify(line.key)}\t${line.about}\t${line.shape}\t${line.bytes}`
  for (const part of line.parts) text += typeof part === 'string' ? `\t=${part}` : `\t@${JSON.stringify(part)}`
  return `${text}\n`
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
    const first = line.indexOf(TAB)
    const second = line.indexOf(TAB, first + 1)
    const third = line.indexOf(TAB, second + 1)
    const fourth = line.indexOf(TAB, third + 1)
    if (first < 0 || second < 0 || third < 0 || fourth < 0) throw damaged()
    this.ordinal = numberIn(line, 0, first, damaged)
    this.key = keyIn(line, first + 1, second, damaged)
    this.aboutBytes = line.subarray(second + 1, third)
    this.shape = line[third + 1] === MINUS ? -1 : numberIn(line, third + 1, fourth, damaged)
    this.#head = fieldEnd(line, fourth + 1)
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

function damagedLine(): Error {
  return new InvariantError('A request file has a line that nobody wrote so; it was damaged after planning.')
}

function asBuffer(line: Uint8Array): Buffer {
  return Buffer.isBuffer(line) ? line : Buffer.from(line.buffer, line.byteOffset, line.byteLength)
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
