import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type SortedEntry, sortEntries } from '../../src/source/sort.ts'

async function sorted(entries: readonly SortedEntry[], runLength?: number): Promise<SortedEntry[]> {
  const all: SortedEntry[] = []
  for await (const entry of sortEntries(given(entries), runLength)) all.push(entry)
  return all
}

async function* given(entries: readonly SortedEntry[]): AsyncGenerator<SortedEntry> {
  yield* entries
}

async function temporaryFolders(): Promise<string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith('batchwright-sort-'))
}

describe('a sort that does not fit into memory', () => {
  it('gives what a stable sort in memory gives, however many runs it takes', async () => {
    const entry = fc.record({
      key: fc.string({ maxLength: 2 }).map((text) => JSON.stringify(text)),
      text: fc.jsonValue().map((value) => JSON.stringify(value)),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(entry, { maxLength: 100 }),
        fc.integer({ min: 1, max: 60 }),
        async (entries, runLength) => {
          const expected = [...entries].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
          expect(await sorted(entries, runLength)).toEqual(expected)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('merges more runs than it opens at a time', async () => {
    const entries = Array.from({ length: 1000 }, (_, index) => ({
      key: String((index * 7919) % 100).padStart(3, '0'),
      text: String(index),
    }))
    const result = await sorted(entries, 8)
    expect(result.map(({ key }) => key)).toEqual(entries.map(({ key }) => key).sort())
    const ofOneKey = result.filter(({ key }) => key === '019').map(({ text }) => Number(text))
    expect(ofOneKey).toEqual([...ofOneKey].sort((a, b) => a - b))
  })

  it('leaves no files, also when its reader stops early', async () => {
    const before = await temporaryFolders()
    const entries = Array.from({ length: 100 }, (_, index) => ({ key: String(index), text: 'x' }))
    for await (const _ of sortEntries(given(entries), 10)) break
    await sorted(entries, 10)
    expect(await temporaryFolders()).toEqual(before)
  })
})
