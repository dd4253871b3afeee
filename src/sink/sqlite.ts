import { stat } from 'node:fs/promises'
import { messageOf, UserError } from '../core/errors.ts'
import type { JsonObject } from '../core/json.ts'
import { openSqlite, type SqliteDatabase } from '../disk/sqlite.ts'
import { claim } from './claim.ts'
import { fileSinkOptions } from './file-options.ts'
import type { Sink, SinkContext } from './sink.ts'
import { checkTable, TABLE_OPTIONS, tableColumns, tableOf } from './sql-table.ts'
import { checkSqliteTable, createSqliteTable } from './sqlite-table.ts'
import { SqliteWriter } from './sqlite-writer.ts'
import { probeFile, type TargetPath, targetPath } from './target-path.ts'

export const sqlite: Sink = {
  type: 'sqlite',
  about: 'A table in a SQLite database, one transaction for each batch; nested values are JSON text.',
  extensions: ['.db', '.sqlite', '.sqlite3'],
  delivery: 'parts',
  options: fileSinkOptions('db', TABLE_OPTIONS),
  check: (options) => [...checkTable(options), ...checkEnding(options)],
  async probe(options, context) {
    const target = await targetPath(String(options.path), context)
    const columns = tableColumns(options, context)
    await probeFile(target.path, target.location)
    if (!(await hasContent(target.path))) return
    const database = open(target)
    try {
      checkSqliteTable(database, tableOf(options), columns)
    } finally {
      database.close()
    }
  },
  open: (options, context) => openWriter(options, context),
}

async function openWriter(options: JsonObject, context: SinkContext): Promise<SqliteWriter> {
  const target = await targetPath(String(options.path), context)
  const table = tableOf(options)
  const columns = tableColumns(options, context)
  const release = claim(
    `${target.path} ${table.toLowerCase()} ${context.run}`,
    `the table ${table} of ${target.location}`,
  )
  try {
    const database = open(target)
    try {
      createSqliteTable(database, table, columns)
      return new SqliteWriter({ database, table, columns, run: context.run, location: target.location, release })
    } catch (error) {
      database.close()
      throw error
    }
  } catch (error) {
    release()
    throw error
  }
}

function open({ path, location }: TargetPath): SqliteDatabase {
  try {
    return openSqlite(path)
  } catch (error) {
    throw new UserError({
      message: `The SQLite database ${location} cannot be opened. ${messageOf(error)}`,
      hint: 'Choose another path for the sink, or move that file away.',
    })
  }
}

function checkEnding(options: JsonObject): readonly { message: string; path: string }[] {
  if (!String(options.path).endsWith('.gz')) return []
  return [{ message: 'A SQLite database cannot be compressed; let its path end in .db.', path: '/path' }]
}

async function hasContent(path: string): Promise<boolean> {
  try {
    return (await stat(path)).size > 0
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}
