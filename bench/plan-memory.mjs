// Peak memory of `plan` over a dataset of 100,000 and of 1,000,000 rows: it must not grow with the data.
// Needs a built package. Run: node bench/plan-memory.mjs [rows …]
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DuckDBInstance } from '@duckdb/node-api'

const CLI = fileURLToPath(new URL('../bin/batchwright.js', import.meta.url))
const REPORTER = fileURLToPath(new URL('peak-memory.mjs', import.meta.url))
const MOST_MEGABYTES = 300
/** How much more the largest dataset may take than the smallest. */
const MOST_GROWTH = 1.2

const sizes = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [100_000, 1_000_000]
const folder = mkdtempSync(join(tmpdir(), 'plan-memory-'))
let isGood = true
try {
  writeFileSync(join(folder, 'package.json'), '{}')
  const csv = (rows) => `rows-${rows}.csv`
  for (const rows of sizes) await writeCsv(join(folder, csv(rows)), rows)
  await writeParquet(sizes)
  /** What is planned, by the words of the table. */
  const datasets = {
    CSV: (rows) => `{ type: csv, path: ${csv(rows)}, key: "{{id}}" }`,
    'CSV, no key': csv,
    'CSV with where': (rows) => `{ type: csv, path: ${csv(rows)}, key: "{{id}}", where: 'team != "red"' }`,
    Parquet: (rows) => `{ type: parquet, path: rows-${rows}.parquet, key: "{{id}}" }`,
    'Parquet, one row group': (rows) => `{ type: parquet, path: one-group-${rows}.parquet, key: "{{id}}" }`,
    'Parquet, one row group, Zstandard': (rows) => `{ type: parquet, path: one-zstd-${rows}.parquet, key: "{{id}}" }`,
  }
  console.log(`| dataset | ${sizes.map((rows) => `${rows.toLocaleString('en-US')} rows`).join(' | ')} | growth | |`)
  console.log(`|---|${sizes.map(() => '---').join('|')}|---|---|`)
  for (const [name, dataset] of Object.entries(datasets)) {
    const runs = []
    for (const rows of sizes) runs.push(await plan(dataset(rows), rows))
    const peaks = runs.map(({ megabytes }) => megabytes)
    const growth = (peaks.at(-1) ?? 0) / (peaks[0] ?? 1)
    const isWithin = Math.max(...peaks) < MOST_MEGABYTES && growth < MOST_GROWTH
    isGood &&= isWithin
    const cells = runs.map(({ megabytes, seconds }) => `${megabytes.toFixed(0)} MB, ${seconds.toFixed(1)} s`)
    console.log(`| ${name} | ${cells.join(' | ')} | ${growth.toFixed(2)} | ${isWithin ? 'pass' : 'FAIL'} |`)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
process.exitCode = isGood ? 0 : 1

/** The same rows each time: every value follows from the row's number. */
async function writeCsv(path, rows) {
  const teams = ['red', 'blue', 'green']
  const words =
    'the harbour lamp turns slowly over grey water while ferries wait for größere Züge and 東京 tides'.split(' ')
  const out = createWriteStream(path)
  out.write('id,team,stars,note\n')
  let seed = 7
  const next = (below) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
    return seed % below
  }
  let piece = ''
  for (let row = 0; row < rows; row += 1) {
    const note = Array.from({ length: 12 + next(20) }, () => words[next(words.length)]).join(' ')
    piece += `r-${row},${teams[next(3)]},${next(6)},"${note}, and ""so"" on"\n`
    if (piece.length < 1 << 20 && row < rows - 1) continue
    if (!out.write(piece)) await once(out, 'drain')
    piece = ''
  }
  out.end()
  await once(out, 'finish')
}

/** As DuckDB writes them: row groups of its own size, and all rows in one group, as other writers do. */
async function writeParquet(counts) {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  for (const rows of counts) {
    const from = `read_csv('${join(folder, `rows-${rows}.csv`)}', all_varchar = true)`
    const to = (name) => `'${join(folder, `${name}-${rows}.parquet`)}'`
    await connection.run(`COPY (FROM ${from}) TO ${to('rows')} (FORMAT parquet)`)
    await connection.run(`COPY (FROM ${from}) TO ${to('one-group')} (FORMAT parquet, ROW_GROUP_SIZE 1048576)`)
    await connection.run(
      `COPY (FROM ${from}) TO ${to('one-zstd')} (FORMAT parquet, ROW_GROUP_SIZE 1048576, CODEC zstd)`,
    )
  }
  connection.closeSync()
  instance.closeSync()
}

async function plan(dataset, rows) {
  writeFileSync(
    join(folder, 'job.yaml'),
    `model: claude-haiku-5-5\ndataset: ${dataset}\nsystem: You sort notes.\nprompt: "Team {{team}}, {{stars}} stars: {{note}}"\n`,
  )
  const report = join(folder, 'memory')
  const env = { ...process.env, NODE_OPTIONS: `--import ${REPORTER}`, PEAK_MEMORY_FILE: report }
  const start = performance.now()
  const child = spawn(process.execPath, [CLI, 'plan', 'job.yaml', '--json', '--quiet'], { cwd: folder, env })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (text) => {
    stdout += text
  })
  child.stderr.on('data', (text) => {
    stderr += text
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`plan exited with ${code}: ${stderr}`)
  const planned = JSON.parse(stdout)
  if (planned.requests < rows / 2) throw new Error(`${planned.requests} requests of ${rows} rows`)
  return { megabytes: Number(readFileSync(report, 'utf8')), seconds: (performance.now() - start) / 1000 }
}
