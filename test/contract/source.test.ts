import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { parquetWriteBuffer } from 'hyparquet-writer'
import type { JsonObject } from '../../src/core/json.ts'
import type { Outcome } from '../../src/core/result.ts'
import { csv } from '../../src/source/csv.ts'
import { files } from '../../src/source/files.ts'
import { json } from '../../src/source/json.ts'
import { jsonl } from '../../src/source/jsonl.ts'
import { module } from '../../src/source/module.ts'
import { parquet } from '../../src/source/parquet.ts'
import { resultsSource } from '../../src/source/results.ts'
import { rows } from '../../src/source/rows.ts'
import { sql } from '../../src/source/sql.ts'
import { tsv } from '../../src/source/tsv.ts'
import { describeSource } from './source-contract.ts'

const at = (path: string): JsonObject => ({ path })

function separated(data: readonly JsonObject[], delimiter: string): string {
  const line = (values: readonly unknown[]): string =>
    `${values.map((value) => `"${String(value).replaceAll('"', '""')}"`).join(delimiter)}\r\n`
  return `\ufeff${line(['id', 'text'])}${data.map((row) => line([row.id, row.text])).join('')}`
}

function column(data: readonly JsonObject[], name: string): { name: string; data: string[]; type: 'STRING' } {
  return { name, data: data.map((row) => String(row[name])), type: 'STRING' }
}

describeSource('rows', {
  source: rows,
  write: async (_, data) => ({ rows: data }),
})

describeSource('csv', {
  source: csv,
  async write(root, data) {
    await writeFile(join(root, 'a.csv'), separated(data, ','))
    return at('a.csv')
  },
  at,
})

describeSource('tsv', {
  source: tsv,
  async write(root, data) {
    await writeFile(join(root, 'a.tsv.gz'), gzipSync(separated(data, '\t')))
    return at('a.tsv.gz')
  },
  at,
})

describeSource('jsonl', {
  source: jsonl,
  async write(root, data) {
    await writeFile(join(root, 'a.jsonl'), data.map((row) => `${JSON.stringify(row)}\n`).join(''))
    return at('*.jsonl')
  },
  at,
})

describeSource('json', {
  source: json,
  async write(root, data) {
    await writeFile(join(root, 'a.json'), JSON.stringify({ list: data }, null, 2))
    return { path: ['a.json'], at: 'list' }
  },
  at,
})

describeSource('parquet', {
  source: parquet,
  async write(root, data) {
    const columnData = [column(data, 'id'), column(data, 'text')]
    await writeFile(join(root, 'a.parquet'), new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize: 300 })))
    return at('a.parquet')
  },
  at,
})

describeSource('files', {
  source: files,
  async write(root, data) {
    await mkdir(join(root, 'docs'))
    for (const [index, row] of data.entries()) await writeFile(join(root, 'docs', nameOf(index)), String(row.text))
    return at('docs/**/*.txt')
  },
  expected: (fields, index) => ({
    file: {
      path: `docs/${nameOf(index)}`,
      name: nameOf(index),
      stem: nameOf(index).slice(0, -4),
      ext: '.txt',
      dir: 'docs',
      size: Buffer.byteLength(String(fields.text)),
    },
  }),
  at,
})

function nameOf(index: number): string {
  return `${String(index).padStart(5, '0')} é 😀.txt`
}

describeSource('sql', {
  source: sql,
  async write(root, data) {
    await writeFile(join(root, 'a.csv'), separated(data, ','))
    return { query: 'select id, text from t order by id::int', files: { t: 'a.csv' } }
  },
  at: (path) => ({ query: 'select * from t', files: { t: path } }),
})

describeSource('module', {
  source: module,
  async write(root, data) {
    await writeFile(join(root, 'a.mjs'), `export const data = async function* () { yield* ${JSON.stringify(data)} }`)
    return { module: 'a.mjs', export: 'data' }
  },
  at: (path) => ({ module: path }),
})

let outcomes: readonly Outcome[] = []

describeSource('results', {
  source: resultsSource(async function* (_, { signal }) {
    signal.throwIfAborted()
    yield* outcomes
  }),
  async write(_, data) {
    outcomes = data.map((row) => outcomeOf(row))
    return { job: 'extract', select: 'all' }
  },
  expected: (fields) => ({ ...outcomeOf(fields) }) as unknown as JsonObject,
})

function outcomeOf(row: JsonObject): Outcome {
  return {
    key: String(row.id),
    custom_id: `${row.id}-x`,
    status: 'succeeded',
    output: row.text ?? null,
    text: String(row.text),
    stop_reason: 'end_turn',
    model: 'claude-haiku-5-5',
    usage: { input_tokens: 1, output_tokens: 1, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 },
    cost_usd: 0,
    attempts: 1,
    rounds: 1,
    batch_id: 'msgbatch_1',
    error: null,
    row,
  }
}
