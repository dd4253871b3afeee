import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { jsonl } from '../../src/source/jsonl.ts'
import { fieldsOf, folderWith, problemsOf, readAll } from './folder.ts'

const path = 'a.jsonl'

describe('jsonl', () => {
  it('yields a row for each object, with its line; blank lines are ignored', async () => {
    const root = await folderWith({ [path]: '\ufeff{"a": 1}\r\n\n  \t\n{"a": {"b": [1.5, null, "é 😀"]}}' })
    expect(await readAll(jsonl, { path }, root)).toEqual([
      { fields: { a: 1 }, place: { file: path, line: 1 } },
      { fields: { a: { b: [1.5, null, 'é 😀'] } }, place: { file: path, line: 4 } },
    ])
  })

  it('an empty file is a dataset without rows', async () => {
    const root = await folderWith({ [path]: '' })
    expect(await readAll(jsonl, { path }, root)).toEqual([])
  })

  it('reads gzip, of several members too', async () => {
    const root = await folderWith({
      'a.jsonl.gz': Buffer.concat([gzipSync('{"a": 1}\n'), gzipSync('{"a": 2}\n')]),
    })
    expect(await fieldsOf(jsonl, { path: 'a.jsonl.gz' }, root)).toEqual([{ a: 1 }, { a: 2 }])
  })

  it('reads a line of 50 MB', async () => {
    const root = await folderWith({ [path]: `{"a": 1}\n{"a": "${'x'.repeat(50_000_000)}"}\n{"a": 3}\n` })
    const rows = await readAll(jsonl, { path }, root)
    expect(rows.map((row) => row.place?.line)).toEqual([1, 2, 3])
    expect(String(rows[1]?.fields.a).length).toBe(50_000_000)
  })

  it('keeps numbers that a double holds, however they are written', async () => {
    const root = await folderWith({
      [path]: '{"a": 9007199254740991, "b": 0.1000000000000000055, "c": 1e300, "d": -0.0}',
    })
    expect(await fieldsOf(jsonl, { path }, root)).toEqual([{ a: 9007199254740991, b: 0.1, c: 1e300, d: -0 }])
  })
})

describe('a jsonl that is broken', () => {
  it.each([
    ['a list', '{"a":1}\n[1]\n', 2, 1, 'Every line has to be a JSON object; this one is a list.'],
    ['a text', '"x"\n', 1, 1, 'Every line has to be a JSON object; this one is "x".'],
    ['null', 'null\n', 1, 1, 'Every line has to be a JSON object; this one is null.'],
    [
      'a missing quote',
      '{"a":1}\n{"a: 1}\n',
      2,
      2,
      'Not JSON: expected the closing quote of the text that begins here, the text ends.',
    ],
    ['single quotes', "{'a': 1}\n", 1, 2, `Not JSON: expected a name in double quotes, found "'a': 1}".`],
    ['a comma at the end', '{"a": 1,}\n', 1, 9, 'Not JSON: expected a name in double quotes, found "}".'],
    ['a missing comma', '{"a": 1 "b": 2}\n', 1, 9, 'Not JSON: expected "," or "}", found "\\"b\\": 2}".'],
    ['a word', '{"a": NaN}\n', 1, 7, 'Not JSON: expected a value, found "NaN}".'],
    ['two objects on a line', '{"a": 1} {"a": 2}\n', 1, 10, 'Not JSON: expected the end, found "{\\"a\\": 2}".'],
    [
      'a control character',
      '{"a": "x\ty"}\n',
      1,
      9,
      'Not JSON: expected an escape such as \\n or \\t instead of a control character, found "\\ty\\"}".',
    ],
    [
      'half a last line',
      '{"a": 1}\n{"a": 2, "b',
      2,
      10,
      'The last line is not complete: expected the closing quote of the text that begins here, but the file ends.',
    ],
    [
      'half a last line after a value',
      '{"a": 1}\n{"a": 2',
      2,
      8,
      'The last line is not complete: expected "," or "}", but the file ends.',
    ],
    [
      'a whole number past 2^53',
      '{"a": {"id": [9007199254740993]}}\n',
      1,
      15,
      'The number 9007199254740993 of the field "a.id.0" is too large to be kept exactly.',
    ],
    [
      'a number past all numbers',
      '{"a": 1e999}\n',
      1,
      7,
      'The number 1e999 of the field "a" is too large to be kept exactly.',
    ],
  ])('%s', async (_, text, line, column, message) => {
    const root = await folderWith({ [path]: text })
    const problems = await problemsOf(jsonl, { path }, root)
    expect(problems.map((problem) => [problem.file, problem.line, problem.column, problem.message])).toEqual([
      [path, line, column, message],
    ])
    expect(problems[0]?.hint).toBeTruthy()
  })

  it('shows the line', async () => {
    const root = await folderWith({ [path]: '{"a": 1}\n{"a": oops}\n' })
    expect(await problemsOf(jsonl, { path }, root)).toMatchObject([{ excerpt: '{"a": oops}', column: 7 }])
  })

  it('several bad lines are named at once, at most twenty', async () => {
    const root = await folderWith({ [path]: '{"a":1}\nx\n{"a":1}\ny\n', 'b.jsonl': 'x\n'.repeat(100) })
    expect((await problemsOf(jsonl, { path }, root)).map((problem) => problem.line)).toEqual([2, 4])
    expect(await problemsOf(jsonl, { path: 'b.jsonl' }, root)).toHaveLength(20)
  })

  it('bytes that are not UTF-8, and UTF-16', async () => {
    const root = await folderWith({
      [path]: Buffer.from('{"a": "ok"}\n{"a": "caf\xe9"}\n', 'latin1'),
      'u.jsonl': Buffer.from('\ufeff{"a": 1}\n', 'utf16le'),
    })
    expect(await problemsOf(jsonl, { path }, root)).toMatchObject([{ file: path, line: 2, column: 11 }])
    expect((await problemsOf(jsonl, { path: 'u.jsonl' }, root))[0]?.message).toContain('UTF-16')
  })
})
