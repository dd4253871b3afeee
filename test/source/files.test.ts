import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { files } from '../../src/source/files.ts'
import { folderWith, problemsOf, readAll } from './folder.ts'

describe('files', () => {
  it('yields a row for each file, keyed by its path', async () => {
    const root = await folderWith({ 'docs/a.b.pdf': '12345', 'docs/empty': '', 'top.txt': 'x' })
    await mkdir(join(root, 'docs/folder.pdf'))
    expect(await readAll(files, { path: ['docs/*', 'top.txt'] }, root)).toEqual([
      {
        fields: { file: { path: 'docs/a.b.pdf', name: 'a.b.pdf', stem: 'a.b', ext: '.pdf', dir: 'docs', size: 5 } },
        key: 'docs/a.b.pdf',
        place: { file: 'docs/a.b.pdf' },
      },
      {
        fields: { file: { path: 'docs/empty', name: 'empty', stem: 'empty', ext: '', dir: 'docs', size: 0 } },
        key: 'docs/empty',
        place: { file: 'docs/empty' },
      },
      {
        fields: { file: { path: 'top.txt', name: 'top.txt', stem: 'top', ext: '.txt', dir: '.', size: 1 } },
        key: 'top.txt',
        place: { file: 'top.txt' },
      },
    ])
  })

  it('a file that several patterns name is one row, where it is named first', async () => {
    const root = await folderWith({ 'a.txt': '', 'b.txt': '' })
    const rows = await readAll(files, { path: ['b.txt', '*.txt', './a.txt'] }, root)
    expect(rows.map((row) => row.key)).toEqual(['b.txt', 'a.txt'])
  })

  it('a name with wildcards in it is that file, where there is one', async () => {
    const root = await folderWith({ 'report [final].txt': '', 'report f.txt': '' })
    expect((await readAll(files, { path: 'report [final].txt' }, root)).map((row) => row.key)).toEqual([
      'report [final].txt',
    ])
  })
})

describe('a path that names no file', () => {
  it.each([
    ['reviws.csv', 'reviws.csv does not exist.', 'Did you mean reviews.csv?'],
    ['data/nothing.csv', 'data/nothing.csv does not exist.', 'The folder "data" holds a.csv.'],
    ['date/a.csv', 'date/a.csv does not exist.', 'There is no folder "date" either.'],
    ['data', 'data is a folder.', 'Name its files with a pattern such as "data/*".'],
    ['*.pdf', 'No file matches "*.pdf".', 'The project root holds data, reviews.csv.'],
    ['data/*.pdf', 'No file matches "data/*.pdf".', 'The folder "data" holds a.csv.'],
    ['date/*.csv', 'No file matches "date/*.csv".', 'There is no folder "date".'],
  ])('%s', async (path, message, hint) => {
    const root = await folderWith({ 'reviews.csv': '', 'data/a.csv': '' })
    expect(await problemsOf(files, { path }, root)).toEqual([
      { message, hint, file: 'jobs/job.yaml', path: '/dataset/path' },
    ])
    expect(await problemsOf(files, { path: ['reviews.csv', path] }, root)).toMatchObject([
      { message, path: '/dataset/path/1' },
    ])
  })

  it.each(['link.txt', 'link/*.txt'])('through a link out of the root: %s', async (path) => {
    const outside = await folderWith({ 'secret.txt': 'x' })
    const root = await folderWith({ 'a.txt': '' })
    await symlink(join(outside, 'secret.txt'), join(root, 'link.txt'))
    await symlink(outside, join(root, 'link'))
    const [problem] = await problemsOf(files, { path }, root)
    expect(problem?.message).toContain('outside the project root')
  })
})
