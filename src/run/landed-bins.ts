/**
 * Puts lines that will be asked for together next to each other in the landed file. Results come in any order, and are read
 * again in the order of the dataset: as they came, every window of rows would have to be picked out of the whole file.
 *
 *     line → the bin of its position, up to 256 KiB in memory → the file
 *
 * Lines that have to be parsed have bins of their own: to settle an attempt only they are read again.
 */
import type { ArtifactWriter } from '../artifact/artifact.ts'
import { Copier } from '../core/put-bytes.ts'
import type { ResultIndex } from './result-index.ts'

const USUAL_ROWS = 2048
/** The lines of a bin's rows should fit into what is read ahead at once (landed-lines.ts). */
const GROUP_BYTES = 3_500_000
const MOST_BINS = 128
/** Of all bins together, and of one. */
const BINS_BYTES = 16 << 20
const MOST_BIN_BYTES = 256 * 1024
/** A bin that is written for the first time has about so much at least. */
const LEAST_BYTES = 16 * 1024
const NEWLINE = 10

/**
 * Rows whose lines lie together.
 *
 * @param size requests of the attempt
 * @param lineBytes of a line, about
 */
export function rowsPerBin(size: number, lineBytes: number): number {
  return Math.max(1, Math.ceil(size / MOST_BINS), Math.min(USUAL_ROWS, Math.floor(GROUP_BYTES / lineBytes)))
}

interface Bin {
  readonly memory: Buffer
  used: number
  /** Bytes with which it is written. */
  most: number
  /** Of its lines: the position, and where it begins. */
  readonly positions: number[]
  readonly starts: number[]
}

/** Memory of attempts that are landed, for the next ones, which mostly have as much. */
const spares: Buffer[] = []
const MOST_SPARES = 32

function takeMemory(bytes: number): Buffer {
  const spare = spares.pop()
  if (spare?.length === bytes) return spare
  spares.length = 0
  return Buffer.allocUnsafeSlow(bytes)
}

export class LandedBins {
  readonly #file: ArtifactWriter
  readonly #index: ResultIndex
  /** Known with the first line. */
  #rows = 0
  #binBytes = 0
  readonly #lines = new Copier()
  readonly #plain: (Bin | undefined)[] = []
  readonly #others: (Bin | undefined)[] = []

  /** @param index is told where each line comes to lie */
  constructor(file: ArtifactWriter, index: ResultIndex) {
    this.#file = file
    this.#index = index
  }

  /** Copies a line that is in the index, from bytes that hold several. Await the answer when there is one: it is the disk's backpressure. */
  add(position: number, bytes: Buffer, start: number, end: number): Promise<void> | undefined {
    if (this.#rows === 0) this.#learn(bytes)
    const bins = this.#index.isPlain(position) ? this.#plain : this.#others
    const nth = Math.floor(position / this.#rows)
    let bin = bins[nth]
    if (bin === undefined) {
      const memory = takeMemory(this.#binBytes)
      bin = { memory, used: 0, most: this.#firstMost(nth), positions: [], starts: [] }
      bins[nth] = bin
    }
    if (end - start >= bin.most - bin.used) return this.#addSlowly(bin, position, bytes, start, end)
    this.#put(bin, position, bytes, start, end)
    return undefined
  }

  /** Resolved = all lines are written. */
  async finish(): Promise<void> {
    for (const bin of this.#all()) await this.#write(bin)
    this.release()
  }

  /** Gives the memory back; nothing is added any more. */
  release(): void {
    for (const { memory } of this.#all()) if (spares.length < MOST_SPARES) spares.push(memory)
    this.#plain.length = this.#others.length = 0
  }

  #all(): Bin[] {
    return [...this.#plain, ...this.#others].filter((bin) => bin !== undefined)
  }

  /** How long lines are, by the first ones. */
  #learn(bytes: Buffer): void {
    const { size } = this.#index
    let lines = 1
    for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) lines += 1
    this.#rows = rowsPerBin(size, bytes.length / lines)
    this.#index.binRows = this.#rows
    const bins = Math.ceil(size / this.#rows)
    this.#binBytes = Math.min(MOST_BIN_BYTES, Math.floor(BINS_BYTES / bins))
  }

  /**
   * Bins fill as fast as each other. Were each of them full when it is written first, all would be written at the same time,
   * again and again, and whoever lands would wait for the disk that has nothing to do in between.
   */
  #firstMost(nth: number): number {
    const share = (nth + 1) / Math.ceil(this.#index.size / this.#rows)
    return Math.max(LEAST_BYTES, Math.ceil(share * this.#binBytes))
  }

  #put(bin: Bin, position: number, bytes: Buffer, start: number, end: number): void {
    bin.positions.push(position)
    bin.starts.push(bin.used)
    const used = this.#lines.copy(bytes, start, end, bin.memory, bin.used)
    bin.memory[used] = NEWLINE
    bin.used = used + 1
  }

  async #addSlowly(bin: Bin, position: number, bytes: Buffer, start: number, end: number): Promise<void> {
    await this.#write(bin)
    if (end - start < this.#binBytes) {
      this.#put(bin, position, bytes, start, end)
      return
    }
    // A line that no bin holds has a place of its own.
    this.#index.place(position, this.#file.bytes)
    await this.#file.write(bytes.subarray(start, end))
    await this.#file.write(LINE_END)
  }

  async #write(bin: Bin): Promise<void> {
    if (bin.used === 0) return
    const from = this.#file.bytes
    for (let nth = 0; nth < bin.positions.length; nth += 1) {
      this.#index.place(bin.positions[nth] as number, from + (bin.starts[nth] as number))
    }
    bin.positions.length = bin.starts.length = 0
    const { used } = bin
    bin.used = 0
    bin.most = this.#binBytes
    await this.#file.write(bin.memory.subarray(0, used))
  }
}

const LINE_END = Buffer.from([NEWLINE])
