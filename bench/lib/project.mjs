// A project to measure: its rows, its templates, its job.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeCsv, writeJsonl } from './data.mjs'

/** About 2 KB that all requests share. */
export const SYSTEM = 'You read letters of customers and say what they want. '.repeat(38)

/** Seven lines with five variables. */
export const PLAIN = `Name: {{name}}
Number: {{id}}
City: {{city}}
Stars: {{stars}}

The customer writes:
{{note}}`
/** The same text where there are stars, in a template that has to be understood. */
export const ANY = PLAIN.replace('Stars: {{stars}}', '{{#if stars}}Stars: {{stars}}{{/if}}')

/** What every answer of the replaying server fits. */
export const SCHEMA = {
  type: 'object',
  required: ['summary', 'stars'],
  additionalProperties: false,
  properties: { summary: { type: 'string' }, stars: { type: 'integer', minimum: 0, maximum: 5 } },
}

/** Half of what the API takes: the runs of all sizes from 100,000 on have several batches, and do with them what large runs do. */
export const PER_BATCH = 50_000

/** Writes a job into `folder`, over rows that may lie elsewhere. `hasSchema`: answers are checked; `documents`: files are attached. */
export function writeJob(
  folder,
  {
    data,
    template = PLAIN,
    type = 'jsonl',
    key = 'row-{{id}}',
    hasSchema = false,
    documents = false,
    perBatch = PER_BATCH,
  },
) {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{}')
  writeFileSync(join(folder, 'system.hbs'), SYSTEM)
  writeFileSync(join(folder, 'prompt.hbs'), template)
  writeFileSync(join(folder, 'answer.schema.json'), JSON.stringify(SCHEMA))
  writeFileSync(
    join(folder, 'job.yaml'),
    `model: claude-haiku-5-5
dataset: { type: ${type}, path: ${JSON.stringify(data)}, key: "${key}" }
system: { template: system.hbs }
prompt: { template: prompt.hbs }
${documents ? 'documents: [{ file: "{{file.path}}" }]\n' : ''}${hasSchema ? 'output: { schema: { $ref: answer.schema.json } }\n' : ''}sinks: [out.jsonl]
batch: { max_requests: ${perBatch}, max_bytes: 250MB, max_in_flight: 100 }
`,
  )
}

/** The rows as a file of its own for each size, made once for all stages. Answers its path. */
export async function dataFile(folder, count, type = 'jsonl') {
  const path = join(folder, `rows-${count}.${type}`)
  const known =
    dataFile.made.get(path) ?? (type === 'csv' ? writeCsv : type === 'parquet' ? writeParquet : writeJsonl)(path, count)
  dataFile.made.set(path, known)
  await known
  return path
}
dataFile.made = new Map()

/** From the CSV of the same rows, by DuckDB, as data teams write them. */
async function writeParquet(path, count) {
  const csv = path.replace(/parquet$/, 'csv')
  await writeCsv(csv, count)
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  await connection.run(`COPY (FROM read_csv('${csv}', all_varchar = true)) TO '${path}' (FORMAT parquet)`)
  connection.closeSync()
  instance.closeSync()
}
