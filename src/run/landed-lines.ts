// The landed lines of an attempt, asked for in the order of their requests while they lie in the order they came in.

import type { ArtifactReader } from '../artifact/artifact.ts'
import { runFiles } from '../core/names.ts'
import type { Landed } from './landing.ts'
import type { RunContext } from './ports.ts'
import type { ResultIndex } from './result-index.ts'

/** Bytes of lines that are read ahead where nothing else is said; a line that is longer is read alone. */
const WINDOW_BYTES = 16_000_000
/** What lies between the lines of a window is read with them, if it is no more than they. */
const SPAN_FACTOR = 1.25
/** Lines so near to each other are read at once: to read what lies between them is quicker than another call. */
const NEAR_BYTES = 128_000
/** So much stays in the processor's cache until the lines are picked out of it. */
const RUN_BYTES = 1 << 20
/** Of memory that is kept for the next batch. */
const KEPT_BYTES = 64_000_000

interface Memory {
  window: Buffer
  /** Of two runs: one is read while the other is picked apart. */
  runs: Buffer
}

/**
 * The memory of the last attempt that was read, for the next one: to be given back and taken anew for every batch or even
 * every read, such pieces make the garbage collector run all the time.
 */
let spare: Memory | undefined

/** Holds the lines of one window of requests. What was read stays good until a position that `isAhead` is wanted. */
export class LandedLines {
  readonly index: ResultIndex
  /** The memory that the lines lie in; another window has another. */
  bytes: Buffer = NOTHING
  readonly #memory = spare ?? { window: NOTHING, runs: NOTHING }
  #isClosed = false
  readonly #skipsPlain: boolean
  readonly #windowBytes: number
  readonly #reader: ArtifactReader
  #from = 0
  #to = 0
  #starts = new Float64Array(0)

  private constructor(reader: ArtifactReader, index: ResultIndex, skipsPlain: boolean, windowBytes: number) {
    spare = undefined
    this.#reader = reader
    this.index = index
    this.#skipsPlain = skipsPlain
    this.#windowBytes = windowBytes
  }

  /**
   * @param skipsPlain nobody will ask for lines whose answer is plain
   * @param windowBytes of lines that are read ahead: of results that came in another order each window reads the whole file
   */
  static async open(
    { artifacts, header }: Pick<RunContext, 'artifacts' | 'header'>,
    at: { index: number; attempt: number },
    landed: Landed,
    skipsPlain = false,
    windowBytes = WINDOW_BYTES,
  ): Promise<LandedLines> {
    const reader = await artifacts.open(header.run, runFiles.results(at.index, at.attempt))
    return new LandedLines(reader, landed.index, skipsPlain, windowBytes)
  }

  /** Await the answer when there is one; then the position's line, if it has one, is in memory. */
  want(position: number): Promise<void> | undefined {
    return this.isAhead(position) ? this.#load(position) : undefined
  }

  /** Whether wanting the position reads another window, in the memory of this one. */
  isAhead(position: number): boolean {
    return position < this.#from || position >= this.#to
  }

  /** Where the line of a wanted position begins in `bytes`. */
  start(position: number): number {
    return this.#starts[position - this.#from] as number
  }

  /** undefined: there is none. A view of `bytes`. */
  line(position: number): Buffer | undefined {
    if (!this.index.has(position)) return undefined
    const start = this.start(position)
    return this.bytes.subarray(start, start + this.index.length(position))
  }

