import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { json } from '../../src/source/json.ts'
import { fieldsOf, folderWith, problemsOf, readAll } from './folder.ts'

const path = 'a.json'

describe('json', () => {
  it('yields a row for each object of the list', async () => {
    const root = await folderWith({
      [path]: '\ufeff[{"a": 1}, {"a": {"b": ["é 😀"]}}]',
      'b.json.gz': gzipSync('[{"a": 3}]'),
    })
    expect(await readAll(json, { path: [path, 'b.json.gz'] }, root)).toEqual([
      { fields: { a: 1 }, place: { file: path } },
      { fields: { a: { b: ['é 😀'] } }, place: { file: path } },
      { fields: { a: 3 }, place: { file: 'b.json.gz' } },
    ])
  })

  it('finds the list inside the file', async () => {
    const root = await folderWith({ [path]: '{"data": {"items": [{"a": 1}]}, "n": 1}' })
    expect(await fieldsOf(json, { path, at: 'data.items' }, root)).toEqual([{ a: 1 }])
  })

  it('an empty list is a dataset without rows', async () => {
    const root = await folderWith({ [path]: ' [ ] ' })
    expect(await fieldsOf(json, { path }, root)).toEqual([])
  })
})

describe('a json that is broken', () => {
  it.each([
    ['nothing', '  \n', {}, 'a.json is empty.', 'A dataset without rows is [].'],
    [
      'an object',
      '{"items": [], "n": 1}',
      {},
      'a.json is an object; it has to be a list of objects.',
      'Name the list with the option "at": "items".',
    ],
    ['a text', '"x"', {}, 'a.json is "x"; it has to be a list of objects.', 'Write [{"name": value, …}, …].'],
    [
      'no list where the job says',
      '{"items": {}}',
      { at: 'items' },
      '"items" in a.json is an object; it has to be a list of objects.',
      'Write',
    ],
    [
      'nothing where the job says',
      '{"items": []}',
      { at: 'data.items' },
      '"data.items" in a.json is missing; it has to be a list of objects.',
      'Name the list',
    ],
    [
      'an item that is no object',
      '[{"a": 1}, 2]',
      {},
      'Item 2 of the list is 2; every item has to be an object.',
      'Write',
    ],
    [
      'one object a line',
      '{"a": 1}\n{"a": 2}\n',
      {},
      'Not JSON: expected the end, found "{\\"a\\": 2}".',
      'The file seems to hold one object a line; read it with type: jsonl.',
    ],
    [
      'an error far down',
      '[\n  {"a": 1},\n  {"a": }\n]',
      {},
      'Not JSON: expected a value, found "}".',
      'Correct the text',
    ],
    [
      'a number past 2^53',
      '[\n{"id": 12345678901234567890}]',
      {},
      'The number 12345678901234567890 of the field "0.id" is too large to be kept exactly.',
      'Write it as a text',
    ],
  ])('%s', async (_, text, options, message, hint) => {
    const root = await folderWith({ [path]: text })
    const problems = await problemsOf(json, { path, ...options }, root)
    expect(problems.map((problem) => [problem.file, problem.message])).toEqual([[path, message]])
    expect(problems[0]?.hint).toContain(hint)
  })

  it('is shown with its line and column', async () => {
    const root = await folderWith({ [path]: '[\n  {"a": 1},\n  {"a": }\n]' })
    expect(await problemsOf(json, { path }, root)).toMatchObject([{ line: 3, column: 9, excerpt: '  {"a": }' }])
  })

  it('bytes that are not UTF-8', async () => {
    const root = await folderWith({ [path]: Buffer.from('[\n{"a": "\xe9"}]', 'latin1') })
    expect(await problemsOf(json, { path }, root)).toMatchObject([{ line: 2, column: 8 }])
  })

  it('a packed file that unfolds into more than memory', async () => {
    const root = await folderWith({ 'a.json.gz': gzipSync(Buffer.alloc(300_000_000, ' ')) })
    expect((await problemsOf(json, { path: 'a.json.gz' }, root))[0]?.message).toContain('larger than 256 MB')
  })
})
