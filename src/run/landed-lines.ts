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
  run: Buffer
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
  readonly #memory = spare ?? { window: NOTHING, run: NOTHING }
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
      if (size > 0 && size + length > this.#windowBytes) break
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

  /** Reads the lines of a window that lie scattered over the file, in the order of the file. */
  async #gather(from: number, to: number, size: number, starts: Float64Array): Promise<Buffer> {
    const { index } = this
    const order = Uint32Array.from({ length: to - from }, (_, at) => from + at).filter((at) => this.#lengthOf(at) > 0)
    order.sort((a, b) => index.offset(a) - index.offset(b))
    const gathered = this.#take(size)
    let used = 0
    for (let at = 0; at < order.length; ) {
      const runStart = index.offset(order[at] as number)
      let runEnd = runStart + index.length(order[at] as number)
      let next = at + 1
      for (; next < order.length; next += 1) {
        const start = index.offset(order[next] as number)
        const end = start + index.length(order[next] as number)
        if (start - runEnd > NEAR_BYTES || end - runStart > RUN_BYTES) break
        runEnd = end
      }
      const run = asBuffer(await this.#reader.read(runStart, runEnd, this.#runMemory(runEnd - runStart)))
      for (; at < next; at += 1) {
        const position = order[at] as number
        const start = index.offset(position) - runStart
        starts[position - from] = used
        used += run.copy(gathered, used, start, start + index.length(position))
      }
    }
    return gathered
  }

  /** A line that is longer is read into memory of its own, which is not kept. */
  #runMemory(size: number): Buffer | undefined {
    if (size > RUN_BYTES) return undefined
    if (this.#memory.run.length === 0) this.#memory.run = Buffer.allocUnsafeSlow(RUN_BYTES)
    return this.#memory.run
  }
}

const NOTHING = Buffer.alloc(0)

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
