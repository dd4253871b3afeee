import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { compareBytes, globFiles } from '../../src/source/glob.ts'
import { isGlob, matchSegment, parseGlob } from '../../src/source/glob-pattern.ts'
import { folderWith, problemsFrom } from './folder.ts'

async function found(root: string, pattern: string): Promise<string[]> {
  const paths: string[] = []
  for await (const path of globFiles(root, pattern, new AbortController().signal)) paths.push(path)
  return paths
}

function matches(segment: string, name: string): boolean {
  const parsed = parseGlob(segment)[0]?.[0]
  if (parsed === undefined || parsed === 'any-depth') throw new Error('no segment')
  return matchSegment(parsed, name)
}

describe('a segment of a pattern', () => {
  it.each([
    ['*', 'a.csv', true],
    ['*', '.hidden', false],
    ['.*', '.hidden', true],
    ['?*', '.hidden', false],
    ['*.csv', 'a.csv', true],
    ['*.csv', 'a.csv.gz', false],
    ['*.csv', '.csv', false],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['?.csv', 'é.csv', true],
    ['?.csv', '😀.csv', true],
    ['?.csv', 'ab.csv', false],
    ['[abc].csv', 'b.csv', true],
    ['[a-c]x', 'bx', true],
    ['[a-c]x', 'dx', false],
    ['[!a-c]x', 'dx', true],
    ['[^a-c]x', 'ax', false],
    ['[]x]', ']', true],
    ['[a-]', '-', true],
    ['[a', '[a', true],
    ['a.b', 'axb', false],
    ['a+(b)', 'a+(b)', true],
  ])('%s and %s: %s', (segment, name, expected) => {
    expect(matches(segment, name)).toBe(expected)
  })

  it('is matched in time that does not explode', () => {
    const before = performance.now()
    expect(matches(`${'*a'.repeat(50)}b`, 'a'.repeat(250))).toBe(false)
    expect(performance.now() - before).toBeLessThan(200)
  })

  it('is a search only with a wildcard', () => {
    expect(['a/b.csv', '*.csv', 'a?', '[a]', '{a,b}'].map(isGlob)).toEqual([false, true, true, true, true])
  })
})

describe('the files of a pattern', () => {
  const files = {
    'a.csv': '',
    'b.txt': '',
    'data/1.csv': '',
    'data/10.csv': '',
    'data/2.csv': '',
    'data-x/3.csv': '',
    'data/deep/er/4.csv': '',
    'data/deep/5.csv': '',
    'data/.hidden/6.csv': '',
    'data/.7.csv': '',
    'data/é.csv': '',
  }

  it.each([
    ['*.csv', ['a.csv']],
    ['./*.csv', ['a.csv']],
    ['data/*.csv', ['data/1.csv', 'data/10.csv', 'data/2.csv', 'data/é.csv']],
    [
      '**/*.csv',
      [
        'a.csv',
        'data-x/3.csv',
        'data/1.csv',
        'data/10.csv',
        'data/2.csv',
        'data/deep/5.csv',
        'data/deep/er/4.csv',
        'data/é.csv',
      ],
    ],
    ['data/**', ['data/1.csv', 'data/10.csv', 'data/2.csv', 'data/deep/5.csv', 'data/deep/er/4.csv', 'data/é.csv']],
    ['data/**/er/*', ['data/deep/er/4.csv']],
    ['**/deep/**/*.csv', ['data/deep/5.csv', 'data/deep/er/4.csv']],
    ['data/.*', ['data/.7.csv']],
    ['data/.hidden/*.csv', ['data/.hidden/6.csv']],
    ['**/.hidden/*', ['data/.hidden/6.csv']],
    ['{a,b}.{csv,txt}', ['a.csv', 'b.txt']],
    ['{a.csv,data/{1,2}.csv}', ['a.csv', 'data/1.csv', 'data/2.csv']],
    [
      '{**/*.csv,data/*.csv}',
      [
        'a.csv',
        'data-x/3.csv',
        'data/1.csv',
        'data/10.csv',
        'data/2.csv',
        'data/deep/5.csv',
        'data/deep/er/4.csv',
        'data/é.csv',
      ],
    ],
    ['data/[0-9].csv', ['data/1.csv', 'data/2.csv']],
    ['data/de*', []],
    ['nowhere/*', []],
    ['a.csv/*', []],
  ])('%s', async (pattern, expected) => {
    expect(await found(await folderWith(files), pattern)).toEqual(expected)
  })

  it('come in the order of their bytes', async () => {
    const names = ['\uffff', '😀', 'Z', 'a', 'é', 'z'].map((name) => `${name}.csv`)
    const root = await folderWith(Object.fromEntries(names.map((name) => [name, ''])))
    const expected = [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    expect(await found(root, '*.csv')).toEqual(expected)
    expect([...names].sort(compareBytes)).toEqual(expected)
  })

  it('are followed through links inside the root, by plain segments and not by **', async () => {
    const root = await folderWith({ 'data/1.csv': '', 'other/2.csv': '' })
    await symlink(join(root, 'other'), join(root, 'data/link'))
    await symlink(join(root, 'data'), join(root, 'data/loop'))
    await symlink(join(root, 'other/2.csv'), join(root, 'data/3.csv'))
    expect(await found(root, 'data/*/*.csv')).toEqual(['data/link/2.csv', 'data/loop/1.csv', 'data/loop/3.csv'])
    expect(await found(root, 'data/**/*.csv')).toEqual(['data/1.csv', 'data/3.csv'])
  })

  it('are refused where a link leads out of the root', async () => {
    const outside = await folderWith({ 'secret.csv': '' })
    const root = await folderWith({ 'data/1.csv': '' })
    await symlink(outside, join(root, 'data/link'))
    for (const pattern of ['data/*/*.csv', 'data/l*/secret.csv'])
      expect((await problemsFrom(() => found(root, pattern)))[0]?.message).toContain('leads outside the project root')
    expect(await found(root, 'data/**/*.csv')).toEqual(['data/1.csv'])
    await symlink(join(outside, 'secret.csv'), join(root, 'data/2.csv'))
    expect((await problemsFrom(() => found(root, 'data/*.csv')))[0]?.message).toContain(
      'The path "data/2.csv" leads outside the project root',
    )
  })

  it('a pattern that climbs, and braces that explode, are refused', async () => {
    const root = await folderWith({})
    await mkdir(join(root, 'x'))
    expect((await problemsFrom(() => found(root, 'x/../*')))[0]?.message).toBe('The pattern "x/../*" contains "..".')
    expect((await problemsFrom(() => found(root, '{a,b}'.repeat(30))))[0]?.message).toContain('more than 1000 patterns')
  })
})
