/**
 * Rows as two stretches of memory, so that one thread can read, choose and name them while another plans: the bytes of
 * their texts, and a table of where everything lies in them. Handed over, not copied.
 */

import { Copier } from '../core/put-bytes.ts'
import { ENTRY, FieldNames, RowText } from '../core/row-text.ts'
import { TextRow } from '../core/text-row.ts'
import type { PlannedRow } from './rows.ts'

/** Both stretches can be transferred; what else there is of a block is short. */
export interface RowBlock {
  readonly memory: ArrayBuffer
  /** `HEAD` numbers for each row, and the places of its values behind them. */
  readonly table: ArrayBuffer
  readonly rows: number
  /** The keys, one after the other: to make a text of each out of bytes would take longer than to cut it out of this. */
  readonly keys: string
  /** Of the first row; the others follow one by one. */
  readonly ordinal: number
  /** The names that rows of the block have. */
  readonly names: readonly (readonly string[])[]
  /** The files that they come from. */
  readonly files: readonly string[]
}

/** What can be filled again once a block has been read. */
export type BlockMemory = Pick<RowBlock, 'memory' | 'table'>

const HEAD = 6
const NAMES = 0
const FILE = 1
const LINE = 2
const START = 3
const END = 4
/** Where the key ends among the keys. */
const KEY_END = 5
const NONE = -1

/** A block is full when it holds so much. */
const BLOCK_BYTES = 256 * 1024
/** Room for what a last row adds. */
const SPARE_BYTES = 64 * 1024
const MOST_KEPT_BYTES = 4 * 1024 * 1024
const FIRST_ENTRIES = 1024 * (HEAD + 5 * ENTRY)

/** Fills blocks with rows. */
export class RowBlockWriter {
  readonly #free: BlockMemory[] = []
  readonly #copier = new Copier()
  #bytes: Buffer = NOTHING
  #table = new Int32Array(0)
  #rows = 0
  #ordinal = 0
  #usedBytes = 0
  #usedEntries = 0
  #keys = ''
  readonly #names = new Map<FieldNames, number>()
  readonly #files = new Map<string, number>()

  get isEmpty(): boolean {
    return this.#rows === 0
  }

  get isFull(): boolean {
    return this.#usedBytes >= BLOCK_BYTES
  }

  add(row: PlannedRow): void {
    if (this.#rows === 0) this.#begin(row.ordinal)
    const { text, key, place } = row
    const fields = text.names.names.length
    const length = text.end - text.start
    this.#reserve(length, HEAD + fields * ENTRY)
    const table = this.#table
    const from = this.#usedBytes
    this.#usedBytes = this.#copier.copy(text.bytes, text.start, text.end, this.#bytes, from)
    this.#keys += key
    let entry = this.#usedEntries
    table[entry + NAMES] = numberOf(this.#names, text.names)
    table[entry + FILE] = place === undefined ? NONE : numberOf(this.#files, place.file)
    table[entry + LINE] = place?.line ?? NONE
    table[entry + START] = from
    table[entry + END] = this.#usedBytes
    table[entry + KEY_END] = this.#keys.length
    entry += HEAD
    const shift = from - text.start
    for (let field = 0; field < fields; field += 1, entry += ENTRY) {
      table[entry] = text.from(field) + shift
      table[entry + 1] = text.to(field) + shift
      table[entry + 2] = text.info(field)
    }
    this.#usedEntries = entry
    this.#rows += 1
  }

  /** The rows so far; the next one begins another block. */
  take(): RowBlock {
    const block = {
      memory: this.#bytes.buffer as ArrayBuffer,
      table: this.#table.buffer,
      rows: this.#rows,
      keys: this.#keys,
      ordinal: this.#ordinal,
      names: [...this.#names.keys()].map(({ names }) => names),
      files: [...this.#files.keys()],
    }
    this.#rows = 0
    return block
  }

  /** Gives back what a block lay in; what a very long row needed is not kept. */
  reuse(given: BlockMemory): void {
    if (given.memory.byteLength + given.table.byteLength <= MOST_KEPT_BYTES) this.#free.push(given)
  }

  #begin(ordinal: number): void {
    const { memory, table } = this.#free.pop() ?? {
      memory: new ArrayBuffer(BLOCK_BYTES + SPARE_BYTES),
      table: new ArrayBuffer(FIRST_ENTRIES * Int32Array.BYTES_PER_ELEMENT),
    }
    this.#bytes = Buffer.from(memory)
    this.#table = new Int32Array(table)
    this.#ordinal = ordinal
    this.#usedBytes = this.#usedEntries = 0
    this.#keys = ''
    this.#names.clear()
    this.#files.clear()
  }

  #reserve(bytes: number, entries: number): void {
    if (this.#usedBytes + bytes > this.#bytes.length) {
      // The block is full with this row.
      const larger = Buffer.from(new ArrayBuffer(this.#usedBytes + bytes))
      this.#bytes.copy(larger, 0, 0, this.#usedBytes)
      this.#bytes = larger
    }
    if (this.#usedEntries + entries > this.#table.length) {
      const larger = new Int32Array(2 * (this.#usedEntries + entries))
      larger.set(this.#table)
      this.#table = larger
    }
  }
}

const NOTHING = Buffer.alloc(0)

/** Position of a value among those that a block has; it is added where it is new. */
function numberOf<Value>(known: Map<Value, number>, value: Value): number {
  let number = known.get(value)
  if (number === undefined) {
    number = known.size
    known.set(value, number)
  }
  return number
}

/** Sets of names that are remembered: rows may leave fields out. */
const REMEMBERED = 64

/** Gives the rows of blocks, one block after the other. */
export class RowBlockReader {
  /** One object for all rows with the same names, as whoever plans expects. */
  readonly #known = new Map<string, FieldNames>();

  /** Each row is good until the block's memory is filled again. */
  *rows({ memory, table, rows, keys, ordinal, names, files }: RowBlock): Generator<PlannedRow> {
    const bytes = Buffer.from(memory)
    const entries = new Int32Array(table)
    const fieldNames = names.map((list) => this.#namesOf(list))
    let entry = 0
    let keyStart = 0
    for (let row = 0; row < rows; row += 1) {
      const kind = fieldNames[entries[entry + NAMES] as number] as FieldNames
      const start = entries[entry + START] as number
      const text = new RowText(kind, bytes, start, entries[entry + END] as number, entries, entry + HEAD)
      const keyEnd = entries[entry + KEY_END] as number
      const key = keys.slice(keyStart, keyEnd)
      keyStart = keyEnd
      const file = files[entries[entry + FILE] as number]
      const line = entries[entry + LINE] as number
      yield new BlockRow(ordinal + row, key, text, file, line === NONE ? undefined : line)
      entry += HEAD + kind.names.length * ENTRY
    }
  }

  #namesOf(names: readonly string[]): FieldNames {
    const id = JSON.stringify(names)
    let known = this.#known.get(id)
    if (known === undefined) {
      if (this.#known.size >= REMEMBERED) this.#known.clear()
      known = new FieldNames(names)
      this.#known.set(id, known)
    }
    return known
  }
}

class BlockRow extends TextRow implements PlannedRow {
  readonly ordinal: number
  readonly key: string

  constructor(ordinal: number, key: string, text: RowText, file: string | undefined, line: number | undefined) {
    super(text, file, line)
    this.ordinal = ordinal
    this.key = key
  }
}
