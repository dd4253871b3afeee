import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { Json, JsonObject } from '../../src/core/json.ts'
import type { Outcome } from '../../src/core/result.ts'
import type { SinkSubject } from '../../src/sink/contract.ts'
import { outcomeOf, outcomesOf } from '../../src/sink/contract-data.ts'
import { files } from '../../src/sink/files.ts'
import type { SinkContext } from '../../src/sink/sink.ts'
import { describeSink } from '../contract/sink-contract.ts'
import { contextIn, exists, folderPlace, newRoot } from './places.ts'

const subject: SinkSubject = {
  sink: files,
  expect: (outcome) => [`${outcome.key}.json`, outcome.output],
  place: async () =>
    folderPlace(await newRoot(), { path: 'out/rows/{{key}}.json' }, async (root) => {
      const folder = join(root, 'out/rows')
      const names = (await exists(folder)) ? (await readdir(folder)).filter((name) => !name.startsWith('.')).sort() : []
      const read = async (name: string): Promise<Json> => [
        name,
        JSON.parse(await readFile(join(folder, name), 'utf8')) as Json,
      ]
      return Promise.all(names.map(read))
    }),
}
describeSink('files', subject)

async function deliver(
  root: string,
  options: JsonObject,
  outcomes: readonly Outcome[],
  more: Partial<SinkContext> = {},
): Promise<void> {
  const writer = await files.open(options, contextIn(root, more))
  try {
    const part = await writer.openPart({ index: 0, attempt: 1 })
    for (const outcome of outcomes) await part.write(outcome)
    await part.commit()
    await writer.finish()
  } catch (error) {
    await writer.abort()
    throw error
  }
}

describe('the content of a file', () => {
  const row = outcomeOf('a', 1)

  test('is the text of the answer, to the byte', async () => {
    const root = await newRoot()
    await deliver(root, { path: 'out/{{key}}.md' }, [{ ...row, text: '# Title\r\n\nLast line' }])
    expect(await readFile(join(root, 'out/a.md'), 'utf8')).toBe('# Title\r\n\nLast line')
  })

  test('is what the template renders, where there is one', async () => {
    const root = await newRoot()
    const render = (outcome: Outcome): string => `<h1>${outcome.key}</h1>`
    await deliver(root, { path: 'out/{{key}}.html', template: 't.hbs' }, [row], { render })
    expect(await readFile(join(root, 'out/a.html'), 'utf8')).toBe('<h1>a</h1>')
  })

  test('is the outcome for a row that has no answer', async () => {
    const root = await newRoot()
    const error = { type: 'expired', message: 'too late' }
    await deliver(root, { path: 'out/{{key}}.md' }, [{ ...row, status: 'expired', output: null, text: null, error }])
    expect(JSON.parse(await readFile(join(root, 'out/a.md'), 'utf8'))).toMatchObject({ status: 'expired', error })
  })

  test('is compressed for a path that ends in .gz', async () => {
    const root = await newRoot()
    await deliver(root, { path: 'out/{{key}}.md.gz' }, [{ ...row, text: 'hello' }])
    expect(gunzipSync(await readFile(join(root, 'out/a.md.gz'))).toString()).toBe('hello')
  })
})

