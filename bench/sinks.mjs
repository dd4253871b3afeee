// How fast each sink takes outcomes, in how much memory, beside what the format's own tool does with the same rows.
//
//   node bench/sinks.mjs [--rows 1000000] [--sinks jsonl,csv,…] [--postgres URL] [--dist build] [--files 100000]
//
// Each sink runs in a process of its own, so that the peak memory is its own. Build first: npm run build.

import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'

const { values: args } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    files: { type: 'string', default: '100000' },
    sinks: { type: 'string', default: 'jsonl,jsonl.gz,csv,json,parquet,sqlite,files,postgres' },
    postgres: { type: 'string', default: '' },
    dist: { type: 'string', default: fileURLToPath(new URL('../build', import.meta.url)) },
    json: { type: 'boolean', default: false },
    one: { type: 'string', default: '' },
    root: { type: 'string', default: '' },
  },
})
const PART_ROWS = 10_000

if (args.one === '') main()
else await runOne(args.one)

/** The sink that is measured, and where it writes. */
function target(name) {
  if (name === 'sqlite') return { type: 'sqlite', options: { path: 'rows.db' } }
  if (name === 'postgres') return { type: 'postgres', options: { url: args.postgres, table: 'bench_rows' } }
  if (name === 'files') return { type: 'files', options: { path: 'files/{{key}}.md' } }
  return { type: name.split('.')[0], options: { path: `rows.${name}` } }
}

async function runOne(name) {
  const { type, options } = target(name)
  const sink = (await import(pathToFileURL(join(args.dist, 'sink', `${type}.js`)).href))[type]
  const rows = Number(name === 'files' ? args.files : args.rows)
  const context = {
    run: `bench-${process.pid}`,
    jobName: 'bench',
    root: args.root,
    env: {},
    renderText: (text, outcome) => text.replace('{{key}}', outcome?.key ?? ''),
    outputSchema: {
      type: 'object',
      properties: { title: { type: 'string' }, pages: { type: 'integer' }, tags: { type: 'array' } },
    },
    signal: new AbortController().signal,
  }
  const started = performance.now()
  const writer = await sink.open(options, context)
  for (let index = 0; index * PART_ROWS < rows; index++) {
    const part = await writer.openPart({ index, attempt: 1 })
    for (let row = index * PART_ROWS; row < Math.min((index + 1) * PART_ROWS, rows); row++) {
      const backpressure = part.write(outcome(row))
      if (backpressure !== undefined) await backpressure
    }
    await part.commit()
  }
  await writer.finish()
  const seconds = (performance.now() - started) / 1000
  process.stdout.write(JSON.stringify({ rows, seconds, peakMiB: process.resourceUsage().maxRSS / 1024 }))
}

function outcome(row) {
  const text = `Answer ${row}: "quoted", with a comma,\nand a second line – naïve 漢字.`
  return {
    key: `row-${String(row).padStart(7, '0')}`,
    custom_id: `row-${row}-x7k2f9-${row.toString(16).padStart(6, '0')}`,
    status: 'succeeded',
    output: { title: text, pages: row % 500, tags: ['one', `tag ${row % 97}`] },
    text,
    stop_reason: 'end_turn',
    model: 'claude-haiku-5-5',
    usage: {
      input_tokens: 900 + (row % 100),
      output_tokens: 60,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
    },
    cost_usd: 0.0006,
    attempts: 1,
    rounds: 1,
    batch_id: `msgbatch_${Math.floor(row / PART_ROWS)}`,
    error: null,
    row: { n: row, name: `name ${row}` },
  }
}

function main() {
  if (!existsSync(join(args.dist, 'sink', 'jsonl.js')))
    throw new Error(`${args.dist} holds no build: run npm run build first.`)
  const root = mkdtempSync(join(tmpdir(), 'batchwright-bench-'))
  try {
    const names = args.sinks.split(',').filter((name) => name !== 'postgres' || args.postgres !== '')
    const results = names.map((name) => ({ name, ...measure(name, root) }))
    const tools = toolResults(root, names)
    if (args.json) {
      process.stdout.write(JSON.stringify(results.map((result) => ({ ...result, tool: tools[result.name] }))))
      return
    }
    console.log('| sink | rows | seconds | rows/s | peak MiB | MB written | its own tool, rows/s |')
    console.log('|---|---|---|---|---|---|---|')
    for (const { name, rows, seconds, peakMiB, bytes } of results) {
      const tool = tools[name] === undefined ? '' : `${tools[name].tool}: ${perSecond(rows, tools[name].seconds)}`
      const size = bytes === undefined ? '' : (bytes / 1e6).toFixed(0)
      console.log(
        `| ${name} | ${rows} | ${seconds.toFixed(1)} | ${perSecond(rows, seconds)} | ${peakMiB.toFixed(0)} | ${size} | ${tool} |`,
      )
    }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

function measure(name, root) {
  const passed = ['rows', 'files', 'postgres', 'dist'].flatMap((option) => [`--${option}`, args[option]])
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [fileURLToPath(import.meta.url), '--one', name, '--root', root, ...passed],
    { encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(`${name} failed: ${stderr}`)
  const { options } = target(name)
  const path = join(root, options.path ?? '')
  return { ...JSON.parse(stdout), bytes: name === 'files' || name === 'postgres' ? undefined : statSync(path).size }
}

/** The same rows written or loaded by the format's own tool, where it is on this machine. */
function toolResults(root, names) {
  const results = {}
  const timed = (name, tool, run) => {
    if (!names.includes(name)) return
    const started = performance.now()
    try {
      run()
      results[name] = { tool, seconds: (performance.now() - started) / 1000 }
    } catch (error) {
      console.error(`${tool} was not measured: ${String(error.message).split('\n')[0]}`)
    }
  }
  const csv = join(root, 'rows.csv')
  if (!existsSync(csv)) return results
  const duckdb = (sql) =>
    execFileSync(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import { DuckDBInstance } from '@duckdb/node-api'
       const connection = await (await DuckDBInstance.create()).connect()
       await connection.run(${JSON.stringify(sql)})`,
      ],
      { cwd: fileURLToPath(new URL('..', import.meta.url)) },
    )
  const from = `COPY (FROM read_csv('${csv}', all_varchar = true)) TO`
  timed('csv', 'DuckDB COPY', () => duckdb(`${from} '${join(root, 'copy.csv')}'`))
  timed('jsonl', 'DuckDB COPY', () => duckdb(`${from} '${join(root, 'copy.json')}'`))
  timed('parquet', 'DuckDB COPY', () => duckdb(`${from} '${join(root, 'copy.parquet')}'`))
  timed('sqlite', 'sqlite3 .import', () =>
    execFileSync('sqlite3', [join(root, 'import.db'), '.mode csv', `.import ${csv} rows`]),
  )
  timed('postgres', 'psql \\copy', () => {
    const table =
      'DROP TABLE IF EXISTS bench_copy; CREATE TABLE bench_copy (key text PRIMARY KEY, status text, title text, pages bigint, tags jsonb, error text, cost_usd float8)'
    execFileSync('psql', [
      args.postgres,
      '-Xqc',
      table,
      '-c',
      `\\copy bench_copy FROM '${csv}' WITH (FORMAT csv, HEADER)`,
    ])
  })
  return results
}

function perSecond(rows, seconds) {
  return Math.round(rows / seconds).toLocaleString('en-US')
}
