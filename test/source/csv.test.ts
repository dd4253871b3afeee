import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { csv } from '../../src/source/csv.ts'
import { tsv } from '../../src/source/tsv.ts'
import { fieldsOf, folderWith, problemsOf, readAll } from './folder.ts'

const path = 'a.csv'

describe('csv', () => {
  it('yields a row for each record, every value as it is written', async () => {
    const root = await folderWith({ [path]: 'id,zip,text\n1,02134,"a, ""b"""\n2,00501,\n' })
    expect(await readAll(csv, { path }, root)).toEqual([
      { fields: { id: '1', zip: '02134', text: 'a, "b"' }, place: { file: path, line: 2 } },
      { fields: { id: '2', zip: '00501', text: '' }, place: { file: path, line: 3 } },
    ])
  })

  it('names the line on which a record with line breaks begins', async () => {
    const root = await folderWith({ [path]: 'id,text\n1,"a\nb\nc"\n\n2,d\n3,"e\r\nf"\n4,g' })
    expect(
      (await readAll(csv, { path }, root)).map((row) => [row.fields.id, row.fields.text, row.place?.line]),
    ).toEqual([
      ['1', 'a\nb\nc', 2],
      ['2', 'd', 6],
      ['3', 'e\r\nf', 7],
      ['4', 'g', 9],
    ])
  })

  it('takes off a byte order mark and carriage returns', async () => {
    const root = await folderWith({ [path]: '\ufeffid,text\r\n1,a\r\n2,"b"\r\n' })
    expect(await fieldsOf(csv, { path }, root)).toEqual([
      { id: '1', text: 'a' },
      { id: '2', text: 'b' },
    ])
  })

  it('a header without records is a dataset of no rows', async () => {
    const root = await folderWith({ [path]: 'id,text\n' })
    expect(await readAll(csv, { path }, root)).toEqual([])
  })

  it('a quote inside an unquoted value is a letter', async () => {
    const root = await folderWith({ [path]: 'size,what\n5" wide,a "good" pipe\n' })
    expect(await fieldsOf(csv, { path }, root)).toEqual([{ size: '5" wide', what: 'a "good" pipe' }])
  })

  it('reads gzip, several files, and other delimiters and quotes', async () => {
    const root = await folderWith({
      'a.csv.gz': gzipSync("id;text\n1;'a;b'\n"),
      'b.csv': "text;id\n'it''s';2\n",
    })
    expect(await fieldsOf(csv, { path: ['b.csv', 'a.csv.gz'], delimiter: ';', quote: "'" }, root)).toEqual([
      { text: "it's", id: '2' },
      { id: '1', text: 'a;b' },
    ])
  })

  it('takes names from the option columns, the first line is then a row', async () => {
    const root = await folderWith({ [path]: '1,a\n2,b\n' })
    expect(await fieldsOf(csv, { path, columns: ['id', 'text'] }, root)).toEqual([
      { id: '1', text: 'a' },
      { id: '2', text: 'b' },
    ])
  })

  it('reads latin1 with the letters that Windows adds, and UTF-16', async () => {
    const root = await folderWith({
      'l.csv': Buffer.from([...Buffer.from('text\ncaf'), 0xe9, ...Buffer.from(' 5 '), 0x80, 0x0a]),
      'u.csv': Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('text\r\ncafé 😀\r\n', 'utf16le')]),
    })
    expect(await fieldsOf(csv, { path: 'l.csv', encoding: 'latin1' }, root)).toEqual([{ text: 'café 5 €' }])
    expect(await fieldsOf(csv, { path: 'u.csv', encoding: 'utf-16le' }, root)).toEqual([{ text: 'café 😀' }])
  })

  it('reads delimiters of several letters and escape characters', async () => {
    const root = await folderWith({
      'd.csv': 'id||text\n1||"a||\nb"\n\n2||c\n',
      'e.csv': 'id,text\n1,"a \\"b\\""\n2,c\n',
      'p.csv': 'id§text\n1§é\n',
    })
    expect(
      (await readAll(csv, { path: 'd.csv', delimiter: '||' }, root)).map((row) => [row.fields.text, row.place?.line]),
    ).toEqual([
      ['a||\nb', 2],
      ['c', 5],
    ])
    expect(await fieldsOf(csv, { path: 'e.csv', escape: '\\' }, root)).toEqual([
      { id: '1', text: 'a "b"' },
      { id: '2', text: 'c' },
    ])
    expect(await fieldsOf(csv, { path: 'p.csv', delimiter: '§' }, root)).toEqual([{ id: '1', text: 'é' }])
  })

  it('tsv is the same with tabs', async () => {
    const root = await folderWith({ 'a.tsv': 'id\ttext\n1\ta, b\n2\t"c\td"\n' })
    expect(await fieldsOf(tsv, { path: 'a.tsv' }, root)).toEqual([
      { id: '1', text: 'a, b' },
      { id: '2', text: 'c\td' },
    ])
    const raw = await folderWith({ 'a.tsv': 'id\ttext\n1\t"a" b\n2\t"\n' })
    expect(await fieldsOf(tsv, { path: 'a.tsv', quote: '' }, raw)).toEqual([
      { id: '1', text: '"a" b' },
      { id: '2', text: '"' },
    ])
  })
})

