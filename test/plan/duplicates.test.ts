import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Problem, UserError } from '../../src/core/errors.ts'
import { createDuplicateCheck } from '../../src/plan/duplicates.ts'

let folder: string

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'batchwright-keys-')), 'keys')
})

afterEach(async () => {
  await rm(join(folder, '..'), { recursive: true, force: true })
})

/** What `finish` says of these keys; empty: they are all different. */
async function problemsOf(keys: Iterable<string>, memoryKeys?: number): Promise<readonly Problem[]> {
  const check = createDuplicateCheck(folder, memoryKeys)
  let ordinal = 0
  for (const key of keys) {
    check.add(key, ordinal, { file: 'a.csv', line: ordinal + 2 })
    ordinal++
  }
  try {
    await check.finish()
    return []
  } catch (error) {
    if (error instanceof UserError) return error.problems
    throw error
  }
}

function* numbers(count: number): Generator<string> {
  for (let i = 0; i < count; i++) yield `key-${i}`
}

describe('a check for keys that are used twice', () => {
  it('accepts keys that differ, however little', async () => {
    expect(await problemsOf(['a', 'A', 'a ', 'á', 'a\u0301', ''])).toEqual([])
  })

  it('names both places', async () => {
    expect(await problemsOf(['a', 'b', 'a'])).toEqual([
      {
        message: 'The key "a" names two rows: a.csv:2 and a.csv:4.',
        hint: 'Every row needs a key of its own: make dataset.key of fields that together differ from row to row.',
        file: 'a.csv',
        line: 4,
      },
    ])
  })

  it('says how many rows a key names, and row numbers where there is no place', async () => {
    const check = createDuplicateCheck(folder)
    for (let ordinal = 0; ordinal < 3; ordinal++) check.add('x', ordinal)
    await expect(check.finish()).rejects.toThrow('The key "x" names 3 rows: row 1 and row 2, the first two.')
  })

  it('shows twenty keys at most, and how many rows in all', async () => {
    const problems = await problemsOf([...numbers(50), ...numbers(50)])
    expect(problems).toHaveLength(21)
    expect(problems[0]?.message).toBe('The key "key-0" names two rows: a.csv:2 and a.csv:52.')
    expect(problems[20]?.message).toBe('50 rows in all have what an earlier row has; the first are shown.')
  })

  it('writes nothing for few keys, and leaves nothing for many', async () => {
    expect(await problemsOf(numbers(1000))).toEqual([])
    expect(existsSync(folder)).toBe(false)
    expect(await problemsOf(numbers(1000), 10)).toEqual([])
    expect(await readdir(folder)).toEqual([])
    const check = createDuplicateCheck(folder, 10)
    for (const key of numbers(100)) check.add(key, 0)
    expect(await readdir(folder)).not.toEqual([])
    await check.discard()
    await check.discard()
    expect(await readdir(folder)).toEqual([])
  })

  it('finds two equal keys far apart, among 300,000', async () => {
    const problems = await problemsOf([...numbers(300_000), 'key-17'])
    expect(problems.map((problem) => problem.message)).toEqual([
      'The key "key-17" names two rows: a.csv:19 and a.csv:300002.',
    ])
  })

  it('keeps keys of any length and letters apart on disk', async () => {
    const long = 'é😀'.repeat(20_000)
    expect(await problemsOf([long, `${long}x`, 'a\nb', 'a', '\u0000', ''], 1)).toEqual([])
    expect(await problemsOf([long, 'a', long], 1)).toHaveLength(1)
  })

  it('counts the rows where all have the same key', async () => {
    const check = createDuplicateCheck(folder, 10)
    for (const key of numbers(20)) check.add(key, 0)
    for (let ordinal = 0; ordinal < 200_000; ordinal++) check.add('same', ordinal)
    await expect(check.finish()).rejects.toThrow('The key "same" names 200,000 rows')
  })

  it('shows the keys that repeat first, wherever they were kept', async () => {
    const keys = [...numbers(300), ...[...numbers(300)].reverse()]
    for (const memoryKeys of [1000, 10]) {
      const problems = await problemsOf(keys, memoryKeys)
      const shown = problems.filter(({ line }) => line !== undefined)
      expect(shown.map(({ message }) => /"key-(\d+)"/.exec(message)?.[1])).toEqual(
        Array.from({ length: 20 }, (_, index) => String(299 - index)),
      )
      expect(problems.at(-1)?.message).toBe('300 rows in all have what an earlier row has; the first are shown.')
    }
  })

  it('finds exactly what a set finds, in memory and on disk', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ maxLength: 2 }), { maxLength: 60 }),
        fc.integer({ min: 1, max: 70 }),
        async (keys, memoryKeys) => {
          const problems = await problemsOf(keys, memoryKeys)
          const repeated = new Set(keys.filter((key, index) => keys.indexOf(key) !== index))
          const named = problems.filter((problem) => problem.line !== undefined)
          expect(named).toHaveLength(Math.min(20, repeated.size))
          for (const problem of named) {
            const second = (problem.line ?? 0) - 2
            expect(problem.message).toContain(JSON.stringify(keys[second]))
            expect(keys.indexOf(keys[second] ?? '')).toBeLessThan(second)
          }
        },
      ),
      { numRuns: 200 },
    )
  })
})
