// The landed lines of an attempt, asked for in the order of their requests while they lie in the order of their bins.

import type { ArtifactReader } from '../artifact/artifact.ts'
import { InvariantError } from '../core/errors.ts'
import { runFiles } from '../core/names.ts'
import { BLOCK_BYTES, pageMemory } from '../disk/page-memory.ts'
import { rowsPerBin } from './landed-bins.ts'
import type { Landed } from './landing.ts'
import type { RunContext } from './ports.ts'
import type { ResultIndex } from './result-index.ts'

/** Bytes of lines that are read ahead where nothing else is said; a line that is longer is read alone. */
const WINDOW_BYTES = 4_000_000
/** Lines so near to each other are read at once: to read what lies between them is quicker than another call. */
const NEAR_BYTES = 32_768
/** So much is read at once, and so many such reads are under way. */
const RUN_BYTES = 1 << 20
const READS = 4
/** Windows that are read ahead. */
const AHEAD = 2
/** Of memory that is kept for the next batch. */
const KEPT_BYTES = 32_000_000

/** Lines of consecutive positions in memory. */
interface Window {
  readonly from: number
  readonly to: number
  readonly memory: Buffer
  /** Where each position's line begins in the memory. */
  readonly starts: Float64Array
}

/** Lines that are read at once: those from `first` to before `end` of an order, into memory from `at` on. */
interface Run {
  readonly first: number
  readonly end: number
  readonly at: number
}

/**
 * The memory of attempts that were read, for the next ones: to be given back and taken anew for every batch or even every
 * window, such pieces make the garbage collector run all the time.
 */
const spares: Buffer[] = []

/** A window that is being read. It never rejects: whoever wants it is told what went wrong. */
interface Coming {
  readonly from: number
  readonly to: number
  /** Of its lines. */
  readonly bytes: number
  readonly loading: Promise<Window | { readonly error: unknown }>
}

/**
 * Holds the lines of one window of requests, and reads the next ones: the disk takes longer for some than for others. What
 * was read stays good until a position that `isAhead` is wanted.
 */
export class LandedLines {
  readonly index: ResultIndex
  readonly #skipsPlain: boolean
  readonly #windowBytes: number
  readonly #reader: ArtifactReader
  readonly #binRows: number
  #window: Window = EMPTY
  /** In the order of their positions. */
  readonly #coming: Coming[] = []
  #isClosed = false

  private constructor(reader: ArtifactReader, { index, bytes }: Landed, skipsPlain: boolean, windowBytes: number) {
    this.#reader = reader
    this.index = index
    this.#skipsPlain = skipsPlain
    this.#windowBytes = windowBytes
    this.#binRows = index.binRows || rowsPerBin(index.size, bytes / Math.max(1, index.found))
  }

  /**
   * The index is given back when the lines are closed.
   *
   * @param skipsPlain nobody will ask for lines whose answer is plain
   * @param windowBytes of lines that are read at once; as much and as much again is read ahead
   */
  static async open(
    { artifacts, header }: Pick<RunContext, 'artifacts' | 'header'>,
    at: { index: number; attempt: number },
    landed: Landed,
    skipsPlain = false,
    windowBytes = WINDOW_BYTES,
  ): Promise<LandedLines> {
    const name = runFiles.results(at.index, at.attempt)
    const reader = await artifacts.open(header.run, name, { goesDirect: true })
    return new LandedLines(reader, landed, skipsPlain, windowBytes)
  }

  /** The memory that the lines lie in; another window has another. */
  get bytes(): Buffer {
    return this.#window.memory
  }

  /** Await the answer when there is one; then the position's line, if it has one, is in memory. */
  want(position: number): Promise<void> | undefined {
    return this.isAhead(position) ? this.#turn(position) : undefined
  }

  /** Whether wanting the position makes another window the one that is good. */
  isAhead(position: number): boolean {
    return position < this.#window.from || position >= this.#window.to
  }

  /** Where the line of a wanted position begins in `bytes`. */
  start(position: number): number {
    return this.#window.starts[position - this.#window.from] as number
  }

