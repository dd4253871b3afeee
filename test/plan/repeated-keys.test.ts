import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HeldKeys } from '../../src/plan/held-keys.ts'
import { KeyRecords } from '../../src/plan/key-record.ts'
import { findRepeated } from '../../src/plan/repeated-keys.ts'

async function repeatedOf(keys: readonly string[], mostAtOnce: number): Promise<[string, number, number][]> {
  const records = new KeyRecords()
  const held = new HeldKeys(records, keys.length + 1)
  for (const [ordinal, key] of keys.entries()) held.add(key, ordinal, undefined)
  const found: [string, number, number][] = []
  await findRepeated(
    held,
    records,
    ({ key, first, second }) => found.push([key, first.ordinal, second.ordinal]),
    mostAtOnce,
  )
  return found
}

describe('a search for keys that repeat', () => {
  it('tells every use after the first, however few hashes it may hold', async () => {
    const key = fc.constantFrom('', 'a', 'b', 'é', '😀', 'key-1', 'key-2', 'key-3')
    await fc.assert(
      fc.asyncProperty(fc.array(key, { maxLength: 80 }), fc.integer({ min: 1, max: 100 }), async (keys, mostAtOnce) => {
        const expected = keys.flatMap((each, ordinal) => {
          const first = keys.indexOf(each)
          return first < ordinal ? [[each, first, ordinal]] : []
        })
        expect(await repeatedOf(keys, mostAtOnce)).toEqual(expected)
      }),
    )
  })

  it('tells every use of a key that all rows have', async () => {
    const keys = Array.from({ length: 5000 }, () => 'same')
    expect(await repeatedOf(keys, 8)).toHaveLength(4999)
  })
})
