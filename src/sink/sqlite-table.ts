// The table of a sqlite sink: how it is declared, checked and written to.

import { messageOf, UserError } from '../core/errors.ts'
import type { Json } from '../core/json.ts'
import type { SqliteDatabase, SqliteValue } from '../disk/sqlite.ts'
import type { ColumnKind } from './column-kind.ts'
import { PARTS_TABLE, quoteName, requireColumns, TABLE_KEYS, type TableColumn } from './sql-table.ts'

/** A column of an unknown kind has no type: SQLite then keeps every value as it is. */
const SQLITE_TYPES: Readonly<Record<ColumnKind, string>> = {
  text: 'TEXT',
  double: 'REAL',
  integer: 'INTEGER',
  boolean: 'INTEGER',
  json: 'TEXT',
  unknown: '',
}

/** Creates the table and the table of marks where they are missing. Throws UserError when the table is there and unfit. */
export function createSqliteTable(database: SqliteDatabase, table: string, columns: readonly TableColumn[]): void {
  const own = columns.map((column) => `${quoteName(column.name)} ${SQLITE_TYPES[column.kind]}`.trim())
  const keys = ['"run" TEXT NOT NULL', '"key" TEXT NOT NULL', '"batch" INTEGER NOT NULL']
  database.transaction(() => {
    database.exec(
      `CREATE TABLE IF NOT EXISTS ${quoteName(table)} (${[...keys, ...own].join(', ')}, PRIMARY KEY ("run", "key"))`,
    )
    database.exec(
      `CREATE TABLE IF NOT EXISTS ${PARTS_TABLE} (run TEXT NOT NULL, sink TEXT NOT NULL, part INTEGER NOT NULL, attempt INTEGER NOT NULL, PRIMARY KEY (run, sink, part))`,
    )
  })
  checkSqliteTable(database, table, columns)
}

/** Throws UserError when the table is there and cannot take the columns; a missing table is fine. */
export function checkSqliteTable(database: SqliteDatabase, table: string, columns: readonly TableColumn[]): void {
  const there = database.prepare(`PRAGMA table_info(${quoteName(table)})`).all()
  if (there.length === 0) return
  requireColumns(
    quoteName(table),
    there.map((column) => String(column.name)),
    [
      { name: 'run', type: 'TEXT' },
      { name: 'key', type: 'TEXT' },
      { name: 'batch', type: 'INTEGER' },
      ...columns.map((column) => ({ name: column.name, type: SQLITE_TYPES[column.kind] })),
    ],
  )
  try {
    database.prepare(
      upsertSql(
        table,
        columns,
        `VALUES (${allNames(columns)
          .map(() => '?')
          .join(', ')})`,
      ),
    )
  } catch (error) {
    throw new UserError({
      message: `The table ${quoteName(table)} cannot be written to: ${messageOf(error)}.`,
      hint: `It must be unique over its run and key: CREATE UNIQUE INDEX ${quoteName(`${table}_run_key`)} ON ${quoteName(table)} ("run", "key");`,
    })
  }
}

/** Writes `rows` (a VALUES or SELECT over run, key, batch and the columns) into the table; a row that is there is replaced. */
export function upsertSql(table: string, columns: readonly TableColumn[], rows: string): string {
  const names = allNames(columns).map(quoteName)
  const updates = names
    .filter((name) => name !== '"run"' && name !== '"key"')
    .map((name) => `${name} = excluded.${name}`)
  return `INSERT INTO ${quoteName(table)} (${names.join(', ')}) ${rows} ON CONFLICT ("run", "key") DO UPDATE SET ${updates.join(', ')}`
}

export function allNames(columns: readonly TableColumn[]): readonly string[] {
  return [...TABLE_KEYS, ...columns.map((column) => column.name)]
}

/** The largest magnitude that a SQLite integer holds. */
const INTEGER_LIMIT = 2 ** 63

export function sqliteValue(value: Json | undefined, kind: ColumnKind): SqliteValue {
  if (value === null || value === undefined) return null
  if (kind === 'json') return JSON.stringify(value)
  if (typeof value === 'string') return value
  if (kind === 'text' || typeof value === 'object') return JSON.stringify(value)
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value !== 'number') return JSON.stringify(value)
  // A column without a type keeps what it is given, and numbers are given as floating point.
  return Number.isInteger(value) && Math.abs(value) < INTEGER_LIMIT ? BigInt(value) : value
}
