import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { afterAll, describe, expect, test } from 'vitest'
import type { Json, JsonObject } from '../../src/core/json.ts'
import type { Outcome } from '../../src/core/result.ts'
import type { SinkPlace, SinkSubject } from '../../src/sink/contract.ts'
import { outcomeOf, outcomesOf } from '../../src/sink/contract-data.ts'
import { postgres } from '../../src/sink/postgres.ts'
import type { SinkContext, SinkWriter } from '../../src/sink/sink.ts'
import { describeSink } from '../contract/sink-contract.ts'
import { contextIn } from './places.ts'
import { startPostgres } from './postgres-server.ts'

const server = await startPostgres()
const run = promisify(execFile)
let tables = 0

afterAll(async () => {
  if ('stop' in server) await server.stop()
})

/** psql, which we did not write, prints rows as one JSON document. */
async function query(sql: string): Promise<readonly Json[]> {
  if ('reason' in server) throw new Error(server.reason)
  const wrapped = `SELECT coalesce(json_agg(q), '[]') FROM (${sql}) q`
  const { stdout } = await run(join(server.bin, 'psql'), [server.url, '-XAtc', wrapped], { maxBuffer: 1 << 28 })
  return JSON.parse(stdout) as Json[]
}

async function statement(sql: string): Promise<void> {
  if ('reason' in server) throw new Error(server.reason)
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  await client.query(sql)
  await client.end()
}

const context = (more: Partial<SinkContext> = {}): SinkContext =>
  contextIn('/', { env: { DATABASE: 'url' in server ? server.url : '' }, ...more })

function place(): SinkPlace {
  const options = {
    url_env: 'DATABASE',
    schema: `Schema ${++tables}`,
    table: 'row "s"',
    columns: { state: 'status', output: 'output' },
  }
  const isThere = async (): Promise<boolean> =>
    (await query(`SELECT 1 FROM pg_tables WHERE schemaname = '${options.schema}'`)).length > 0
  const at: SinkPlace = {
    options,
    context: context({ outputSchema: {} }),
    read: async () =>
      (await isThere())
        ? query(`SELECT key, state, output FROM "${options.schema}"."row ""s""" ORDER BY batch, key`)
        : undefined,
    list: async () =>
      (await query(`SELECT schemaname, tablename FROM pg_tables WHERE schemaname = '${options.schema}'`)).map((row) =>
        JSON.stringify(row),
      ),
    // The server sees a process that dies as a connection that breaks.
    crash: async () => {
      await query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'batchwright'")
      return { ...at, context: { ...at.context } }
    },
  }
  return at
}

const subject: SinkSubject = {
  sink: postgres,
  place: async () => place(),
  // A column that nothing is known of is text: what is not a text is its JSON text.
  expect: ({ key, output }) => ({
    key,
    state: 'succeeded',
    output: output === null || typeof output === 'string' ? output : JSON.stringify(output),
  }),
}
describeSink('postgres', 'reason' in server ? server : subject)

async function deliver(
  options: JsonObject,
  outcomes: readonly Outcome[],
  more: Partial<SinkContext> = {},
): Promise<void> {
  const writer: SinkWriter = await postgres.open({ url_env: 'DATABASE', ...options }, context(more))
  try {
    const part = await writer.openPart({ index: 0, attempt: 1 })
    try {
      for (const outcome of outcomes) await part.write(outcome)
      await part.commit()
    } catch (error) {
      await part.abort()
      throw error
    }
    await writer.finish()
  } catch (error) {
    await writer.abort()
    throw error
  }
}

const row = outcomeOf('a', 0)
const schema = {
  type: 'object',
  properties: {
    title: { type: 'string' },
    pages: { type: 'integer' },
    score: { type: ['number', 'null'] },
    done: { type: 'boolean' },
    tags: { type: 'array', items: { type: 'string' } },
    kind: { enum: ['letter', 'bill', null] },
    author: { $ref: '#/$defs/person' },
  },
  $defs: { person: { type: 'object' } },
} satisfies JsonObject

