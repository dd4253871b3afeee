import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DuckDBConnection, DuckDBPreparedStatement } from '@duckdb/node-api'
import { messageOf, type Problem, UserError } from '../core/errors.ts'
import type { Json, JsonObject } from '../core/json.ts'
import { quoted } from '../core/phrase.ts'
import type { SourceRow } from '../core/row.ts'
import { PATH_OPTION } from './files-of.ts'
import { isGlob } from './glob-pattern.ts'
import type { Source, SourceContext } from './source.ts'
import { sqlConverter } from './sql-values.ts'
import { createView, literal } from './sql-views.ts'

type DuckDb = typeof import('@duckdb/node-api')

/** The component; `load` brings DuckDB, which users install beside us when they need it. */
export function sqlSource(load: () => Promise<DuckDb>): Source {
  return {
    type: 'sql',
    about:
      'A SELECT over local CSV, TSV, JSON, JSON Lines and Parquet files, run by DuckDB (needs the package @duckdb/node-api). Rows come in the order of its ORDER BY.',
    options: {
      type: 'object',
      required: ['query'],
      additionalProperties: false,
      properties: {
        query: {
          type: 'string',
          minLength: 1,
          description:
            'One SELECT in DuckDB’s SQL. Files are named as in FROM \'data/reviews.csv\', or by their names in "files". Write an ORDER BY: without it the order is DuckDB’s.',
          examples: ["select id, text from 'data/reviews.csv' where stars::int <= 2 order by id"],
        },
        files: {
          type: 'object',
          minProperties: 1,
          additionalProperties: PATH_OPTION,
          description:
            'Names for files in the query. CSV and TSV: every column is a text. JSON and JSON Lines: one column "json" (json->>\'$.name\'). Parquet: its own columns.',
          examples: [{ reviews: 'data/reviews-*.csv', products: 'data/products.parquet' }],
        },
      },
    },
    check: checkQuery,
    rows: (options, context) => queryRows(options, context, load),
  }
}

export const sql: Source = sqlSource(() => import('@duckdb/node-api'))

/** A query takes what it needs up to here, then it uses the disk. */
const MEMORY_LIMIT = '1GB'

const INTERRUPT_MS = 20

function checkQuery(options: JsonObject): readonly Problem[] {
  const files = Object.keys((options.files ?? {}) as JsonObject)
  const twice = files.find((name, index) => files.findIndex((other) => same(other, name)) !== index)
  if (twice === undefined) return []
  return [{ message: `files names ${quoted(twice)} twice: SQL does not tell capitals apart.`, path: '/files' }]
}

async function* queryRows(
  options: JsonObject,
  context: SourceContext,
  load: () => Promise<DuckDb>,
): AsyncGenerator<SourceRow> {
  context.signal.throwIfAborted()
  const duckdb = await installed(load, context)
  const spill = await mkdtemp(join(tmpdir(), 'batchwright-sql-'))
  // One thread: with several, sums of fractions and unordered rows could differ from run to run.
  const instance = await duckdb.DuckDBInstance.create(':memory:', { threads: '1', memory_limit: MEMORY_LIMIT })
  const connection = await instance.connect()
  // DuckDB forgets an interrupt that comes before its query has begun, so it is repeated.
  let again: NodeJS.Timeout | undefined
  const interrupt = (): void => {
    again = setInterval(() => connection.interrupt(), INTERRUPT_MS)
  }
  context.signal.addEventListener('abort', interrupt)
  try {
    context.signal.throwIfAborted()
    await confine(connection, await realpath(context.root), spill)
    const statement = await prepared(duckdb, connection, options, context)
    yield* streamed(statement, context)
  } catch (error) {
    context.signal.throwIfAborted()
    throw error
  } finally {
    context.signal.removeEventListener('abort', interrupt)
    clearInterval(again)
    connection.closeSync()
    instance.closeSync()
    await rm(spill, { recursive: true, force: true })
  }
}

async function installed(load: () => Promise<DuckDb>, { jobFile }: SourceContext): Promise<DuckDb> {
  try {
    return await load()
  } catch (error) {
    const isMissing = /^(ERR_)?MODULE_NOT_FOUND$/.test(String((error as NodeJS.ErrnoException).code))
    throw new UserError({
      message: isMissing
        ? 'A dataset of type sql needs the package @duckdb/node-api, which is not installed.'
        : `The package @duckdb/node-api cannot be loaded: ${messageOf(error)}.`,
      hint: 'Install it beside batchwright: npm install @duckdb/node-api',
      file: jobFile,
      path: '/dataset/type',
    })
  }
}

