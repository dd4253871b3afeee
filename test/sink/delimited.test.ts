import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Json, JsonObject } from '../../src/core/json.ts'
import { outcomeOf } from '../../src/sink/contract-data.ts'
import { csv } from '../../src/sink/csv.ts'
import type { SinkContext } from '../../src/sink/sink.ts'
import { tsv } from '../../src/sink/tsv.ts'
import { duckdb } from './duckdb.ts'
import { contextIn, newRoot } from './places.ts'

const row = outcomeOf('a', 0)

async function written(
  outputs: readonly Json[],
  options: JsonObject = {},
  more: Partial<SinkContext> = {},
  sink = csv,
) {
  const root = await newRoot()
  const writer = await sink.open({ path: 'rows.csv', columns: { value: 'output' }, ...options }, contextIn(root, more))
  const part = await writer.openPart({ index: 0, attempt: 1 })
  for (const output of outputs) await part.write({ ...row, output })
  await part.commit()
  await writer.finish()
  const path = join(root, 'rows.csv')
  return { path, text: await readFile(path, 'utf8') }
}

describe('the header of a csv file', () => {
  test('is there without a single row, with the columns in the order of the job', async () => {
    const { text } = await written([], { columns: { title: 'output.title', key: 'key', usd: 'cost_usd' } })
    expect(text).toBe('title,key,usd\n')
  })

  test('has by default one column for each property of the output, beside key, status, error and cost', async () => {
    const outputSchema = { type: 'object', properties: { title: {}, status: {}, 'a.b': {} } }
    const options = { path: 'rows.csv' }
    const root = await newRoot()
    const writer = await csv.open(options, contextIn(root, { outputSchema }))
    const part = await writer.openPart({ index: 0, attempt: 1 })
    await part.write({ ...row, output: { title: 'T', status: 'draft', 'a.b': 1 } })
    await part.write({
      ...row,
      key: 'b',
      status: 'expired',
      output: null,
      error: { type: 'expired', message: 'late' },
      cost_usd: null,
    })
    await part.commit()
    await writer.finish()
    expect(await readFile(join(root, 'rows.csv'), 'utf8')).toBe(
      'key,status,title,output_status,a.b,error,cost_usd\na,succeeded,T,draft,1,,0.0001\nb,expired,,,,late,\n',
    )
  })

  test('begins with a byte order mark where the job asks for one', async () => {
    expect((await written([], { bom: true })).text).toBe('\ufeffvalue\n')
  })
})

describe('a value in a csv file', () => {
  test.each<[Json, string]>([
    ['plain', 'plain'],
    ['a,b', '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ['two\nlines', '"two\nlines"'],
    ['return\r', '"return\r"'],
    [' spaced', '" spaced"'],
    ['semi;colon\ttab', 'semi;colon\ttab'],
    ['', '""'],
    [5, '5'],
    [1e21, '1e+21'],
    [false, 'false'],
    [['x', 'y'], '"[""x"",""y""]"'],
  ])('%j is written as %s', async (value, text) => {
    expect((await written([value])).text).toBe(`value\n${text}\n`)
  })

  test('that is null is nothing, which DuckDB tells from an empty text', async () => {
    const { path, text } = await written([null, ''], { columns: { value: 'output', key: 'key' } })
    expect(text).toBe('value,key\n,a\n"",a\n')
    expect(
      await duckdb(`FROM read_csv('${path}', header = true, all_varchar = true, allow_quoted_nulls = false)`),
    ).toEqual([
      { value: null, key: 'a' },
      { value: '', key: 'a' },
    ])
  })

  test('that is null and alone in its line does not make the line empty', async () => {
    expect((await written([null])).text).toBe('value\n""\n')
  })

  test('that a spreadsheet would run is kept, or escaped where the job asks for it', async () => {
    const dangerous = ['=1+1', '+1', '-1', '@a', '\ta', '\ra', "=cmd|' /C calc'!A0"]
    const keep = await written(dangerous)
    expect(keep.text.split('\n').slice(1, 4)).toEqual(['=1+1', '+1', '-1'])
    const escaped = await written([...dangerous, -1, 'a=1'], { formulas: 'escape' })
    expect(escaped.text.split('\n')).toEqual([
      'value',
      "'=1+1",
      "'+1",
      "'-1",
      "'@a",
      "'\ta",
      `"'\ra"`,
      "'=cmd|' /C calc'!A0",
      '-1',
      'a=1',
      '',
    ])
  })
})

describe('the form of a csv file', () => {
  test('has the delimiter and the newline of the job', async () => {
    const { text } = await written(['a;b', 'a,b'], {
      delimiter: ';',
      newline: 'crlf',
      columns: { value: 'output', key: 'key' },
    })
    expect(text).toBe('value;key\r\n"a;b";a\r\na,b;a\r\n')
  })

  test.each(['|', ']', '^', '\\', '-', '.', '*'])('may be delimited by %s', async (delimiter) => {
    const { text } = await written([`x${delimiter}y`, 'xy'], { delimiter, columns: { value: 'output', key: 'key' } })
    expect(text).toBe(`value${delimiter}key\n"x${delimiter}y"${delimiter}a\nxy${delimiter}a\n`)
  })

  test('is not delimited by what quoting needs', () => {
    expect(csv.check?.({ path: 'a.csv', delimiter: '"' })?.[0]?.path).toBe('/delimiter')
    expect(csv.check?.({ path: 'a.csv', delimiter: '\n' })).toHaveLength(1)
  })

  test('of a tsv file has tabs', async () => {
    const { text } = await written(['a\tb', 'a,b'], { columns: { value: 'output', key: 'key' } }, {}, tsv)
    expect(text).toBe('value\tkey\n"a\tb"\ta\na,b\ta\n')
  })

  test('is read by DuckDB without any hint', async () => {
    const values = ['a,b', 'say "hi"', 'two\nlines', 'é 🧪', "'single'", 'plain']
    const { path } = await written(values, { columns: { key: 'key', value: 'output', usd: 'cost_usd' } })
    expect(await duckdb(`FROM '${path}'`)).toEqual(values.map((value) => ({ key: 'a', value, usd: 0.0001 })))
  })
})