describe('types of a csv', () => {
  const text = 'n,b,zip,big,f\n12,true,02134,12345678901234567890,1.50\n-0.5,no,,x,1e5\n'

  it('auto converts what a number holds without loss, each value by itself', async () => {
    const root = await folderWith({ [path]: text })
    expect(await fieldsOf(csv, { path, types: 'auto' }, root)).toEqual([
      { n: 12, b: true, zip: '02134', big: '12345678901234567890', f: 1.5 },
      { n: -0.5, b: 'no', zip: '', big: 'x', f: '1e5' },
    ])
  })

  it('a mapping converts the columns that it names; an empty value is null', async () => {
    const root = await folderWith({ [path]: 'n,b,j,s\n1e2,TRUE,"{""a"": [1]}",5\n,,,\n' })
    expect(await fieldsOf(csv, { path, types: { n: 'number', b: 'boolean', j: 'json' } }, root)).toEqual([
      { n: 100, b: true, j: { a: [1] }, s: '5' },
      { n: null, b: null, j: null, s: '' },
    ])
  })

  it('refuses JSON with a number that would become another one', async () => {
    for (const value of ['1e400', '{""a"": [1, -1e400]}', '{""id"": 12345678901234567890}']) {
      const root = await folderWith({ [path]: `j\n"${value}"\n` })
      expect(await problemsOf(csv, { path, types: { j: 'json' } }, root), value).toMatchObject([
        { message: expect.stringContaining('which is no JSON'), line: 2 },
      ])
    }
    const root = await folderWith({ [path]: 'j\n"{""id"": ""12345678901234567890"", ""f"": 1.5e10}"\n' })
    expect(await fieldsOf(csv, { path, types: { j: 'json' } }, root)).toEqual([
      { j: { id: '12345678901234567890', f: 1.5e10 } },
    ])
  })

  it('a value of another type, and a column that is not there, are errors', async () => {
    const root = await folderWith({ [path]: 'n,s\n1,a\nmany,b\n9007199254740993,c\n' })
    expect(await problemsOf(csv, { path, types: { n: 'number' } }, root)).toEqual([
      {
        message: 'The value of "n" is "many", which is no number.',
        hint: '"types" makes the column number. Correct the value, or leave the column a string.',
        file: path,
        line: 3,
      },
    ])
    expect(await problemsOf(csv, { path, types: { m: 'number' } }, root)).toMatchObject([
      { message: 'a.csv has no column "m", which "types" names.', hint: 'Its columns are "n" and "s".', line: 1 },
    ])
  })
})

