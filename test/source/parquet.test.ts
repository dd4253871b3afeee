import { createHash } from 'node:crypto'
import { readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import type { Encoding } from 'hyparquet'
import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer'
import { describe, expect, it } from 'vitest'
import { parquet } from '../../src/source/parquet.ts'
import { contextFor, fieldsOf, folderWith, problemsOf } from './folder.ts'

const path = 'a.parquet'

function written(columnData: ColumnSource[], rowGroupSize?: number): Uint8Array {
  return new Uint8Array(parquetWriteBuffer({ columnData, ...(rowGroupSize ? { rowGroupSize } : {}) }))
}

/** Files as DuckDB writes them: another implementation than the one that reads. */
async function duckdb(root: string, ...statements: string[]): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  await connection.run(`set file_search_path = '${root}'`)
  for (const statement of statements) await connection.run(statement.replaceAll('$ROOT', root))
  connection.closeSync()
  instance.closeSync()
}

/** Encodings, with values whose pages are larger than what is unpacked at once. */
const ENCODED: [Encoding, NonNullable<ColumnSource['type']>, unknown[]][] = [
  ['PLAIN', 'BOOLEAN', Array.from({ length: 3000 }, (_, i) => i % 3 === 0)],
  ['RLE', 'BOOLEAN', Array.from({ length: 3000 }, (_, i) => i % 3 === 0 || i > 2000)],
  ['PLAIN', 'DOUBLE', Array.from({ length: 70_000 }, (_, i) => i / 7)],
  ['BYTE_STREAM_SPLIT', 'DOUBLE', Array.from({ length: 70_000 }, (_, i) => i / 7)],
  ['DELTA_BINARY_PACKED', 'INT32', Array.from({ length: 40_000 }, (_, i) => ((i * 2_654_435_761) | 0) >> (i % 32))],
  ['DELTA_BINARY_PACKED', 'INT64', Array.from({ length: 9000 }, (_, i) => (BigInt(i) * 7919n ** 3n) % 2n ** 53n)],
  ['DELTA_LENGTH_BYTE_ARRAY', 'STRING', Array.from({ length: 20_000 }, (_, i) => `${i} `.repeat(i % 17))],
  ['DELTA_BYTE_ARRAY', 'STRING', Array.from({ length: 20_000 }, (_, i) => `${'path/'.repeat(i % 17)}${i}`)],
  ['RLE_DICTIONARY', 'STRING', Array.from({ length: 20_000 }, (_, i) => `${i % 701} `.repeat(i % 5))],
]

