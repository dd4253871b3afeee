// The table of a postgres sink: how it is declared, checked and written to.

import { messageOf, UserError } from '../core/errors.ts'
import type { ColumnKind } from './column-kind.ts'
import type { PostgresConnection } from './postgres.ts'
import { PARTS_TABLE, quoteName, requireColumns, TABLE_KEYS, type TableColumn } from './sql-table.ts'

/** A column of an unknown kind is text, which takes everything; who knows better creates the table first. */
const POSTGRES_TYPES: Readonly<Record<ColumnKind, string>> = {
  text: 'text',
  double: 'double precision',
  integer: 'bigint',
  boolean: 'boolean',
  json: 'jsonb',
  unknown: 'text',
}

export interface PostgresTable {
  /** Quoted, with the schema where one is named. */
  readonly name: string
  /** The table of marks in the same schema. */
  readonly marks: string
  readonly columns: readonly TableColumn[]
  /** The type of each column as the server has it, `text` or `numeric(10,2)`, in the order run, key, batch, columns. */
  readonly types: readonly string[]
}

/** Creates the table and the table of marks where they are missing; two processes may do so at the same time. */
export async function createPostgresTable(
  connection: PostgresConnection,
  schema: string | undefined,
  table: string,
  columns: readonly TableColumn[],
): Promise<PostgresTable> {
  const name = qualified(schema, table)
  const marks = qualified(schema, PARTS_TABLE)
  const own = columns.map((column) => `${quoteName(column.name)} ${POSTGRES_TYPES[column.kind]}`)
  const keys = ['"run" text NOT NULL', '"key" text NOT NULL', '"batch" bigint NOT NULL']
  await connection.query('BEGIN')
  try {
    // CREATE … IF NOT EXISTS fails when somebody else creates the same table at that moment.
    await connection.query("SELECT pg_advisory_xact_lock(hashtext('batchwright'))")
    if (schema !== undefined) await connection.query(`CREATE SCHEMA IF NOT EXISTS ${quoteName(schema)}`)
    if ((await readTypes(connection, name)) === undefined) {
      await connection.query(`CREATE TABLE ${name} (${[...keys, ...own].join(', ')}, PRIMARY KEY ("run", "key"))`)
    }
    if ((await readTypes(connection, marks)) === undefined) {
      await connection.query(
        `CREATE TABLE ${marks} (run text, sink text, part bigint, attempt bigint NOT NULL, PRIMARY KEY (run, sink, part))`,
      )
    }
    await connection.query('COMMIT')
  } catch (error) {
    await connection.query('ROLLBACK')
    throw error
  }
  const checked = await checkPostgresTable(connection, schema, table, columns)
  if (checked === undefined) throw new Error(`The table ${name} was dropped while it was being opened.`)
  return checked
}

/** undefined: there is no such table. Throws UserError when it is there and cannot take the columns. */
export async function checkPostgresTable(
  connection: PostgresConnection,
  schema: string | undefined,
  table: string,
  columns: readonly TableColumn[],
): Promise<PostgresTable | undefined> {
  const name = qualified(schema, table)
  const there = await readTypes(connection, name)
  if (there === undefined) return undefined
  const wanted = [
    { name: 'run', type: 'text' },
    { name: 'key', type: 'text' },
    { name: 'batch', type: 'bigint' },
    ...columns.map((column) => ({ name: column.name, type: POSTGRES_TYPES[column.kind] })),
  ]
  requireColumns(name, [...there.keys()], wanted)
  const found = {
    name,
    marks: qualified(schema, PARTS_TABLE),
    columns,
    types: wanted.map((column) => there.get(column.name) ?? ''),
  }
  try {
    await connection.query(`EXPLAIN ${upsertSql(found)}`, ['', 0, '[]'])
  } catch (error) {
    throw new UserError({
      message: `The table ${name} cannot be written to: ${messageOf(error)}.`,
      hint: `It must be unique over its run and key (ALTER TABLE ${name} ADD UNIQUE ("run", "key");), and this user must be allowed to insert and update.`,
    })
  }
  return found
}

/**
 * Writes rows that come as one JSON array ($3: objects with k, c0, c1 …) for a run ($1) and a part ($2); a row that is
 * there is replaced. One parameter for any number of rows, and the server itself turns each value into its column's type.
 */
export function upsertSql({ name, columns, types }: PostgresTable): string {
  const names = [...TABLE_KEYS, ...columns.map((column) => column.name)].map(quoteName)
  const updates = names.slice(2).map((column) => `${column} = excluded.${column}`)
  const fields = ['k text', ...columns.map((_, index) => `c${index} ${types[index + TABLE_KEYS.length]}`)]
  const values = ['$1', 'k', '$2', ...columns.map((_, index) => `c${index}`)]
  return `INSERT INTO ${name} (${names.join(', ')}) SELECT ${values.join(', ')} FROM json_to_recordset($3::json) AS r(${fields.join(', ')}) ON CONFLICT ("run", "key") DO UPDATE SET ${updates.join(', ')}`
}

export function qualified(schema: string | undefined, table: string): string {
  return schema === undefined ? quoteName(table) : `${quoteName(schema)}.${quoteName(table)}`
}

async function readTypes(
  connection: PostgresConnection,
  name: string,
): Promise<ReadonlyMap<string, string> | undefined> {
  const { rows } = await connection.query(
    `SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
     WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
    [name],
  )
  return rows.length === 0 ? undefined : new Map(rows.map((row) => [String(row.name), String(row.type)]))
}