  async close(): Promise<void> {
    if (!this.#isClosed && this.#memory.window.length <= KEPT_BYTES) spare ??= this.#memory
    this.#isClosed = true
    await this.#reader.close()
  }

  async #load(from: number): Promise<void> {
    const { index } = this
    let to = from
    let size = 0
    let first = Number.POSITIVE_INFINITY
    let last = 0
    for (; to < index.size; to += 1) {
      const length = this.#lengthOf(to)
      // A line that is longer than a run is read alone, while the one before it is written.
      if (size > 0 && (length > RUN_BYTES || size + length > this.#windowBytes)) break
      if (length === 0) continue
      size += length
      first = Math.min(first, index.offset(to))
      last = Math.max(last, index.offset(to) + length)
    }
    const starts = new Float64Array(to - from)
    this.#from = this.#to = 0
    if (size > 0 && last - first <= size * SPAN_FACTOR) {
      for (let at = from; at < to; at += 1) starts[at - from] = index.offset(at) - first
      this.bytes = asBuffer(await this.#reader.read(first, last, this.#take(last - first)))
    } else if (size > 0) this.bytes = await this.#gather(from, to, size, starts)
    this.#starts = starts
    this.#from = from
    this.#to = to
  }

  #lengthOf(position: number): number {
    return this.#skipsPlain && this.index.isPlain(position) ? 0 : this.index.length(position)
  }

  /** Memory for a window. */
  #take(size: number): Buffer {
    if (this.#memory.window.length < size) {
      this.#memory.window = Buffer.allocUnsafeSlow(Math.max(size, Math.min(2 * size, this.#windowBytes)))
    }
    return this.#memory.window
  }

  /** Reads the lines of a window that lie scattered over the file, in the order of the file: the next run while one is picked apart. */
  async #gather(from: number, to: number, size: number, starts: Float64Array): Promise<Buffer> {
    const { index } = this
    const order = this.#inFile(from, to)
    const gathered = this.#take(size)
    let used = 0
    let run = this.#readRun(order, 0, 0, gathered)
    while (run.first < order.length) {
      const bytes = await run.reading
      const next = this.#readRun(order, run.end, run.turn + 1, gathered.subarray(used + run.bytes))
      for (let at = run.first; at < run.end; at += 1) {
        const position = order[at] as number
        const start = index.offset(position) - run.offset
        const length = index.length(position)
        starts[position - from] = used
        // A long line was read to its place, by a reader that takes the memory it is offered.
        if (bytes.buffer !== gathered.buffer) bytes.copy(gathered, used, start, start + length)
        used += length
      }
      run = next
    }
    return gathered
  }

  /** The positions of a window whose lines are to be read, in the order of the file. */
  #inFile(from: number, to: number): Uint32Array {
    const { index } = this
    const order = new Uint32Array(to - from)
    let count = 0
    for (let nth = 0; nth < index.found; nth += 1) {
      const position = index.arrived(nth)
      if (position >= from && position < to && this.#lengthOf(position) > 0) order[count++] = position
    }
    return order.subarray(0, count)
  }

  /**
   * Begins to read the lines from the `first` of `order` on that lie near to each other.
   *
   * @param into where they are gathered: a line that is longer than a run is read to its place at once
   */
  #readRun(order: Uint32Array, first: number, turn: number, into: Buffer): Run {
    const { index } = this
    if (first >= order.length)
      return { first, end: first, offset: 0, bytes: 0, turn, reading: Promise.resolve(NOTHING) }
    const offset = index.offset(order[first] as number)
    let bytes = index.length(order[first] as number)
    let stop = offset + bytes
    let end = first + 1
    for (; end < order.length; end += 1) {
      const start = index.offset(order[end] as number)
      const lineEnd = start + index.length(order[end] as number)
      if (start - stop > NEAR_BYTES || lineEnd - offset > RUN_BYTES) break
      bytes += lineEnd - start
      stop = lineEnd
    }
    const memory = bytes > RUN_BYTES ? into : this.#runMemory(turn)
    return { first, end, offset, bytes, turn, reading: this.#reader.read(offset, stop, memory).then(asBuffer) }
  }

  #runMemory(turn: number): Buffer {
    if (this.#memory.runs.length === 0) this.#memory.runs = Buffer.allocUnsafeSlow(2 * RUN_BYTES)
    const at = (turn % 2) * RUN_BYTES
    return this.#memory.runs.subarray(at, at + RUN_BYTES)
  }
}

/**
 * Lines that are read at once: from the `first` to before the `end` of an order; the first begins at `offset` of the file,
 * and they have so many `bytes` together.
 */
interface Run {
  readonly first: number
  readonly end: number
  readonly offset: number
  readonly bytes: number
  readonly turn: number
  readonly reading: Promise<Buffer>
}

const NOTHING = Buffer.alloc(0)

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