describe('parquet', () => {
  it('yields a row for each record, in the order of the file', async () => {
    const root = await folderWith({
      [path]: written([
        { name: 'id', data: [1, 2, 3], type: 'INT32' },
        { name: 'text', data: ['a', 'é 😀', null], type: 'STRING' },
      ]),
    })
    expect(await fieldsOf(parquet, { path }, root)).toEqual([
      { id: 1, text: 'a' },
      { id: 2, text: 'é 😀' },
      { id: 3, text: null },
    ])
  })

  it('reads several row groups and several files', async () => {
    const ids = Array.from({ length: 10_000 }, (_, index) => index)
    const texts = ids.map((id) => (id % 7 === 0 ? null : `text ${id}`))
    const root = await folderWith({
      'a.parquet': written(
        [
          { name: 'id', data: ids, type: 'INT32' },
          { name: 'text', data: texts, type: 'STRING' },
        ],
        999,
      ),
      'b.parquet': written([{ name: 'id', data: [-1], type: 'INT32' }]),
    })
    const rows = await fieldsOf(parquet, { path: '*.parquet' }, root)
    expect(rows).toHaveLength(10_001)
    expect(rows.slice(0, -1)).toEqual(ids.map((id, index) => ({ id, text: texts[index] })))
    expect(rows.at(-1)).toEqual({ id: -1 })
  })

  it('reads pages of several megabytes one after the other, each with its own values', async () => {
    const root = await folderWith()
    const pad = 'x'.repeat(100)
    await duckdb(
      root,
      `COPY (SELECT range AS id, range || ' ${pad} ' || range * 7 AS text FROM range(122880)) TO '$ROOT/${path}' (FORMAT parquet, ROW_GROUP_SIZE 61440)`,
    )
    let id = 0
    for await (const { fields } of parquet.rows({ path }, contextFor(root))) {
      if (fields.id !== id || fields.text !== `${id} ${pad} ${id * 7}`) expect(fields).toEqual({ id })
      id += 1
    }
    expect(id).toBe(122_880)
  })

  it('turns every type into JSON without loss', async () => {
    const root = await folderWith()
    await duckdb(
      root,
      `copy (select
        9007199254740991::bigint as safe, 9007199254740993::bigint as big, 18446744073709551615::ubigint as huge,
        200::utinyint as tiny, 1.5::double as dbl, 0.1::float as flt, 'nan'::double as nan, '-inf'::double as inf,
        true as yes, 0.3::decimal(4,1) as dec, 12345678901234567890.12::decimal(22,2) as long, -0.05::decimal(3,2) as neg,
        date '2026-11-22' as day, time '12:34:56.789' as clock,
        timestamp '2026-11-22 01:02:03.456789' as local, timestamptz '2026-11-22 01:02:03.4+00' as utc,
        timestamp_ns '1969-12-31 23:59:59.999999999' as nanos,
        'abc'::blob as bytes, uuid '01234567-89ab-cdef-0123-456789abcdef' as id, 'x'::enum('x','y') as letter,
        null::varchar as nothing, '{"a": [1, 2]}'::json as js
      ) to '$ROOT/${path}'`,
    )
    expect(await fieldsOf(parquet, { path }, root)).toEqual([
      {
        safe: 9007199254740991,
        big: '9007199254740993',
        huge: '18446744073709551615',
        tiny: 200,
        dbl: 1.5,
        flt: 0.1,
        nan: null,
        inf: '-Infinity',
        yes: true,
        dec: 0.3,
        long: '12345678901234567890.12',
        neg: -0.05,
        day: '2026-11-22',
        clock: '12:34:56.789',
        local: '2026-11-22T01:02:03.456789',
        utc: '2026-11-22T01:02:03.400Z',
        nanos: '1969-12-31T23:59:59.999999999',
        bytes: 'YWJj',
        id: '01234567-89ab-cdef-0123-456789abcdef',
        letter: 'x',
        nothing: null,
        js: { a: [1, 2] },
      },
    ])
  })

  it('keeps lists, maps and structs, across pages and row groups', async () => {
    const root = await folderWith()
    await duckdb(
      root,
      `copy (select i as id,
         case when i % 5 = 0 then null when i % 3 = 0 then [] else [i, null, i + 1] end as list,
         [[i], [], [i, i]] as lists,
         {'a': i, 'b': {'c': i::varchar, 'd': case when i % 2 = 0 then null else [i] end}} as struct,
         case when i % 4 = 0 then null else {'x': 0.5::decimal(3,1)} end as maybe,
         map {'k' || i: i, 'l': null} as map,
         [{'n': i, 's': 'x'}, {'n': null, 's': null}] as structs
       from range(6000) t(i)) to '$ROOT/${path}' (row_group_size 2500)`,
    )
    const rows = await fieldsOf(parquet, { path }, root)
    expect(rows).toHaveLength(6000)
    for (const [i, row] of rows.entries()) {
      expect(row).toEqual({
        id: i,
        list: i % 5 === 0 ? null : i % 3 === 0 ? [] : [i, null, i + 1],
        lists: [[i], [], [i, i]],
        struct: { a: i, b: { c: String(i), d: i % 2 === 0 ? null : [i] } },
        maybe: i % 4 === 0 ? null : { x: 0.5 },
        map: { [`k${i}`]: i, l: null },
        structs: [
          { n: i, s: 'x' },
          { n: null, s: null },
        ],
      })
    }
  })

  it.each(['uncompressed', 'snappy', 'gzip', 'zstd', 'lz4_raw', 'brotli'])('unpacks %s', async (codec) => {
    const root = await folderWith()
    // The numbers are a small page, the texts one of a megabyte, which is unpacked piece by piece.
    await duckdb(
      root,
      `copy (select i, 'text ' || i || repeat(' and more', 80) as t from range(1000) t(i)) to '$ROOT/${path}' (compression ${codec}, row_group_size 2048)`,
    )
    const rows = await fieldsOf(parquet, { path }, root)
    expect(rows).toEqual(rows.map((_, i) => ({ i, t: `text ${i}${' and more'.repeat(80)}` })))
    expect(rows).toHaveLength(1000)
  })

  it.each(ENCODED)('reads %s in a page of any size', async (encoding, type, data) => {
    const column = (values: unknown[]): ColumnSource[] => [{ name: 'a', data: values, type, encoding, nullable: true }]
    const holes = data.map((value, index) => (index % 5 === 3 ? null : value))
    for (const values of [data, holes, data.slice(0, 1), [null]]) {
      const options = { columnData: column(values), pageSize: 1024 * 1024 * 1024, statistics: false }
      const root = await folderWith({ [path]: new Uint8Array(parquetWriteBuffer(options)) })
      const rows = await fieldsOf(parquet, { path }, root)
      expect(rows).toEqual(values.map((a) => ({ a: typeof a === 'bigint' ? Number(a) : a })))
    }
  })

  it('reads version 2 of the format', async () => {
    const root = await folderWith()
    await duckdb(
      root,
      `copy (select i, 'a long text with the number ' || i as t, i / 7.0 as d from range(9000) t(i)) to '$ROOT/${path}' (parquet_version v2, row_group_size 4000)`,
    )
    const rows = await fieldsOf(parquet, { path }, root)
    expect(rows).toHaveLength(9000)
    expect(rows[8999]).toEqual({ i: 8999, t: 'a long text with the number 8999', d: 8999 / 7 })
  })

  it('reads only the columns that are asked for', async () => {
    const root = await folderWith({
      [path]: written([
        { name: 'id', data: [1], type: 'INT32' },
        { name: 'text', data: ['a'], type: 'STRING' },
      ]),
    })
    expect(await fieldsOf(parquet, { path, columns: ['text'] }, root)).toEqual([{ text: 'a' }])
    expect(await problemsOf(parquet, { path, columns: ['txt'] }, root)).toEqual([
      { message: 'a.parquet has no column "txt".', hint: 'Did you mean "text"?', file: path },
    ])
  })

  it('reads bytes without a text type as text where the job says so', async () => {
    const root = await folderWith()
    await duckdb(root, `copy (select 'caf\\xC3\\xA9'::blob as t) to '$ROOT/${path}'`)
    expect(await fieldsOf(parquet, { path, binary: 'text' }, root)).toEqual([{ t: 'café' }])
    await duckdb(root, `copy (select '\\xE9'::blob as t) to '$ROOT/${path}'`)
    expect(await problemsOf(parquet, { path, binary: 'text' }, root)).toMatchObject([
      { message: 'a.parquet cannot be used: column "t": it holds a text that is not UTF-8.' },
    ])
  })

  it('refuses JSON with a number that would become another one', async () => {
    for (const value of ['1e400', '{"a": 1e400}', '[12345678901234567890]']) {
      const root = await folderWith()
      await duckdb(root, `copy (select '${value}'::json as j) to '$ROOT/${path}'`)
      const problems = await problemsOf(parquet, { path }, root)
      expect(problems[0]?.message).toContain('it holds JSON with a number that is too large to be kept exactly')
    }
  })

  it('refuses texts that are whole characters only together', async () => {
    const root = await folderWith()
    for (const between of ['', "('', 2),"]) {
      await duckdb(
        root,
        `copy (select t from (values ('\\xC3'::blob, 1), ${between} ('\\xA9'::blob, 3)) as r(t, i) order by i) to '$ROOT/${path}'`,
      )
      expect(await problemsOf(parquet, { path, binary: 'text' }, root)).toMatchObject([
        { message: 'a.parquet cannot be used: column "t": it holds a text that is not UTF-8.' },
      ])
    }
  })

  it('keeps texts apart where a column begins with a dictionary and goes on without', async () => {
    const root = await folderWith()
    // The dictionary grows too large on the way.
    await duckdb(
      root,
      `copy (select case when i < 20000 then 'é ' || (i % 5) else repeat(md5(i::varchar), 3) end as t, [i, 1] as l
       from range(60000) as r(i)) to '$ROOT/${path}' (row_group_size 100000)`,
    )
    const rows = await fieldsOf(parquet, { path }, root)
    expect(rows).toHaveLength(60_000)
    for (const i of [0, 1, 4, 19_999]) expect(rows[i]).toEqual({ t: `é ${i % 5}`, l: [i, 1] })
    for (const i of [20_000, 20_001, 59_999]) {
      expect(rows[i]).toEqual({ t: createHash('md5').update(String(i)).digest('hex').repeat(3), l: [i, 1] })
    }
    expect(await fieldsOf(parquet, { path, columns: ['t'] }, root)).toEqual(rows.map(({ t }) => ({ t })))
  })

  it('a file without rows is a dataset without rows', async () => {
    const root = await folderWith()
    await duckdb(root, `copy (select 1 as a where false) to '$ROOT/${path}'`)
    expect(await fieldsOf(parquet, { path }, root)).toEqual([])
  })
})