describe('a csv that is broken', () => {
  it.each([
    ['a record with too few values', 'a,b,c\n1,2,3\n1,2\n', 3, 'Expected 3 fields by the header, found 2.'],
    ['a record with too many values', 'a,b\n1,2\n1,2,3\n', 3, 'Expected 2 fields by the header, found 3.'],
    ['a column named twice', 'a,b,a\n1,2,3\n', 1, 'Columns 1 and 3 are both named "a".'],
    ['a column without a name', 'a,,c\n1,2,3\n', 1, 'Column 2 has no name.'],
    ['a column named as a prototype', 'a,__proto__\n1,2\n', 1, 'Column 2 is named "__proto__".'],
    ['an empty file', '', 1, 'a.csv is empty; its first line has to name the columns.'],
    ['an empty file but for line breaks', '\r\n\n', 1, 'a.csv is empty; its first line has to name the columns.'],
    [
      'a quote that is never closed',
      'a,b\n1,2\n"3\n4,5\n',
      3,
      'The quote that opens here is never closed; the file ends inside the field.',
    ],
    [
      'a quote that is never closed, late in its record',
      'a,b\n"1\n2","3\n\n',
      3,
      'The quote that opens here is never closed; the file ends inside the field.',
    ],
    [
      'letters after a closing quote',
      'a,b\n"x"y,2\n',
      2,
      'A quoted field is followed by "y,2\\n"; only the delimiter or the end of the line may follow.',
    ],
    ['UTF-16 without its mark', 'a\0,\0b\0\n\0', 1, 'The header contains bytes that are 0.'],
    ['old line ends', 'a,b\r1,2\r3,4', 1, 'The lines end with carriage returns alone.'],
  ])('%s', async (_, text, line, message) => {
    const root = await folderWith({ [path]: text })
    const problems = await problemsOf(csv, { path }, root)
    expect(problems.map((problem) => [problem.file, problem.line, problem.message])).toEqual([[path, line, message]])
    expect(problems[0]?.hint).toBeTruthy()
  })

  it('several bad records are named at once, at most twenty', async () => {
    const root = await folderWith({ [path]: 'a,b\n1,2\n1\n1,2\n1\n', 'b.csv': `a,b\n${'1\n'.repeat(100)}` })
    expect((await problemsOf(csv, { path }, root)).map((problem) => problem.line)).toEqual([3, 5])
    expect(await problemsOf(csv, { path: 'b.csv' }, root)).toHaveLength(20)
  })

  it('bytes that are not UTF-8 are named with their line', async () => {
    const root = await folderWith({ [path]: Buffer.from('a,b\n1,ok\n2,caf\xe9\n', 'latin1') })
    expect(await problemsOf(csv, { path }, root)).toEqual([
      {
        message: 'The line is not UTF-8: byte 0xe9 cannot stand at its byte 6.',
        hint: expect.stringContaining('encoding: latin1'),
        file: path,
        line: 3,
        column: 6,
      },
    ])
    expect(await problemsOf(csv, { path, delimiter: '||' }, root)).toMatchObject([{ line: 3, column: 6 }])
  })

  it('UTF-16 that is not declared, and UTF-16 that is none', async () => {
    const root = await folderWith({
      'u.csv': Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('a\n1\n', 'utf16le')]),
      'o.csv': Buffer.from([0x61, 0x00, 0x00, 0xd8, 0x61, 0x00]),
    })
    expect(await problemsOf(csv, { path: 'u.csv' }, root)).toMatchObject([
      { message: 'u.csv begins with the mark of UTF-16, not UTF-8.', file: 'u.csv' },
    ])
    expect(await problemsOf(csv, { path: 'o.csv', encoding: 'utf-16le' }, root)).toMatchObject([
      { message: 'o.csv is not valid UTF-16LE.' },
    ])
  })

  it('gzip that is cut off, no gzip at all, or without its ending', async () => {
    const packed = gzipSync(`a,b\n${'1,2\n'.repeat(100_000)}`)
    const root = await folderWith({
      'cut.csv.gz': packed.subarray(0, packed.length / 2),
      'no.csv.gz': 'a,b\n1,2\n',
      'a.csv': packed,
    })
    expect(await problemsOf(csv, { path: 'cut.csv.gz' }, root)).toMatchObject([
      { message: 'cut.csv.gz is cut off: the gzip data ends too early.', file: 'cut.csv.gz' },
    ])
    expect(await problemsOf(csv, { path: 'no.csv.gz' }, root)).toMatchObject([
      { message: 'no.csv.gz is damaged or not gzip data.' },
    ])
    expect(await problemsOf(csv, { path }, root)).toMatchObject([
      { message: 'a.csv is compressed with gzip, but its name does not end in .gz.' },
    ])
  })

  it('is broken in an odd dialect too', async () => {
    const root = await folderWith({ [path]: 'a||b\n1||2\n3||"4\n', 'b.csv': 'a||b\n1\n' })
    expect(await problemsOf(csv, { path, delimiter: '||' }, root)).toMatchObject([
      { message: expect.stringMatching(/^Quote Not Closed/), file: path, line: 3 },
    ])
    expect(await problemsOf(csv, { path: 'b.csv', delimiter: '||' }, root)).toMatchObject([
      { message: 'Expected 2 fields by the header, found 1.', line: 2 },
    ])
  })
})

describe('the options of a csv', () => {
  it('that a schema cannot judge', () => {
    expect(csv.check?.({ path, columns: ['a', 'b', 'a'] })).toMatchObject([{ path: '/columns' }])
    expect(csv.check?.({ path, delimiter: '"', quote: '"' })).toMatchObject([{ path: '/quote' }])
    expect(csv.check?.({ path, escape: '\\', quote: '' })).toMatchObject([{ path: '/escape' }])
    expect(csv.check?.({ path, delimiter: ';' })).toEqual([])
  })
})
