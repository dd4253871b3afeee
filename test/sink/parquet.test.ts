import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Json, JsonObject } from '../../src/core/json.ts'
import type { Outcome } from '../../src/core/result.ts'
import { outcomeOf, outcomesOf } from '../../src/sink/contract-data.ts'
import { parquet } from '../../src/sink/parquet.ts'
import type { SinkContext } from '../../src/sink/sink.ts'
import { describeSink } from '../contract/sink-contract.ts'
import { duckdb, duckdbTypes } from './duckdb.ts'
import { contextIn, exists, folderPlace, newRoot } from './places.ts'

describeSink('parquet', {
  sink: parquet,
  expect: ({ key, output }) => ({ key, output }),
  place: async () =>
    folderPlace(
      await newRoot(),
      { path: 'out/rows.parquet', columns: ['key', 'output'] },
      async (root) =>
        (await exists(join(root, 'out/rows.parquet'))) ? duckdb(`FROM '${join(root, 'out/rows.parquet')}'`) : undefined,
      // An output of which nothing is known: its type comes from the data alone.
      { outputSchema: {} },
    ),
})

async function written(
  outcomes: readonly Outcome[],
  columns: Json | undefined,
  more: Partial<SinkContext> = {},
): Promise<{ rows: readonly JsonObject[]; types: Readonly<Record<string, Json>> }> {
  const root = await newRoot()
  const options = { path: 'rows.parquet', ...(columns === undefined ? {} : { columns }) }
  const writer = await parquet.open(options, contextIn(root, more))
  const part = await writer.openPart({ index: 0, attempt: 1 })
  for (const outcome of outcomes) await part.write(outcome)
  await part.commit()
  await writer.finish()
  const from = `FROM '${join(root, 'rows.parquet')}'`
  return { rows: await duckdb(from), types: await duckdbTypes(from) }
}

const withOutputs = (...outputs: readonly Json[]): readonly Outcome[] =>
  outputs.map((output, index) => ({ ...outcomeOf(`row-${index}`, index), output }))