/** Files below the root and nothing else; no extensions from the network. */
async function confine(connection: DuckDBConnection, root: string, spill: string): Promise<void> {
  const settings = [
    `temp_directory = ${literal(spill)}`,
    `allowed_directories = [${literal(`${root}/`)}]`,
    'autoinstall_known_extensions = false',
    'autoload_known_extensions = false',
    'allow_community_extensions = false',
    'enable_external_access = false',
    'lock_configuration = true',
  ]
  for (const setting of settings) await connection.run(`set ${setting}`)
}

async function prepared(
  duckdb: DuckDb,
  connection: DuckDBConnection,
  options: JsonObject,
  context: SourceContext,
): Promise<DuckDBPreparedStatement> {
  const query = String(options.query)
  if (query.replaceAll(/--.*|\/\*[\s\S]*?\*\/|;|\s/g, '') === '') throw new UserError(refused('It is empty', context))
  const files = (options.files ?? {}) as JsonObject
  for (const [name, path] of Object.entries(files)) await connection.run(await createView(name, path, context))
  return await explained(context, async () => {
    const statements = await connection.extractStatements(query)
    if (statements.count !== 1) throw new UserError(refused(`It has ${statements.count} statements`, context))
    // FROM 'data/a.csv' is a table of that name to DuckDB, so it can be a view of ours, read strictly and from the root.
    for (const name of connection.getTableNames(query, false)) {
      const isOurs = Object.keys(files).some((known) => same(known, name))
      if (!isOurs && (isGlob(name) || /\.\w+$/.test(name))) await connection.run(await createView(name, name, context))
    }
    const statement = await statements.prepare(0)
    if (statement.statementType !== duckdb.StatementType.SELECT)
      throw new UserError(refused('It is no SELECT', context))
    return statement
  })
}

async function* streamed(statement: DuckDBPreparedStatement, context: SourceContext): AsyncGenerator<SourceRow> {
  const result = await explained(context, () => statement.stream())
  const names = result.columnNames()
  const converters = result.columnTypes().map(sqlConverter)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) {
    throw new UserError({
      message: `The query gives two columns named ${quoted(twice)}.`,
      hint: 'Name one of them differently: … as other_name.',
      ...placeIn(context),
    })
  }
  if (names.includes('__proto__')) {
    throw new UserError({
      message: 'The query gives a column named "__proto__", which JavaScript treats as something else than data.',
      hint: 'Name it differently: … as other_name.',
      ...placeIn(context),
    })
  }
  const place = { file: context.jobFile }
  for (;;) {
    const chunk = await explained(context, () => result.fetchChunk())
    if (chunk === null || chunk.rowCount === 0) return
    for (const row of chunk.getRows()) {
      context.signal.throwIfAborted()
      const fields: Record<string, Json> = {}
      for (let i = 0; i < names.length; i++) fields[names[i] ?? ''] = converters[i]?.(row[i]) ?? null
      yield { fields, place }
    }
  }
}

/** DuckDB's errors are plain ones; what it says of the query or the data is for the user. */
async function explained<T>(context: SourceContext, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof UserError) throw error
    const message = messageOf(error)
      .replace(/^Failed to extract statements: /, '')
      // Its picture of the line shows nothing that the job's own does not.
      .replace(/\n+LINE \d+:[\s\S]*$/, '')
      .replaceAll(/\s*\n\s*/g, ' ')
      .trim()
    throw new UserError({
      message: `The query cannot be run. ${ended(message)}`,
      hint: hintFor(message),
      ...placeIn(context),
    })
  }
}

function ended(sentence: string): string {
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`
}

function hintFor(message: string): string {
  if (message.startsWith('Permission Error'))
    return 'A query reads files below the project root only, named as in FROM \'data/reviews.csv\' or in "files".'
  if (/column.*json/is.test(message) && message.startsWith('Binder Error'))
    return "A JSON file is one column: select json->>'$.id' as id from …"
  if (/cast|convert|compare/i.test(message)) return 'Columns of CSV and TSV are texts: convert them, as in stars::int.'
  return 'The syntax is DuckDB’s.'
}

function refused(what: string, context: SourceContext): Problem {
  return { message: `The query has to be one SELECT. ${what}.`, ...placeIn(context) }
}

function placeIn({ jobFile }: SourceContext): Pick<Problem, 'file' | 'path'> {
  return { file: jobFile, path: '/dataset/query' }
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}
