import { open } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { snappyUncompress } from '../../src/source/hyparquet.ts'
import { unpackPage } from '../../src/source/parquet-unpack.ts'
import { FarReferenceError, unpackSnappy } from '../../src/source/snappy.ts'
import { folderWith } from './folder.ts'

/** An element of the format: bytes as they are, or a copy of what was there `distance` bytes ago. */
type Element = { readonly literal: Uint8Array } | { readonly distance: number; readonly length: number }

/** As the format describes it, with a tag of the longest kind or the shortest that can hold the element. */
function packed(elements: readonly Element[], size: number, isLong = false): Uint8Array {
  const bytes = varInt(size)
  for (const element of elements) {
    if ('literal' in element) {
      const length = element.literal.length - 1
      if (length < 60 && !isLong) bytes.push(length << 2)
      else bytes.push(62 << 2, length & 255, (length >> 8) & 255, length >> 16)
      for (const byte of element.literal) bytes.push(byte)
      continue
    }
    const { distance, length } = element
    if (!isLong && distance < 2048 && length >= 4 && length <= 11)
      bytes.push(1 | ((length - 4) << 2) | ((distance >> 8) << 5), distance & 255)
    else if (!isLong && distance < 65_536) bytes.push(2 | ((length - 1) << 2), distance & 255, distance >> 8)
    else bytes.push(3 | ((length - 1) << 2), distance & 255, (distance >> 8) & 255, (distance >> 16) & 255, 0)
  }
  return Uint8Array.from(bytes)
}

function varInt(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varInt(value >>> 7)]
}

async function* cut(bytes: Uint8Array, at: number): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += at) yield bytes.subarray(from, from + at)
}

async function unpacked(bytes: Uint8Array, size: number, at = bytes.length): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of unpackSnappy(cut(bytes, at), size)) pieces.push(Buffer.from(piece))
  return Buffer.concat(pieces)
}

const elements = fc
  .array(
    fc.oneof(
      fc.record({ literal: fc.uint8Array({ minLength: 1, maxLength: 100 }) }),
      fc.record({ back: fc.double({ min: 0, max: 1, noNaN: true }), length: fc.integer({ min: 1, max: 64 }) }),
    ),
    { maxLength: 60 },
  )
  .map((parts) => {
    let size = 0
    const list: Element[] = []
    for (const part of parts) {
      if ('literal' in part) list.push(part)
      else if (size === 0) continue
      else list.push({ distance: Math.min(size, 1 + Math.floor(part.back * size)), length: part.length })
      size += 'literal' in part ? part.literal.length : part.length
    }
    return { list, size }
  })

describe('snappy, piece by piece', () => {
  it('unpacks what another decoder unpacks at once, wherever the pieces are cut', async () => {
    await fc.assert(
      fc.asyncProperty(elements, fc.boolean(), fc.integer({ min: 1, max: 200 }), async ({ list, size }, isLong, at) => {
        const bytes = packed(list, size, isLong)
        const expected = new Uint8Array(size)
        snappyUncompress(bytes, expected)
        expect(await unpacked(bytes, size, at)).toEqual(Buffer.from(expected))
      }),
      { numRuns: 200 },
    )
  })

  it('refers back over the ends of its window', async () => {
    const block = Uint8Array.from({ length: 60_000 }, (_, index) => (index * 7919) >> 5)
    const list: Element[] = [{ literal: block }]
    // Each copy takes what stands a block before, so the block is repeated.
    for (let done = 0; done < 600_000; done += 60) list.push({ distance: 60_000, length: 60 })
    const bytes = packed(list, 660_000)
    const expected = Buffer.concat(new Array(11).fill(block))
    expect(expected.equals(await unpacked(bytes, 660_000, 1000))).toBe(true)
  })

  it('says so where a reference reaches further than the window', async () => {
    const literal = new Uint8Array(500_000)
    const bytes = packed([{ literal }, { distance: 400_000, length: 5 }], 500_005)
    await expect(unpacked(bytes, 500_005, 10_000)).rejects.toBeInstanceOf(FarReferenceError)
  })

  it('a page with such a reference is unpacked all the same', async () => {
    const literal = Uint8Array.from({ length: 700_000 }, (_, index) => index >> 9)
    const bytes = packed([{ literal }, { distance: 600_000, length: 50 }], 700_050)
    const root = await folderWith({ page: bytes })
    const file = await open(join(root, 'page'))
    const page = await unpackPage(file, { start: 0, packedSize: bytes.length, size: 700_050, codec: 'SNAPPY' })
    // Some was read before the reference is met.
    const first = await page.take(300_000)
    const rest = await page.take(page.left)
    await file.close()
    const expected = Buffer.concat([literal, literal.subarray(100_000, 100_050)])
    expect(expected.equals(Buffer.concat([first, rest]))).toBe(true)
  })

  it.each([
    ['a length without end', [255, 255, 255, 255, 255, 255], 10],
    ['an end within a literal', [10, 9 << 2, 1, 2, 3], 10],
    ['an end within a tag', [10, 2 | (9 << 2), 1], 10],
    ['too few bytes', [10, 0, 7], 10],
    ['more bytes than it says', [1, 3 << 2, 1, 2, 3, 4], 1],
    ['a copy of what is not there', [10, 0, 7, 2 | (8 << 2), 2, 0], 10],
    ['a copy from where it is', [10, 0, 7, 2 | (8 << 2), 0, 0], 10],
    ['nothing', [], 10],
  ])('refuses %s', async (_, bytes, size) => {
    await expect(unpacked(Uint8Array.from(bytes), size, 2)).rejects.toBeInstanceOf(RangeError)
  })
})