describe.skipIf('reason' in server)('the table of the postgres sink', () => {
  test('has typed columns from the schema of the output', async () => {
    const output = {
      title: 'T',
      pages: 9007199254740991,
      score: 0.1,
      done: true,
      tags: ['ä'],
      kind: 'bill',
      author: { name: 'é' },
    }
    await deliver({ table: 'typed' }, [{ ...row, output }], { outputSchema: schema })
    const types = await query(
      "SELECT string_agg(column_name || ' ' || data_type, ', ' ORDER BY ordinal_position) AS t FROM information_schema.columns WHERE table_name = 'typed'",
    )
    expect(types).toEqual([
      {
        t: 'run text, key text, batch bigint, status text, title text, pages bigint, score double precision, done boolean, tags jsonb, kind text, author jsonb, error text, cost_usd double precision',
      },
    ])
    expect(await query('SELECT * FROM typed')).toEqual([
      {
        run: 'job-20261122-071500-x7k2',
        key: 'a',
        batch: 0,
        status: 'succeeded',
        ...output,
        error: null,
        cost_usd: 0.0001,
      },
    ])
  })

  test('of the user’s own keeps its own types', async () => {
    await statement(
      'CREATE TABLE own (run text, key varchar(20), batch int, day date, price numeric(10,2), extra text, UNIQUE (run, key))',
    )
    const columns = { day: 'output.day', price: 'output.price' }
    await deliver({ table: 'own', columns }, [{ ...row, output: { day: '2026-11-22', price: 12.5 } }])
    expect(await query('SELECT key, day, price, extra FROM own')).toEqual([
      { key: 'a', day: '2026-11-22', price: 12.5, extra: null },
    ])
  })

  test('of the user’s own is checked before anything is sent, with the statements that mend it', async () => {
    await statement('CREATE TABLE unfit (run text, key text, state text)')
    const options = { url_env: 'DATABASE', table: 'unfit', columns: { state: 'status', usd: 'cost_usd' } }
    await expect(postgres.probe(options, context())).rejects.toMatchObject({
      problems: [{ hint: expect.stringContaining('ALTER TABLE "unfit" ADD COLUMN "usd" double precision;') }],
    })
    await statement('ALTER TABLE unfit ADD COLUMN batch bigint, ADD COLUMN usd double precision')
    await expect(postgres.probe(options, context())).rejects.toMatchObject({
      problems: [{ hint: expect.stringContaining('ADD UNIQUE ("run", "key")') }],
    })
    await statement('ALTER TABLE unfit ADD UNIQUE (run, key)')
    await postgres.probe(options, context())
  })

  test('names the row that it refuses among thousands, and takes none of the part', async () => {
    await statement('CREATE TABLE short (run text, key text, batch int, output varchar(40), UNIQUE (run, key))')
    const outcomes = outcomesOf('row', 0, 3000).map((outcome, index) =>
      index === 2345 ? { ...outcome, output: 'x'.repeat(41) } : outcome,
    )
    await expect(deliver({ table: 'short', columns: { output: 'output' } }, outcomes)).rejects.toThrow(
      'refuses the row "row-002345": value too long for type character varying(40)',
    )
    expect(await query('SELECT count(*) FROM short')).toEqual([{ count: 0 }])
  })

  test('has null where an answer that broke its schema has something else', async () => {
    const output = { title: 5, pages: 'many', score: 'high', done: 'yes', tags: 'none', kind: 'bill', author: null }
    await deliver({ table: 'broken' }, [{ ...row, status: 'invalid', output }], { outputSchema: schema })
    expect(await query('SELECT title, pages, score, done, tags FROM broken')).toEqual([
      { title: '5', pages: null, score: null, done: null, tags: 'none' },
    ])
  })

  test('takes characters that PostgreSQL cannot hold as U+FFFD where that is asked for', async () => {
    const output = 'nul \u0000, half \ud800, whole 🧪, written \\u0000'
    await deliver({ table: 'replaced', columns: { output: 'output' }, invalid_text: 'replace' }, [{ ...row, output }])
    expect(await query('SELECT output FROM replaced')).toEqual([
      { output: 'nul \ufffd, half \ufffd, whole 🧪, written \\u0000' },
    ])
    await deliver({ table: 'nul', columns: { output: 'output' }, invalid_text: 'replace' }, [
      { ...row, output: 'a\u0000b' },
    ])
    expect(await query('SELECT output FROM nul')).toEqual([{ output: 'a\ufffdb' }])
    await expect(deliver({ table: 'refused', columns: { out: 'output' } }, [{ ...row, output }])).rejects.toThrow(
      'The row "a" has a text in "out" that PostgreSQL cannot hold: it contains a NUL character.',
    )
  })
})

describe('a server that is not there', () => {
  test('is said before anything is sent, without the password', async () => {
    const options = { url: 'postgres://me:secret@127.0.0.1:1/results' }
    const error: unknown = await postgres.probe(options, context()).catch((reason: unknown) => reason)
    expect(String(error)).toContain('The PostgreSQL server at postgres://127.0.0.1:1/results cannot be reached')
    expect(JSON.stringify(error) + String(error)).not.toContain('secret')
  })

  test('has no address when its environment variable is missing', async () => {
    await expect(postgres.probe({ url_env: 'NOWHERE' }, context())).rejects.toThrow('The environment variable NOWHERE')
  })
})
