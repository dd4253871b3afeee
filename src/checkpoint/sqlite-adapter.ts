// Keyv over one SQLite file. The published adapters lost acknowledged writes or failed when two processes wrote.

import type { SqliteDatabase } from '../disk/sqlite.ts'
import type { Adapter } from './adapter.ts'

/** Every statement is done, and a write is on disk, before its promise resolves. */
export function createSqliteAdapter(database: SqliteDatabase): Adapter {
  database.exec('CREATE TABLE IF NOT EXISTS checkpoint(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID')
  const select = database.prepare('SELECT value FROM checkpoint WHERE key = ?')
  const upsert = database.prepare(
    'INSERT INTO checkpoint(key, value) VALUES (?, ?) ON CONFLICT(key) DO UPDATE SET value = excluded.value',
  )
  const remove = database.prepare('DELETE FROM checkpoint WHERE key = ?')
  return {
    async get(key) {
      return select.get(key)?.value
    },
    async set(key, value) {
      return upsert.run(key, value).changes === 1
    },
    async delete(key) {
      return remove.run(key).changes > 0
    },
    async clear() {
      database.exec('DELETE FROM checkpoint')
    },
    async disconnect() {
      database.close()
    },
  }
}
