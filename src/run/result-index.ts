/** Where each request's line lies in a landed file, and what was learnt of it while it landed. Numbers, no objects. */

import { type Billing, NO_USAGE, type Usage } from '../core/result.ts'
import type { PlainAnswer } from '../provider/provider.ts'
import type { PlainKind } from './check-output.ts'

/** What of an answer is the same for most rows. */
export interface AnswerHead {
  readonly model: string
  readonly stopReason: string
  readonly billing: Billing
  /** The bytes it was read from, one after the other, and how many of them are the model's. */
  readonly bytes: Buffer
  readonly modelBytes: number
}

const NONE = 0
const PLAIN = 1
const OTHER = 2
/** Plain, and its text is the JSON of its output. */
const OUTPUT = 3
/** Of tokens, for each request. */
const COUNTS = 5
/** Of all columns, for each request. */
const BYTES = 8 + 4 * (4 + COUNTS) + 2 + 1
const MAX_HEADS = 2 ** 16

/** Of indexes that were released: the batches of a run are mostly alike, and each index has megabytes. */
const spares: ArrayBuffer[] = []
const MAX_SPARES = 2

function takeMemory(size: number): ArrayBuffer {
  const at = spares.findIndex(({ byteLength }) => byteLength >= size * BYTES)
  const [memory] = at < 0 ? [] : spares.splice(at, 1)
  if (memory === undefined) return new ArrayBuffer(size * BYTES)
  // What a column says counts only where there is a kind.
  new Uint8Array(memory, size * (BYTES - 1), size).fill(NONE)
  return memory
}

/** What an index says beside its columns. */
export interface IndexFacts {
  readonly found: number
  readonly plain: number
  readonly binRows?: number
  readonly heads: readonly Omit<AnswerHead, 'bytes' | 'modelBytes'>[]
}

export class ResultIndex {
  /** Requests whose line is there, and those among them whose answer is plain. */
  found = 0
  plain = 0
  /** Neighbouring rows whose lines lie together in the file; 0: nobody said so. */
  binRows = 0
  readonly size: number
  /** The columns, one after the other, the widest numbers first. */
  readonly memory: ArrayBuffer
  readonly #offsets: Float64Array
  readonly #lengths: Uint32Array
  /** Of plain answers: where the text begins in its line, and its bytes; five counts of tokens; who gave it. */
  readonly #textStarts: Uint32Array
  readonly #textLengths: Uint32Array
  readonly #tokens: Uint32Array
  /** Positions in the order of their lines in the file. */
  readonly #arrived: Uint32Array
  readonly #heads: Uint16Array
  readonly #kinds: Uint8Array
  readonly #knownHeads: AnswerHead[] = []
  #placed = 0
  /** Of the answer before, and its head. */
  #lastAlike: object | undefined
  #lastHead: number | undefined
  #isReleased = false

  /**
   * @param size requests of the attempt that travelled
   * @param memory begins with the columns of an index
   */
  constructor(size: number, memory = takeMemory(size)) {
    this.size = size
    this.memory = memory
    this.#offsets = new Float64Array(memory, 0, size)
    this.#lengths = new Uint32Array(memory, size * 8, size)
    this.#textStarts = new Uint32Array(memory, size * 12, size)
    this.#textLengths = new Uint32Array(memory, size * 16, size)
    this.#tokens = new Uint32Array(memory, size * 20, size * COUNTS)
    this.#arrived = new Uint32Array(memory, size * (20 + 4 * COUNTS), size)
    this.#heads = new Uint16Array(memory, size * (24 + 4 * COUNTS), size)
    this.#kinds = new Uint8Array(memory, size * (26 + 4 * COUNTS), size)
  }

  /** Bytes of the columns of so many requests. */
  static bytesOf(size: number): number {
    return size * BYTES
  }

  /** An index as it was stored, in memory that begins with its columns. */
  static of(size: number, memory: ArrayBuffer, { found, plain, binRows, heads }: IndexFacts): ResultIndex {
    const index = new ResultIndex(size, memory)
    index.found = found
    index.plain = plain
    index.binRows = binRows ?? 0
    for (const head of heads) index.#knownHeads.push({ ...head, bytes: Buffer.alloc(0), modelBytes: -1 })
    return index
  }