describe('the path of a file', () => {
  const keyed = (key: string): Outcome => outcomeOf(key, 1)

  test('may have folders from the key', async () => {
    const root = await newRoot()
    await deliver(root, { path: 'out/{{key}}.md' }, ['a/b', 'a/c', 'd'].map(keyed))
    expect((await readdir(join(root, 'out'), { recursive: true })).sort()).toEqual(['a', 'a/b.md', 'a/c.md', 'd.md'])
  })

  test.each(['../escaped', '../../escaped', 'a/../../escaped', '/../escaped'])(
    'is refused for the key %s, and nothing is written',
    async (key) => {
      const root = await newRoot()
      await expect(deliver(root, { path: 'out/{{key}}.md' }, [keyed('fine'), keyed(key)])).rejects.toThrow(
        `The row "${key}" cannot be written.`,
      )
      expect(await readdir(join(root, 'out'))).toEqual([])
    },
  )

  test('is refused when a link leads it out of the root', async () => {
    const root = await newRoot()
    const elsewhere = await newRoot()
    await mkdir(join(root, 'out'))
    await symlink(elsewhere, join(root, 'out/link'))
    await expect(deliver(root, { path: 'out/{{key}}.md' }, [keyed('link/a')])).rejects.toThrow(
      'outside the project root',
    )
    expect(await readdir(elsewhere)).toEqual([])
  })

  test('of two rows must not be the same; the message names both keys', async () => {
    const root = await newRoot()
    const one = { ...keyed('first'), model: 'same' }
    const other = { ...keyed('second'), model: 'same' }
    await expect(deliver(root, { path: 'out/{{model}}.md' }, [one, other])).rejects.toThrow(
      'The rows "first" and "second" both have the path "out/same.md".',
    )
  })

  test('cannot be a file and a folder', async () => {
    const root = await newRoot()
    await expect(deliver(root, { path: 'out/{{key}}' }, [keyed('a'), keyed('a/b')])).rejects.toThrow(
      'a file and a folder',
    )
  })

  test('is shortened to what a disk takes, and stays different for different keys', async () => {
    const root = await newRoot()
    const long = 'é'.repeat(300)
    await deliver(root, { path: 'out/{{key}}.md' }, [keyed(`${long}1`), keyed(`${long}2`), keyed('nul\u0000')])
    const names = await readdir(join(root, 'out'))
    expect(names).toHaveLength(3)
    expect(names).toContain('nul_.md')
    for (const name of names) expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255)
    for (const name of names) expect(name).toMatch(/\.md$/)
  })

  test('must differ from row to row, which is said before anything runs', () => {
    expect(files.check?.({ path: 'out/all.md' })[0]?.message).toContain('is the same for every row')
    expect(files.check?.({ path: 'out/{{key}}.md' })).toEqual([])
  })
})

describe('a delivery of many files', () => {
  test('takes away what an earlier delivery of the same run wrote and this one does not', async () => {
    const root = await newRoot()
    const options = { path: 'out/{{key}}.md' }
    await mkdir(join(root, 'out'))
    await writeFile(join(root, 'out/mine.md'), 'not yours')
    await deliver(root, options, outcomesOf('row', 0, 3))
    await deliver(root, options, outcomesOf('row', 1, 3))
    const names = (await readdir(join(root, 'out'))).sort()
    expect(names).toEqual(['mine.md', 'row-000001.md', 'row-000002.md', 'row-000003.md'])
  })

  test('leaves the files of another run alone', async () => {
    const root = await newRoot()
    await deliver(root, { path: 'out/{{key}}.md' }, outcomesOf('row', 0, 2))
    await deliver(root, { path: 'out/{{key}}.md' }, outcomesOf('row', 5, 2), { run: 'another' })
    expect(await readdir(join(root, 'out'))).toHaveLength(4)
  })

  test('shows nothing before it is finished, and leaves no staging folder behind', async () => {
    const root = await newRoot()
    const writer = await files.open({ path: 'out/{{key}}.md' }, contextIn(root))
    const part = await writer.openPart({ index: 0, attempt: 1 })
    for (const outcome of outcomesOf('row', 0, 200)) await part.write(outcome)
    await part.commit()
    expect((await readdir(join(root, 'out'))).filter((name) => !name.startsWith('.'))).toEqual([])
    await writer.finish()
    expect((await readdir(join(root, 'out'))).filter((name) => name.startsWith('.'))).toEqual([])
    expect(await readdir(join(root, 'out'))).toHaveLength(200)
  })

  test('knows what it moved before it was interrupted', async () => {
    const root = await newRoot()
    await mkdir(join(root, 'out/row-000002.md/taken'), { recursive: true })
    await expect(deliver(root, { path: 'out/{{key}}.md' }, outcomesOf('row', 0, 3))).rejects.toThrow('is a folder')
    await rm(join(root, 'out/row-000002.md'), { recursive: true })
    await deliver(root, { path: 'out/{{key}}.md' }, outcomesOf('row', 1, 1))
    expect(await readdir(join(root, 'out'))).toEqual(['row-000001.md'])
  })

  test('says which folder is in the way', async () => {
    const root = await newRoot()
    await mkdir(join(root, 'out/a.md'), { recursive: true })
    await expect(deliver(root, { path: 'out/{{key}}.md' }, [outcomeOf('a', 0)])).rejects.toThrow('a.md is a folder')
  })
})