  /** undefined: there is none. A view of `bytes`. */
  line(position: number): Buffer | undefined {
    if (!this.index.has(position)) return undefined
    const start = this.start(position)
    return this.bytes.subarray(start, start + this.index.length(position))
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await this.#drop()
    keep(this.#window.memory)
    this.#window = EMPTY
    this.index.release()
    await this.#reader.close()
  }

  async #turn(position: number): Promise<void> {
    const last = this.#window
    this.#window = EMPTY
    keep(last.memory)
    while (this.#coming[0] !== undefined && position >= this.#coming[0].to) await this.#drop(1)
    const next = this.#coming[0]
    if (next === undefined || position < next.from) await this.#drop()
    this.#readAhead(position)
    const read = await this.#coming.shift()?.loading
    if (read === undefined) throw new InvariantError(`No window of results was read for position ${position}.`)
    if ('error' in read) throw read.error
    this.#window = read
    this.#readAhead(read.to)
  }

  /** @param position where reading begins, if nothing is being read */
  #readAhead(position: number): void {
    while (this.#coming.length < AHEAD) {
      const last = this.#coming.at(-1)
      const from = last?.to ?? position
      // A line that is longer than a window has the memory of several.
      if (from >= this.index.size || (last !== undefined && last.bytes > this.#windowBytes)) return
      const { to, bytes } = this.#extent(from)
      this.#coming.push({ from, to, bytes, loading: this.#load(from, to).catch((error: unknown) => ({ error })) })
    }
  }

  /** Waits for windows that nobody wants, the first ones or all, and gives their memory back. */
  async #drop(count = this.#coming.length): Promise<void> {
    for (const { loading } of this.#coming.splice(0, count)) {
      const read = await loading
      if ('memory' in read) keep(read.memory)
    }
  }

  async #load(from: number, to: number): Promise<Window> {
    const order = this.#inFile(from, to)
    const runs = this.#runs(order)
    const starts = new Float64Array(to - from)
    const last = runs.at(-1)
    const size = last === undefined ? 0 : last.at + this.#room(order, last.first, last.end)
    const memory = take(size, this.#windowBytes)
    let turn = 0
    const reading = async (): Promise<void> => {
      for (let run = runs[turn++]; run !== undefined; run = runs[turn++])
        await this.#read(order, run, memory, from, starts)
    }
    const ends = await Promise.allSettled(Array.from({ length: READS }, reading))
    for (const end of ends) if (end.status === 'rejected') throw end.reason
    return { from, to, memory, starts }
  }

  /** Before which position a window ends that begins with this one, with a bin where that is possible; and its bytes. */
  #extent(from: number): { to: number; bytes: number } {
    const { index } = this
    let bytes = 0
    let bin = { to: from, bytes }
    for (let to = from; to < index.size; to += 1) {
      if (to % this.#binRows === 0) bin = { to, bytes }
      const length = this.#lengthOf(to)
      // A line that is longer than a run is read alone, while the one before it is written.
      if (bytes > 0 && (length > RUN_BYTES || bytes + length > this.#windowBytes))
        return bin.to > from ? bin : { to, bytes }
      bytes += length
    }
    return { to: index.size, bytes }
  }

  #lengthOf(position: number): number {
    return this.#skipsPlain && this.index.isPlain(position) ? 0 : this.index.length(position)
  }

  /** The positions of a window whose lines are to be read, in the order of the file. */
  #inFile(from: number, to: number): Uint32Array {
    const order = new Uint32Array(to - from)
    return order.subarray(0, this.#findInFile(from, to, order))
  }

  /** Answers how many there are. A loop of its own: what follows a long loop is unknown to the engine that optimizes it. */
  #findInFile(from: number, to: number, order: Uint32Array): number {
    const { index } = this
    let count = 0
    for (let nth = 0; nth < index.found; nth += 1) {
      const position = index.arrived(nth)
      if (position >= from && position < to && this.#lengthOf(position) > 0) order[count++] = position
    }
    return count
  }

  #runs(order: Uint32Array): Run[] {
    const { index } = this
    const runs: Run[] = []
    for (let first = 0, at = 0; first < order.length; ) {
      const offset = index.offset(order[first] as number)
      let stop = offset + index.length(order[first] as number)
      let end = first + 1
      for (; end < order.length; end += 1) {
        const start = index.offset(order[end] as number)
        const lineEnd = start + index.length(order[end] as number)
        if (start - stop > NEAR_BYTES || lineEnd - offset > RUN_BYTES) break
        stop = lineEnd
      }
      runs.push({ first, end, at })
      at += this.#room(order, first, end)
      first = end
    }
    return runs
  }

  /** Bytes of memory that a run takes: whole blocks, one more than its bytes for where it begins. */
  #room(order: Uint32Array, first: number, end: number): number {
    const [start, stop] = this.#span(order, first, end)
    return (Math.ceil((stop - start) / BLOCK_BYTES) + 1) * BLOCK_BYTES
  }

  #span(order: Uint32Array, first: number, end: number): [start: number, stop: number] {
    const last = order[end - 1] as number
    return [this.index.offset(order[first] as number), this.index.offset(last) + this.index.length(last)]
  }

  async #read(
    order: Uint32Array,
    { first, end, at }: Run,
    memory: Buffer,
    from: number,
    starts: Float64Array,
  ): Promise<void> {
    const [start, stop] = this.#span(order, first, end)
    const read = await this.#reader.read(start, stop, memory.subarray(at, at + this.#room(order, first, end)))
    const isInPlace = read.buffer === memory.buffer
    // A store may have memory of its own.
    if (!isInPlace) memory.set(read, at)
    const begins = isInPlace ? read.byteOffset - memory.byteOffset : at
    for (let nth = first; nth < end; nth += 1) {
      const position = order[nth] as number
      starts[position - from] = begins + this.index.offset(position) - start
    }
  }
}

const NOTHING = Buffer.alloc(0)
const EMPTY: Window = { from: 0, to: 0, memory: NOTHING, starts: new Float64Array(0) }

/** @param usual what windows mostly take, with some room for whole blocks */
function take(size: number, usual: number): Buffer {
  const at = spares.findIndex(({ length }) => length >= size)
  const [spare] = at < 0 ? [] : spares.splice(at, 1)
  return spare ?? pageMemory(Math.max(size, usual + usual / 8))
}

function keep(memory: Buffer): void {
  if (memory.length > 0 && memory.length <= KEPT_BYTES && spares.length <= AHEAD) spares.push(memory)
}
