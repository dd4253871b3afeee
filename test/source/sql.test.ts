import { existsSync } from 'node:fs'
import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { describe, expect, it } from 'vitest'
import { sql, sqlSource } from '../../src/source/sql.ts'
import { contextFor, fieldsOf, folderWith, problemsOf, readAll } from './folder.ts'

const reviews = 'id,zip,stars,text\n1,02134,5,good\n2,00501,1,"bad, very"\n3,10001,2,\n'

describe('sql', () => {
  it('reads a file named in FROM, relative to the root, every column of a CSV a text', async () => {
    const root = await folderWith({ 'data/reviews.csv': reviews })
    const query = "select zip, text, stars::int as stars from 'data/reviews.csv' where stars::int < 5 order by id desc"
    expect(await readAll(sql, { query }, root)).toEqual([
      { fields: { zip: '10001', text: '', stars: 2 }, place: { file: 'jobs/job.yaml' } },
      { fields: { zip: '00501', text: 'bad, very', stars: 1 }, place: { file: 'jobs/job.yaml' } },
    ])
  })

  it('joins files of every kind under names', async () => {
    const root = await folderWith({
      'r/a.csv': 'id,product\n1,10\n',
      'r/b.csv': 'id,product\n2,20\n',
      'p.jsonl': '{"id": 10, "name": {"de": "Uhr"}, "n": 1}\n{"id": 20, "name": "watch"}\n',
      'q.json': '[{"id": 10, "tags": ["x"]}]',
      'u.parquet': new Uint8Array(parquetWriteBuffer({ columnData: [{ name: 'id', data: [1, 2], type: 'INT32' }] })),
      't.tsv.gz': gzipSync('id\tnote\n1\tn1\n'),
    })
    const query = `
      select r.id, p.json as product, q.json->'$.tags' as tags, u.id as uid, t.note
      from r join p on p.json->>'$.id' = r.product
      left join q on q.json->>'$.id' = r.product join u on u.id = r.id::int left join t on t.id = r.id
      order by r.id`
    const files = { r: 'r/*.csv', p: 'p.jsonl', q: 'q.json', u: 'u.parquet', t: 't.tsv.gz' }
    expect(await fieldsOf(sql, { query, files }, root)).toEqual([
      { id: '1', product: { id: 10, name: { de: 'Uhr' }, n: 1 }, tags: ['x'], uid: 1, note: 'n1' },
      { id: '2', product: { id: 20, name: 'watch' }, tags: null, uid: 2, note: null },
    ])
  })

  it('turns every type into JSON without loss', async () => {
    const root = await folderWith()
    const query = `select count(*) as n, 9007199254740993::bigint as big, sum(2) as s, 1.10::decimal(4,2) as d,
      12345678901234567890.12::decimal(22,2) as long, 0.1::float as f, 'nan'::double as nan, null as nothing, true as b,
      [1, null] as l, [timestamp '2026-01-01'] as ts, {'a': 1, 'b': [date '2026-02-03']} as st, map {'k': 9007199254740993::hugeint} as m,
      timestamptz '2026-01-01 00:00:00+00' as tz, timestamp '2026-01-01 01:02:03.456789' as t, time '01:02:03' as c,
      'abc'::blob as bin, '{"x": [1]}'::json as j, interval 2 days as i,
      '01234567-89ab-cdef-0123-456789abcdef'::uuid as u, [1, 2]::int[2] as arr`
    expect(await fieldsOf(sql, { query }, root)).toEqual([
      {
        n: 1,
        big: '9007199254740993',
        s: 2,
        d: 1.1,
        long: '12345678901234567890.12',
        f: 0.1,
        nan: null,
        nothing: null,
        b: true,
        l: [1, null],
        ts: ['2026-01-01T00:00:00.000'],
        st: { a: 1, b: ['2026-02-03'] },
        m: { k: '9007199254740993' },
        tz: '2026-01-01T00:00:00.000Z',
        t: '2026-01-01T01:02:03.456789',
        c: '01:02:03.000',
        bin: 'YWJj',
        j: { x: [1] },
        i: '2 days',
        u: '01234567-89ab-cdef-0123-456789abcdef',
        arr: [1, 2],
      },
    ])
  })

  it('streams, and stops when its reader does', async () => {
    const root = await folderWith()
    let count = 0
    for await (const { fields } of sql.rows({ query: 'select i from range(100000000) t(i)' }, contextFor(root))) {
      expect(fields).toEqual({ i: count })
      if (++count === 5000) break
    }
    expect(count).toBe(5000)
  })

  it.each([0, 20, 100])(
    'is interrupted by its signal after %i ms, also before its query has begun',
    async (afterMs) => {
      const root = await folderWith()
      const stop = new AbortController()
      setTimeout(() => stop.abort(new Error('stopped')), afterMs)
      const query = 'select sum(a.i * b.i) from range(1000000) a(i), range(1000000) b(i)'
      await expect(async () => {
        for await (const _ of sql.rows({ query }, contextFor(root, stop.signal))) expect.unreachable()
      }).rejects.toThrow('stopped')
    },
  )
})

