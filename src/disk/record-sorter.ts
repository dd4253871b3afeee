// Records of fixed size, sorted and merged in bounded memory.

/** A file that is written piece by piece. */
export interface RecordTarget {
  write(bytes: Uint8Array): Promise<void>
  commit(): Promise<void>
  abort(): Promise<void>
}

/** Where a sorter puts what does not fit into memory. */
export interface RecordSpill {
  create(part: number): Promise<RecordTarget>
  read(part: number): AsyncIterable<Uint8Array>
  remove(part: number): Promise<void>
}

/** Records sorted in memory at once: 2^20, because their places are packed into 20 bits while they are sorted. */
const IN_MEMORY = 1 << 20

/** Sorts records by their bytes. Add them in any order, then `finish` writes them in order. */
export class RecordSorter {
  readonly #size: number
  readonly #spill: RecordSpill
  readonly #capacity: number
  #buffer: Buffer
  #count = 0
  #parts = 0

  constructor(size: number, spill: RecordSpill, capacity = IN_MEMORY) {
    this.#size = size
    this.#spill = spill
    this.#capacity = Math.min(capacity, IN_MEMORY)
    this.#buffer = Buffer.allocUnsafe(size * Math.min(1024, this.#capacity))
  }

  /** The place of the next record, to be filled at once. Await the answer when it is a promise. */
  next(): Buffer | Promise<Buffer> {
    if (this.#count === this.#capacity) return this.#flush().then(() => this.#place())
    return this.#place()
  }

  /** Answers how many records were written; the target is committed by the caller. */
  async finish(target: RecordTarget): Promise<number> {
    if (this.#parts === 0) {
      const sorted = sortRecords(this.#buffer.subarray(0, this.#count * this.#size), this.#size)
      if (sorted.length > 0) await target.write(sorted)
      return this.#count
    }
    if (this.#count > 0) await this.#flush()
    const parts = Array.from({ length: this.#parts }, (_, part) => this.#spill.read(part))
    const written = await mergeRecords(parts, this.#size, this.#size, target)
    for (let part = 0; part < this.#parts; part += 1) await this.#spill.remove(part)
    return written
  }

  #place(): Buffer {
    const start = this.#count * this.#size
    if (start + this.#size > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.min(this.#buffer.length * 2, this.#capacity * this.#size))
      this.#buffer.copy(larger, 0, 0, start)
      this.#buffer = larger
    }
    this.#count += 1
    return this.#buffer.subarray(start, start + this.#size)
  }

  async #flush(): Promise<void> {
    const target = await this.#spill.create(this.#parts)
    try {
      await target.write(sortRecords(this.#buffer.subarray(0, this.#count * this.#size), this.#size))
      await target.commit()
    } catch (error) {
      await target.abort()
      throw error
    }
    this.#parts += 1
    this.#count = 0
  }
}

/** A sorted copy. */
function sortRecords(records: Buffer, size: number): Buffer {
  const count = records.length / size
  // The first four bytes and the record's place in one exact number: such an array sorts many times faster than objects.
  const order = new Float64Array(count)
  for (let at = 0; at < count; at += 1) order[at] = records.readUInt32BE(at * size) * IN_MEMORY + at
  order.sort()
  const places = Array.from(order, (value) => value % IN_MEMORY)
  const compare = (a: number, b: number): number =>
    records.compare(records, b * size, (b + 1) * size, a * size, (a + 1) * size)
  for (let start = 0; start < count; ) {
    const prefix = Math.floor((order[start] as number) / IN_MEMORY)
    let end = start + 1
    while (end < count && Math.floor((order[end] as number) / IN_MEMORY) === prefix) end += 1
    if (end - start > 1) {
      const equal = places.slice(start, end).sort(compare)
      for (const [at, place] of equal.entries()) places[start + at] = place
    }
    start = end
  }
  const sorted = Buffer.allocUnsafe(records.length)
  for (const [at, place] of places.entries()) records.copy(sorted, at * size, place * size, (place + 1) * size)
  return sorted
}

const WRITE_BYTES = 1 << 20

/**
 * Merges sorted files. Of records with equal first `keyBytes` only that of the earliest file is kept. Answers how many
 * were written.
 */
export async function mergeRecords(
  files: readonly AsyncIterable<Uint8Array>[],
  size: number,
  keyBytes: number,
  target: Pick<RecordTarget, 'write'>,
): Promise<number> {
  const cursors: Cursor[] = []
  for (const file of files) {
    const cursor = new Cursor(file, size)
    if (await cursor.advance()) cursors.push(cursor)
  }
  const out = Buffer.allocUnsafe(Math.max(size, WRITE_BYTES - (WRITE_BYTES % size)))
  const last = Buffer.alloc(keyBytes)
  let used = 0
  let written = 0
  while (cursors.length > 0) {
    let least = cursors[0] as Cursor
    for (const cursor of cursors) if (cursor.record.compare(least.record, 0, keyBytes, 0, keyBytes) < 0) least = cursor
    if (written === 0 || least.record.compare(last, 0, keyBytes, 0, keyBytes) !== 0) {
      if (used + size > out.length) {
        await target.write(out.subarray(0, used))
        used = 0
      }
      used += least.record.copy(out, used, 0, size)
      least.record.copy(last, 0, 0, keyBytes)
      written += 1
    }
    const more = least.tryAdvance() ?? (await least.advance())
    if (!more) cursors.splice(cursors.indexOf(least), 1)
  }
  if (used > 0) await target.write(out.subarray(0, used))
  return written
}

/** One sorted file, record by record. */
class Cursor {
  record: Buffer = Buffer.alloc(0)
  readonly #pieces: AsyncIterator<Uint8Array>
  readonly #size: number
  #piece: Buffer = Buffer.alloc(0)
  #at = 0

  constructor(file: AsyncIterable<Uint8Array>, size: number) {
    this.#pieces = file[Symbol.asyncIterator]()
    this.#size = size
  }

  /** undefined: the next piece has to be read first. */
  tryAdvance(): true | undefined {
    const end = this.#at + this.#size
    if (end > this.#piece.length) return undefined
    this.record = this.#piece.subarray(this.#at, end)
    this.#at = end
    return true
  }

  async advance(): Promise<boolean> {
    while (this.tryAdvance() === undefined) {
      const rest = this.#piece.subarray(this.#at)
      const next = await this.#pieces.next()
      if (next.done === true) return false
      this.#piece = Buffer.concat([rest, next.value])
      this.#at = 0
    }
    return true
  }
}
