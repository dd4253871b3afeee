import { symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Json, JsonObject } from '../../src/core/json.ts'
import type { Outcome } from '../../src/core/result.ts'
import { openSqlite } from '../../src/disk/sqlite.ts'
import { outcomeOf, outcomesOf } from '../../src/sink/contract-data.ts'
import type { SinkContext, SinkWriter } from '../../src/sink/sink.ts'
import { sqlite } from '../../src/sink/sqlite.ts'
import { describeSink } from '../contract/sink-contract.ts'
import { contextIn, exists, folderPlace, newRoot, python, pythonMissing } from './places.ts'

const missing = await pythonMissing()
const QUERY = `
import sqlite3
connection = sqlite3.connect(args[0])
connection.row_factory = sqlite3.Row
answer = [dict(row) for row in connection.execute(args[1])]
connection.close()
`

async function query(root: string, path: string, sql: string): Promise<readonly Json[]> {
  return (await python(QUERY, join(root, path), sql)) as readonly Json[]
}

/** What is not a text is JSON text in a column of an unknown kind, numbers and true/false aside. */
function cell(value: Json): Json {
  if (typeof value === 'boolean') return value ? 1 : 0
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value
}

function subject(outputSchema: JsonObject | undefined) {
  return {
    sink: sqlite,
    expect: (outcome: Outcome) => ({ key: outcome.key, status: 'succeeded', output: cell(outcome.output) }),
    place: async () =>
      folderPlace(
        await newRoot(),
        { path: 'out/rows.db', table: 'row "s"', columns: { status: 'status', output: 'output' } },
        async (root) =>
          (await exists(join(root, 'out/rows.db')))
            ? query(root, 'out/rows.db', 'SELECT "key", "status", "output" FROM "row ""s""" ORDER BY batch, rowid')
            : undefined,
        outputSchema === undefined ? {} : { outputSchema },
      ),
  }
}
describeSink('sqlite', missing === undefined ? subject({}) : { reason: missing })

async function deliver(
  writer: SinkWriter,
  index: number,
  attempt: number,
  outcomes: readonly Outcome[],
): Promise<void> {
  const part = await writer.openPart({ index, attempt })
  for (const outcome of outcomes) await part.write(outcome)
  await part.commit()
}

const schema = {
  type: 'object',
  properties: {
    title: { type: 'string' },
    pages: { type: 'integer' },
    score: { type: ['number', 'null'] },
    done: { type: 'boolean' },
    tags: { type: 'array' },
    status: { type: 'string' },
  },
} satisfies JsonObject