describe('a parquet that is broken', () => {
  it.each([
    ['an empty file', '', 'a.parquet is no Parquet file: it does not begin with PAR1.'],
    ['another file', 'id,text\n1,a\n2,b\n', 'a.parquet is no Parquet file: it does not begin with PAR1.'],
    ['an encrypted file', 'PARE and then something else PARE', 'a.parquet is encrypted.'],
    [
      'a footer that is none',
      `PAR1${'x'.repeat(100)}PAR1`,
      'a.parquet is damaged: its end cannot be read, it may be cut off',
    ],
  ])('%s', async (_, content, message) => {
    const root = await folderWith({ [path]: content })
    const problems = await problemsOf(parquet, { path }, root)
    expect(problems).toHaveLength(1)
    expect(problems[0]?.message).toContain(message)
    expect(problems[0]?.file).toBe(path)
  })

  it('a file that is cut off', async () => {
    const root = await folderWith({ [path]: written([{ name: 'a', data: ['x', 'y'], type: 'STRING' }]) })
    const { length } = await readFile(join(root, path))
    await truncate(join(root, path), length - 20)
    expect((await problemsOf(parquet, { path }, root))[0]?.message).toContain('it may be cut off')
  })

  it('bytes that were changed are an error or another value, never a crash or a hang', async () => {
    const texts = Array.from({ length: 300 }, (_, index) => `text ${index}`)
    const good = written([
      { name: 'a', data: texts, type: 'STRING' },
      { name: 'b', data: texts.map((_, index) => index), type: 'INT32' },
    ])
    const root = await folderWith()
    for (let seed = 0; seed < 300; seed++) {
      const bytes = Buffer.from(good)
      for (let i = 0; i < 3; i++) bytes[(seed * 7919 + i * 104_729) % bytes.length] = (seed * 31 + i * 17) % 256
      await writeFile(join(root, path), bytes)
      await fieldsOf(parquet, { path }, root).catch((error: unknown) => expect(error).toHaveProperty('problems'))
    }
  })
})
