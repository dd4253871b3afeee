// Planning takes the same memory however many rows there are. A million rows are measured by bench/plan-memory.mjs.

import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createProject, type Project } from '../support/cli.ts'

const FEW = 45_000
const MANY = 130_000
const MOST_MEGABYTES = 250
const MOST_GROWTH = 1.35
const REPORTER = join(import.meta.dirname, '../../bench/peak-memory.mjs')

describe('the memory of plan', () => {
  let project: Project
  beforeAll(async () => {
    project = await createProject()
    for (const rows of [FEW, MANY])
      await writeLines(project.path(`${rows}.csv`), rows, (row) => `customer-number-${row},${noteOf(row)}`)
    const instance = await DuckDBInstance.create(':memory:')
    const connection = await instance.connect()
    for (const rows of [FEW, MANY]) {
      const from = `(FROM read_csv('${project.path(`${rows}.csv`)}', all_varchar = true))`
      await connection.run(`COPY ${from} TO '${project.path(`${rows}.parquet`)}' (FORMAT parquet)`)
    }
    connection.closeSync()
    instance.closeSync()
  })
  afterAll(() => project.remove())

  const peak = async (type: string, path: string, rows: number): Promise<number> => {
    await project.write(
      'job.yaml',
      `model: claude-haiku-5-5\ndataset: { type: ${type}, path: ${path}, key: "{{id}}" }\nprompt: "{{note}}"\nsinks: [out.jsonl]\n`,
    )
    const env = { NODE_OPTIONS: `--import ${REPORTER}`, PEAK_MEMORY_FILE: project.path('memory') }
    const { code, stdout, stderr } = await project.run(['plan', 'job.yaml', '--json'], { env, isProcess: true })
    expect(code, stderr).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ rows, requests: rows, rejected: [] })
    return Number(await project.read('memory'))
  }

  it.each(['csv', 'parquet'])('does not grow with the rows of a %s file', async (type) => {
    const few = await peak(type, `${FEW}.${type}`, FEW)
    const many = await peak(type, `${MANY}.${type}`, MANY)
    expect(many).toBeLessThan(MOST_MEGABYTES)
    expect(many / few).toBeLessThan(MOST_GROWTH)
  })

  it('does not keep long lines for the sake of their keys', async () => {
    const note = 'the harbour lamp turns slowly over grey water '.repeat(130)
    await writeLines(project.path('long.csv'), 20_000, (row) => `customer-number-${row},${note}`)
    // Kept for each of 20,000 keys, the lines would be 120 MB.
    expect(await peak('csv', 'long.csv', 20_000)).toBeLessThan(200)
  })
})

/** So long that both sizes are read by a thread, and such that Parquet cannot make it shorter. */
function noteOf(row: number): string {
  return createHash('sha512').update(String(row)).digest('hex').repeat(3)
}

async function writeLines(path: string, rows: number, line: (row: number) => string): Promise<void> {
  const out = createWriteStream(path)
  out.write('id,note\n')
  for (let row = 0; row < rows; row += 1000) {
    const piece = Array.from({ length: 1000 }, (_, index) => `${line(row + index)}\n`).join('')
    if (!out.write(piece)) await once(out, 'drain')
  }
  out.end()
  await once(out, 'finish')
}
