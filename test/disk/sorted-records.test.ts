import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { mergeRecords, RecordSorter, type RecordSpill } from '../../src/disk/record-sorter.ts'
import { SortedRecords } from '../../src/disk/sorted-records.ts'

const SIZE = 24
const KEY = 20

function record(value: number, tail = value): Buffer {
  const bytes = Buffer.alloc(SIZE)
  createHash('sha256').update(String(value)).digest().copy(bytes, 0, 0, KEY)
  bytes.writeUInt32BE(tail, KEY)
  return bytes
}

class Memory {
  readonly pieces: Buffer[] = []
  async write(bytes: Uint8Array): Promise<void> {
    this.pieces.push(Buffer.from(bytes))
  }
  async commit(): Promise<void> {}
  async abort(): Promise<void> {}
  get bytes(): Buffer {
    return Buffer.concat(this.pieces)
  }
  reader() {
    const { bytes } = this
    return { read: async (start: number, end: number) => bytes.subarray(start, end) }
  }
  /** In pieces that end inside of records. */
  async *stream(): AsyncGenerator<Buffer> {
    for (let at = 0; at < this.bytes.length; at += 101) yield this.bytes.subarray(at, at + 101)
  }
}

function memorySpill(): RecordSpill & { parts: Memory[]; removed: number } {
  const parts: Memory[] = []
  return {
    parts,
    removed: 0,
    async create(part) {
      parts[part] = new Memory()
      return parts[part] as Memory
    },
    read: (part) => (parts[part] as Memory).stream(),
    async remove() {
      this.removed += 1
    },
  }
}

async function sorted(
  values: readonly number[],
  capacity?: number,
): Promise<{ file: Memory; spill: ReturnType<typeof memorySpill> }> {
  const spill = memorySpill()
  const sorter = new RecordSorter(SIZE, spill, capacity)
  for (const value of values) record(value).copy(await sorter.next())
  const file = new Memory()
  await sorter.finish(file)
  return { file, spill }
}

function isSorted(bytes: Buffer): boolean {
  for (let at = SIZE; at < bytes.length; at += SIZE)
    if (bytes.compare(bytes, at, at + SIZE, at - SIZE, at) > 0) return false
  return true
}

describe('sorted records', () => {
  const values = Array.from({ length: 5000 }, (_, value) => (value * 7919) % 5000)

  it('come out in order, from memory and from parts alike', async () => {
    const whole = await sorted(values)
    const parted = await sorted(values, 700)
    expect(isSorted(whole.file.bytes)).toBe(true)
    expect(whole.file.bytes.length).toBe(values.length * SIZE)
    expect(parted.spill.parts).toHaveLength(8)
    expect(parted.spill.removed).toBe(8)
    expect(parted.file.bytes.equals(whole.file.bytes)).toBe(true)
  })

  it('sort by all their bytes where the first four are equal', async () => {
    const spill = memorySpill()
    const sorter = new RecordSorter(SIZE, spill)
    for (const last of [3, 1, 2]) {
      const place = await sorter.next()
      place.fill(0)
      place[SIZE - 1] = last
    }
    const file = new Memory()
    expect(await sorter.finish(file)).toBe(3)
    expect([0, 1, 2].map((at) => file.bytes[at * SIZE + SIZE - 1])).toEqual([1, 2, 3])
  })

  it('are found by their key in a large file and in a small one, and what is not there is not', async () => {
    const { file } = await sorted(values)
    for (const wholeBytes of [0, 1 << 20]) {
      const records = await SortedRecords.open(file.reader(), file.bytes.length, SIZE, KEY, wholeBytes)
      for (const value of [0, 1, 127, 128, 129, 4999]) {
        const found = await records.find(record(value).subarray(0, KEY))
        expect(found?.readUInt32BE(KEY)).toBe(value)
      }
      for (const value of [5000, 9999]) expect(await records.find(record(value).subarray(0, KEY))).toBeUndefined()
      expect(await records.find(Buffer.alloc(KEY))).toBeUndefined()
      expect(await records.find(Buffer.alloc(KEY, 255))).toBeUndefined()
    }
  })

  it('are found however unevenly their keys are spread', async () => {
    const numbers = Array.from({ length: 3000 }, (_, at) => (at < 2900 ? at : at * 1_000_000))
    const bytes = Buffer.alloc(numbers.length * SIZE)
    for (const [at, number] of numbers.entries()) bytes.writeUInt32BE(number, at * SIZE)
    const reader = { read: async (start: number, end: number) => bytes.subarray(start, end) }
    const records = await SortedRecords.open(reader, bytes.length, SIZE, KEY)
    for (let at = 0; at < numbers.length; at += 1) {
      const key = bytes.subarray(at * SIZE, at * SIZE + KEY)
      expect((await records.find(key))?.readUInt32BE(0)).toBe(numbers[at])
    }
  })

  it('of an earlier file go before equal ones of a later file', async () => {
    const one = new Memory()
    await one.write(record(1, 100))
    const both = new Memory()
    for (const bytes of [record(1, 200), record(2, 200)].sort((a, b) => a.compare(b))) await both.write(bytes)
    const merged = new Memory()
    expect(await mergeRecords([one.stream(), both.stream()], SIZE, KEY, merged)).toBe(2)
    const records = await SortedRecords.open(merged.reader(), merged.bytes.length, SIZE, KEY)
    expect((await records.find(record(1).subarray(0, KEY)))?.readUInt32BE(KEY)).toBe(100)
    expect((await records.find(record(2).subarray(0, KEY)))?.readUInt32BE(KEY)).toBe(200)
  })
})