describe('the types of a Parquet file', () => {
  test('come from the schema of the output, also when there are no rows', async () => {
    const outputSchema = {
      type: 'object',
      properties: {
        title: { type: 'string' },
        pages: { type: 'integer' },
        score: { type: 'number' },
        done: { type: 'boolean' },
        extra: { type: 'object' },
      },
    }
    const { types, rows } = await written([], undefined, { outputSchema })
    expect(rows).toEqual([])
    expect(types).toEqual({
      key: 'VARCHAR',
      status: 'VARCHAR',
      title: 'VARCHAR',
      pages: 'BIGINT',
      score: 'DOUBLE',
      done: 'BOOLEAN',
      extra: 'JSON',
      error: 'VARCHAR',
      cost_usd: 'DOUBLE',
    })
    const whole = { title: 'T', pages: 3, score: 1, done: true, extra: { a: 1 } }
    const filled = await written(withOutputs(whole), undefined, { outputSchema })
    expect(filled.types).toMatchObject({ score: 'DOUBLE', extra: 'STRUCT(a BIGINT)' })
    expect(filled.rows[0]).toMatchObject(whole)
  })

  test('come from all rows of the data, wherever the telling one stands', async () => {
    const outputs = [
      { n: 1, list: [], deep: { a: null }, map: {}, mixed: 1, text: null },
      { n: 2, list: [[1]], deep: { a: [{ b: 'x' }] }, map: {}, mixed: 'two', text: 'T' },
      { n: 2.5, list: [[], null, [2]], deep: null, map: {}, mixed: { three: 3 } },
    ]
    const columns = Object.fromEntries(
      ['n', 'list', 'deep', 'map', 'mixed', 'text'].map((name) => [name, `output.${name}`]),
    )
    const { rows, types } = await written(withOutputs(...outputs), columns)
    expect(types).toEqual({
      n: 'DOUBLE',
      list: 'BIGINT[][]',
      deep: 'STRUCT(a STRUCT(b VARCHAR)[])',
      map: 'JSON',
      mixed: 'JSON',
      text: 'VARCHAR',
    })
    expect(rows).toEqual(outputs.map((output) => ({ text: null, ...output })))
  })

  test('of a dictionary, whose names are data, is JSON', async () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`word ${index}`, index]))
    const twins = { a: 1, A: 2 }
    const { rows, types } = await written(withOutputs({ many, twins }), { many: 'output.many', twins: 'output.twins' })
    expect(types).toEqual({ many: 'JSON', twins: 'JSON' })
    expect(rows).toEqual([{ many, twins }])
  })

  test('of a text column stays text when a failed row has something else', async () => {
    const outputSchema = { type: 'object', properties: { title: { type: 'string' } } }
    const { rows, types } = await written(
      withOutputs({ title: 'T' }, { title: 5 }),
      { title: 'output.title' },
      { outputSchema },
    )
    expect(types).toEqual({ title: 'VARCHAR' })
    expect(rows).toEqual([{ title: 'T' }, { title: '5' }])
  })

  test('do not come from a part that was aborted', async () => {
    const root = await newRoot()
    const writer = await parquet.open({ path: 'rows.parquet', columns: { n: 'row.n' } }, contextIn(root))
    const aborted = await writer.openPart({ index: 0, attempt: 1 })
    await aborted.write({ ...outcomeOf('a', 0), row: { n: 'one' } })
    await aborted.abort()
    const part = await writer.openPart({ index: 0, attempt: 1 })
    await part.write({ ...outcomeOf('a', 0), row: { n: 1 } })
    await part.commit()
    await writer.finish()
    expect(await duckdbTypes(`FROM '${join(root, 'rows.parquet')}'`)).toEqual({ n: 'BIGINT' })
  })

  test('that are JSON do not put whole values into the footer', async () => {
    const root = await newRoot()
    const writer = await parquet.open({ path: 'rows.parquet', columns: { v: 'row.v' } }, contextIn(root))
    const part = await writer.openPart({ index: 0, attempt: 1 })
    for (const v of ['x'.repeat(1 << 20), 1]) await part.write({ ...outcomeOf('a', 0), row: { v: [v, { mixed: v }] } })
    await part.commit()
    await writer.finish()
    expect((await stat(join(root, 'rows.parquet'))).size).toBeLessThan(1 << 19)
  })

  test('do not follow names that every object inherits', async () => {
    const { rows } = await written(withOutputs({ o: { constructor: 'x' } }, { o: {} }), { o: 'output.o' })
    expect(rows).toEqual([{ o: { constructor: 'x' } }, { o: { constructor: null } }])
  })
})

test('a Parquet file of many rows has row groups of bounded size, and all rows in order', async () => {
  const outcomes = outcomesOf('row', 0, 120_000)
  const root = await newRoot()
  const writer = await parquet.open({ path: 'rows.parquet' }, contextIn(root))
  for (let index = 0; index < 12; index++) {
    const part = await writer.openPart({ index, attempt: 1 })
    for (const outcome of outcomes.slice(index * 10_000, (index + 1) * 10_000)) await part.write(outcome)
    await part.commit()
  }
  await writer.finish()
  const path = join(root, 'rows.parquet')
  const groups = await duckdb(
    `SELECT DISTINCT row_group_id, row_group_num_rows AS n FROM parquet_metadata('${path}') ORDER BY 1`,
  )
  expect(groups.map(({ n }) => n)).toEqual([20_000, 20_000, 20_000, 20_000, 20_000, 20_000])
  const [summary] = await duckdb(
    `SELECT count(*) AS n, count(DISTINCT key) AS keys, min(key) AS first, bool_and(key = 'row-' || lpad(file_row_number::VARCHAR, 6, '0')) AS ordered FROM read_parquet('${path}', file_row_number = true)`,
  )
  expect(summary).toEqual({ n: 120_000, keys: 120_000, first: 'row-000000', ordered: true })
})

test('a Parquet file is not compressed a second time', () => {
  expect(parquet.check?.({ path: 'rows.parquet.gz' })).toHaveLength(1)
})