describe('the table of the sqlite sink', () => {
  const open = (root: string, options: JsonObject, more: Partial<SinkContext> = {}): Promise<SinkWriter> =>
    sqlite.open({ path: 'rows.db', ...options }, contextIn(root, more))

  test('has typed columns from the schema of the output', async () => {
    const root = await newRoot()
    const output = { title: 'T', pages: 3, score: 0.5, done: true, tags: ['a'], status: 'draft' }
    const writer = await open(root, {}, { outputSchema: schema })
    await deliver(writer, 0, 1, [{ ...outcomeOf('a', 0), output }])
    await writer.finish()
    const database = openSqlite(join(root, 'rows.db'))
    const types = database.prepare('PRAGMA table_info(outcomes)').all()
    const row = database.prepare('SELECT * FROM outcomes').get()
    database.close()
    expect(types.map(({ name, type }) => `${name} ${type}`.trim())).toEqual([
      'run TEXT',
      'key TEXT',
      'batch INTEGER',
      'status TEXT',
      'title TEXT',
      'pages INTEGER',
      'score REAL',
      'done INTEGER',
      'tags TEXT',
      'output_status TEXT',
      'error TEXT',
      'cost_usd REAL',
    ])
    expect(row).toMatchObject({
      key: 'a',
      batch: 0,
      title: 'T',
      pages: 3,
      score: 0.5,
      done: 1,
      tags: '["a"]',
      output_status: 'draft',
    })
  })

  test('shows a part only when it is committed, and lets others write meanwhile', async () => {
    const root = await newRoot()
    const [one, other] = [await open(root, { table: 'one' }), await open(root, { table: 'other' })]
    const [first, second] = [
      await one.openPart({ index: 0, attempt: 1 }),
      await other.openPart({ index: 0, attempt: 1 }),
    ]
    for (const outcome of outcomesOf('row', 0, 1000)) {
      await first.write(outcome)
      await second.write(outcome)
    }
    const database = openSqlite(join(root, 'rows.db'))
    const count = (table: string): unknown => database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n
    expect(count('one')).toBe(0)
    await first.commit()
    expect([count('one'), count('other')]).toEqual([1000, 0])
    await second.commit()
    expect(count('other')).toBe(1000)
    database.close()
    await one.finish()
    await other.finish()
  })

  test('keeps the rows of different runs beside one another', async () => {
    const root = await newRoot()
    for (const run of ['first', 'second']) {
      const writer = await open(root, {}, { run })
      await deliver(writer, 0, 1, outcomesOf('row', 0, 2))
      await writer.finish()
    }
    const database = openSqlite(join(root, 'rows.db'))
    expect(database.prepare('SELECT count(*) AS n FROM outcomes').get()).toEqual({ n: 4 })
    database.close()
  })

  test('of the user’s own is checked before anything is sent, with the statements that mend it', async () => {
    const root = await newRoot()
    const database = openSqlite(join(root, 'rows.db'))
    database.exec('CREATE TABLE mine (run TEXT, key TEXT, status TEXT)')
    const options = { path: 'rows.db', table: 'mine', columns: { status: 'status', usd: 'cost_usd' } }
    await expect(sqlite.probe(options, contextIn(root))).rejects.toMatchObject({
      problems: [
        {
          message: 'The table "mine" has no columns "batch", "usd".',
          hint: expect.stringContaining('ALTER TABLE "mine" ADD COLUMN "usd" REAL;'),
        },
      ],
    })
    database.exec('ALTER TABLE mine ADD COLUMN batch; ALTER TABLE mine ADD COLUMN usd')
    await expect(sqlite.probe(options, contextIn(root))).rejects.toMatchObject({
      problems: [{ hint: expect.stringContaining('CREATE UNIQUE INDEX') }],
    })
    database.exec('CREATE UNIQUE INDEX u ON mine (run, key)')
    database.close()
    await sqlite.probe(options, contextIn(root))
  })

  test('that refuses a row loses nothing else: the part is not there, and the sink says why', async () => {
    const root = await newRoot()
    const database = openSqlite(join(root, 'rows.db'))
    database.exec("CREATE TABLE mine (run, key, batch, status CHECK (status <> 'refused'), UNIQUE (run, key))")
    const writer = await open(root, { table: 'mine', columns: { status: 'status' } })
    await deliver(writer, 0, 1, outcomesOf('row', 0, 2))
    const bad = [outcomeOf('fine', 2), { ...outcomeOf('bad', 3), status: 'refused' as const }]
    await expect(deliver(writer, 1, 1, bad)).rejects.toThrow('refuses a row of batch 1: CHECK constraint failed')
    expect(database.prepare('SELECT count(*) AS n FROM mine').get()).toEqual({ n: 2 })
    await deliver(writer, 1, 2, bad.slice(0, 1))
    expect(database.prepare('SELECT count(*) AS n FROM mine').get()).toEqual({ n: 3 })
    database.close()
    await writer.finish()
  })

  test('keeps the later attempt when an earlier one is committed after it', async () => {
    const root = await newRoot()
    await symlink(root, join(root, 'same'))
    const slow = await open(root, {})
    const part = await slow.openPart({ index: 0, attempt: 1 })
    for (const outcome of outcomesOf('row', 0, 3)) await part.write(outcome)
    // Another process would come by the same path; here another name stands for it.
    const quick = await sqlite.open({ path: 'same/rows.db' }, contextIn(root))
    await deliver(quick, 0, 2, outcomesOf('row', 0, 1))
    await quick.finish()
    await part.commit()
    await slow.finish()
    const database = openSqlite(join(root, 'rows.db'))
    expect(database.prepare('SELECT count(*) AS n FROM outcomes').get()).toEqual({ n: 1 })
    database.close()
  })

  test('cannot be shared by two sinks at the same time', async () => {
    const root = await newRoot()
    const writer = await open(root, {})
    await expect(open(root, { table: 'OUTCOMES' })).rejects.toThrow('Two sinks write to')
    await (await open(root, {}, { run: 'another' })).finish()
    await writer.finish()
    await (await open(root, {})).finish()
  })
})

describe('the options of the sqlite sink', () => {
  test('name no column that the table has of its own, and none twice', () => {
    const problems = sqlite.check?.({
      path: 'a.db',
      columns: { Run: 'status', key: 'custom_id', a: 'status', A: 'text' },
    })
    expect(problems?.map(({ path }) => path)).toEqual(['/columns/Run', '/columns/key', '/columns/A'])
    expect(sqlite.check?.({ path: 'a.db', columns: { key: 'key', title: 'output.title' } })).toEqual([])
  })

  test('name a database that is one', async () => {
    const root = await newRoot()
    await writeFile(
      join(root, 'rows.db'),
      'certainly not a database, but long enough to be taken for something else'.repeat(20),
    )
    await expect(sqlite.probe({ path: 'rows.db' }, contextIn(root))).rejects.toThrow('cannot be opened')
  })
})