describe('a query that is refused', () => {
  const files = { 'data/reviews.csv': reviews, 'p.jsonl': '{"id": 1}\n', 'ragged.csv': 'a,b\n1,2\n3\n' }

  it.each([
    ['a syntax error', 'selec 1', 'Parser Error: syntax error at or near "selec"'],
    ['an unknown table', 'select * from reviews', 'Catalog Error: Table with name reviews does not exist!'],
    ['an unknown column', "select nope from 'data/reviews.csv'", 'Binder Error: Referenced column "nope" not found'],
    ['a ragged file', "select * from 'ragged.csv'", 'Line: 3'],
    ['two statements', 'select 1; select 2', 'The query has to be one SELECT. It has 2 statements.'],
    ['no statement', '-- nothing\n ; /* at all */', 'The query has to be one SELECT. It is empty.'],
    ['a statement that writes', "copy (select 1) to '$ROOT/x.csv'", 'The query has to be one SELECT. It is no SELECT.'],
    ['a statement that creates', 'create table t (a int)', 'The query has to be one SELECT. It is no SELECT.'],
    ['a database', "attach 'x.db'", 'The query has to be one SELECT. It is no SELECT.'],
    ['two columns of one name', 'select 1 as a, 2 as a', 'The query gives two columns named "a".'],
    ['a file that is not there', "select * from 'data/review.csv'", 'data/review.csv does not exist.'],
    ['another kind of file', "select * from 'a.xlsx'", 'a.xlsx does not exist.'],
    ['a file outside the root', "select * from '../../etc/passwd.csv'", 'leads outside the project root'],
    ['a function that reads outside the root', "select * from read_text('/etc/passwd')", 'Permission Error'],
    ['the network', "select * from read_csv('https://127.0.0.1/a.csv')", 'Permission Error'],
    [
      'a number that JSON cannot keep',
      `select '{"a": 12345678901234567890}'::json as j`,
      'too large to be kept exactly',
    ],
  ])('%s', async (_, query, message) => {
    const root = await folderWith(files)
    const problems = await problemsOf(sql, { query: query.replace('$ROOT', root) }, root)
    expect(problems.map((problem) => problem.message).join('\n')).toContain(message)
    expect(existsSync(join(root, 'x.csv'))).toBe(false)
  })

  it('a link out of the root, a name for different kinds, files with different headers', async () => {
    const root = await folderWith({ ...files, 'h/a.csv': 'a,b\n1,2\n', 'h/b.csv': 'b,a\n1,2\n' })
    await symlink('/etc/passwd', join(root, 'link.csv'))
    expect((await problemsOf(sql, { query: "select * from 'link.csv'" }, root))[0]?.message).toContain(
      'leads outside the project root',
    )
    const query = 'select * from f'
    expect(await problemsOf(sql, { query, files: { f: ['p.jsonl', 'ragged.csv'] } }, root)).toMatchObject([
      { message: 'The files of "f" are of different kinds: .jsonl, .csv.', path: '/dataset/files' },
    ])
    expect(await problemsOf(sql, { query, files: { f: 'h/*.csv' } }, root)).toMatchObject([
      { message: 'The header of h/b.csv differs from that of h/a.csv.', file: 'h/b.csv', line: 1 },
    ])
  })

  it('says how to get at the members of JSON, and at numbers in CSV', async () => {
    const root = await folderWith(files)
    expect((await problemsOf(sql, { query: "select id from 'p.jsonl'" }, root))[0]?.hint).toContain("json->>'$.id'")
    expect(
      (await problemsOf(sql, { query: "select id from 'data/reviews.csv' where stars > 3 + id" }, root))[0]?.hint,
    ).toContain('stars::int')
  })

  it('without DuckDB, which then has to be installed', async () => {
    const root = await folderWith()
    const missing = sqlSource(() => Promise.reject(Object.assign(new Error('no'), { code: 'ERR_MODULE_NOT_FOUND' })))
    expect(await problemsOf(missing, { query: 'select 1' }, root)).toEqual([
      {
        message: 'A dataset of type sql needs the package @duckdb/node-api, which is not installed.',
        hint: 'Install it beside batchwright: npm install @duckdb/node-api',
        file: 'jobs/job.yaml',
        path: '/dataset/type',
      },
    ])
  })

  it('names that differ in capitals alone', () => {
    expect(sql.check?.({ query: 'select 1', files: { a: 'x.csv', A: 'y.csv' } })).toMatchObject([{ path: '/files' }])
  })
})