  /** Gives the memory to the next index: from now on only the counts are to be asked for. */
  release(): void {
    if (this.#isReleased) return
    this.#isReleased = true
    if (spares.length < MAX_SPARES) spares.push(this.memory)
  }

  get facts(): IndexFacts {
    const heads = this.#knownHeads.map(({ model, stopReason, billing }) => ({ model, stopReason, billing }))
    return { found: this.found, plain: this.plain, binRows: this.binRows, heads }
  }

  has(position: number): boolean {
    return this.#kinds[position] !== NONE
  }

  /** Whether the answer is a text that succeeds as it stands. */
  isPlain(position: number): boolean {
    const kind = this.#kinds[position]
    return kind === PLAIN || kind === OUTPUT
  }

  /** Whether the text of a plain answer is the very JSON that its output is written as. */
  isOutput(position: number): boolean {
    return this.#kinds[position] === OUTPUT
  }

  offset(position: number): number {
    return this.#offsets[position] as number
  }

  /** 0: there is no line. */
  length(position: number): number {
    return this.#lengths[position] as number
  }

  /** Of a plain answer: the text, still escaped, counted from the beginning of its line. */
  textStart(position: number): number {
    return this.#textStarts[position] as number
  }

  textLength(position: number): number {
    return this.#textLengths[position] as number
  }

  head(position: number): AnswerHead {
    return this.#knownHeads[this.#heads[position] as number] as AnswerHead
  }

  usage(position: number): Usage {
    return this.readUsage(position, { ...NO_USAGE })
  }

  /** The same, in an object that is used again. */
  readUsage(position: number, usage: { -readonly [name in keyof Usage]: number }): Usage {
    const at = position * COUNTS
    usage.inputTokens = this.#tokens[at] as number
    usage.outputTokens = this.#tokens[at + 1] as number
    usage.cacheCreationInputTokens = this.#tokens[at + 2] as number
    usage.cacheReadInputTokens = this.#tokens[at + 3] as number
    usage.cacheCreation1hInputTokens = this.#tokens[at + 4] as number
    usage.webSearchRequests = 0
    return usage
  }

  /** The position whose line is the file's `nth`, from 0 to `found`. */
  arrived(nth: number): number {
    return this.#arrived[nth] as number
  }

  /** Checks off a line that has to be parsed. */
  add(position: number, length: number): void {
    this.#kinds[position] = OTHER
    this.#lengths[position] = length
    this.found += 1
  }

  /** Where the line of a position that was added lies in the file. Lines are placed in the order of the file. */
  place(position: number, offset: number): void {
    this.#arrived[this.#placed] = position
    this.#offsets[position] = offset
    this.#placed += 1
  }

  /** The line just added, which begins at `start` of `bytes`, has a plain answer. */
  addAnswer(position: number, kind: PlainKind, answer: PlainAnswer, bytes: Buffer, start: number): void {
    const head = answer.alike === this.#lastAlike ? this.#lastHead : this.#headOf(answer, bytes)
    if (head === undefined) return
    this.#lastAlike = answer.alike
    this.#lastHead = head
    this.#kinds[position] = kind === 'output' ? OUTPUT : PLAIN
    this.#textStarts[position] = answer.textStart - start
    this.#textLengths[position] = answer.textEnd - answer.textStart
    this.#heads[position] = head
    const at = position * COUNTS
    this.#tokens[at] = answer.inputTokens
    this.#tokens[at + 1] = answer.outputTokens
    this.#tokens[at + 2] = answer.cacheCreationInputTokens
    this.#tokens[at + 3] = answer.cacheReadInputTokens
    this.#tokens[at + 4] = answer.cacheCreation1hInputTokens
    this.plain += 1
  }

  /** undefined: there are too many, which no provider gives. */
  #headOf(answer: PlainAnswer, bytes: Buffer): number | undefined {
    const known = this.#knownHeads.findIndex((head) => isHeadOf(head, answer, bytes))
    if (known >= 0) return known
    if (this.#knownHeads.length === MAX_HEADS) return undefined
    const words = [
      bytes.subarray(answer.modelStart, answer.modelEnd),
      bytes.subarray(answer.stopStart, answer.stopEnd),
      bytes.subarray(answer.regionStart, answer.regionEnd),
    ] as const
    const [model, stopReason, region] = words
    return (
      this.#knownHeads.push({
        model: model.toString('utf8'),
        stopReason: stopReason.toString('utf8'),
        billing: { batch: true, ...(region.length === 0 ? {} : { region: region.toString('utf8') }) },
        bytes: Buffer.concat(words),
        modelBytes: model.length,
      }) - 1
    )
  }
}

function isHeadOf({ bytes: known, modelBytes, stopReason }: AnswerHead, answer: PlainAnswer, bytes: Buffer): boolean {
  const model = answer.modelEnd - answer.modelStart
  const stop = answer.stopEnd - answer.stopStart
  return (
    modelBytes === model &&
    stopReason.length === stop &&
    known.length === model + stop + answer.regionEnd - answer.regionStart &&
    stands(known, 0, bytes, answer.modelStart, answer.modelEnd) &&
    stands(known, model, bytes, answer.stopStart, answer.stopEnd) &&
    stands(known, model + stop, bytes, answer.regionStart, answer.regionEnd)
  )
}

/** Whether the bytes from `start` to `end` stand in `known` from `at` on. */
function stands(known: Buffer, at: number, bytes: Buffer, start: number, end: number): boolean {
  for (let byte = start; byte < end; byte += 1) if (bytes[byte] !== known[at + byte - start]) return false
  return true
}
