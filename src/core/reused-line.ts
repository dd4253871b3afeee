/**
 * A row whose very question an earlier run has answered, as it stands in a file of the plan (`reused/0003.plan`): fields
 * separated by tabs, one line each. The row and the answer are copied as they are, and nobody parses them on the way.
 *
 *     ordinal ⇥ key (JSON) ⇥ content ⇥ documents ⇥ run ⇥ batch (JSON) ⇥ row (JSON) ⇥ the provider's line (JSON)
 */
import type { RowText } from './row-text.ts'

export interface ReusedLine extends ReusedAnswer {
  readonly ordinal: number
  readonly key: string
  readonly row: RowText
}

/** A stored answer. */
export interface ReusedAnswer {
  /** What was asked, and the documents it was asked of: `contentDigest` and `documentsDigest`, base64. */
  readonly content: string
  readonly documents: string
  /** The run that asked the provider, and the provider's batch. */
  readonly run: string
  readonly batch: string
  /** The provider's line, custom_id and all: JSON text in UTF-8 without a raw tab or newline. */
  readonly line: Uint8Array
}

/** A line as it was read: views into it, and texts that are made when they are asked for. */
export interface StoredReused extends ReusedAnswer {
  readonly ordinal: number
  readonly key: string
  readonly row: Buffer
  readonly line: Buffer
  /** Where the provider's line lies in the memory that was parsed. */
  readonly lineStart: number
  readonly lineEnd: number
}

const TAB = 9
const NEWLINE = 10
const QUOTE = 34
/** A UTF-16 unit is at most three bytes of UTF-8. */
const UNIT_BYTES = 3

/** The fields before the row and the answer, with a tab behind each. */
export function reusedHead({ ordinal, key }: Omit<ReusedLine, keyof ReusedAnswer>, answer: ReusedAnswer): string {
  const { content, documents, run, batch } = answer
  return `${ordinal}\t${JSON.stringify(key)}\t${content}\t${documents}\t${run}\t${JSON.stringify(batch)}\t`
}

/** Bytes that the line takes at most. */
export function mostReusedBytes(head: string, row: RowText, line: Uint8Array): number {
  return head.length * UNIT_BYTES + row.end - row.start + line.length + 2
}

/** Writes the line, newline included, and answers where it ends. */
export function writeReusedLine(into: Buffer, from: number, head: string, row: RowText, line: Uint8Array): number {
  let at = from + into.write(head, from)
  at += row.bytes.copy(into, at, row.start, row.end)
  into[at++] = TAB
  into.set(line, at)
  at += line.length
  into[at++] = NEWLINE
  return at
}

/**
 * Throws what `damaged` makes for a line that we did not write.
 *
 * @param bytes memory in which the line lies from `start` to `end`, without its newline
 */
export function parseReusedLine(
  bytes: Buffer,
  damaged: () => Error,
  start = 0,
  end: number = bytes.length,
): StoredReused {
  return new ReusedText(bytes, start, end, damaged)
}

class ReusedText implements StoredReused {
  readonly ordinal: number
  readonly lineStart: number
  readonly lineEnd: number
  readonly #bytes: Buffer
  readonly #damaged: () => Error
  /** Where the fields of these names end. */
  readonly #ordinal: number
  readonly #key: number
  readonly #content: number
  readonly #documents: number
  readonly #run: number
  readonly #batch: number

  constructor(bytes: Buffer, start: number, end: number, damaged: () => Error) {
    this.#bytes = bytes
    this.#damaged = damaged
    this.lineEnd = end
    this.#ordinal = this.#tabFrom(start)
    this.#key = this.#tabFrom(this.#ordinal + 1)
    this.#content = this.#tabFrom(this.#key + 1)
    this.#documents = this.#tabFrom(this.#content + 1)
    this.#run = this.#tabFrom(this.#documents + 1)
    this.#batch = this.#tabFrom(this.#run + 1)
    const row = bytes.indexOf(TAB, this.#batch + 1)
    if (row < 0 || row >= end) throw damaged()
    const another = bytes.indexOf(TAB, row + 1)
    if (another >= 0 && another < end) throw damaged()
    this.lineStart = row + 1
    this.ordinal = Number(bytes.toString('latin1', start, this.#ordinal))
  }

  get row(): Buffer {
    return this.#bytes.subarray(this.#batch + 1, this.lineStart - 1)
  }

  get line(): Buffer {
    return this.#bytes.subarray(this.lineStart, this.lineEnd)
  }

  get key(): string {
    return this.#json(this.#ordinal + 1, this.#key)
  }

  get content(): string {
    return this.#bytes.toString('latin1', this.#key + 1, this.#content)
  }

  get documents(): string {
    return this.#bytes.toString('latin1', this.#content + 1, this.#documents)
  }

  get run(): string {
    return this.#bytes.toString('utf8', this.#documents + 1, this.#run)
  }

  get batch(): string {
    return this.#json(this.#run + 1, this.#batch)
  }

  /** The fields before the row are short: looking at each byte takes less than a call for each tab. */
  #tabFrom(from: number): number {
    const bytes = this.#bytes
    for (let at = from; at < this.lineEnd; at += 1) if (bytes[at] === TAB) return at
    throw this.#damaged()
  }

  #json(start: number, end: number): string {
    const text = this.#bytes.toString('utf8', start, end)
    if (text.length > 1 && text.charCodeAt(0) === QUOTE && text.indexOf('\\') < 0) return text.slice(1, -1)
    try {
      return JSON.parse(text) as string
    } catch {
      throw this.#damaged()
    }
  }
}
