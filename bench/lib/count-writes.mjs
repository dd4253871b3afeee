// Loaded into a process with --import: counts and times what it writes into SQLite (node:sqlite or libsql), and leaves the
// sums in the file COUNT_WRITES_FILE when it ends.
import { writeFileSync } from 'node:fs'
import Module, { syncBuiltinESMExports } from 'node:module'
import { isMainThread } from 'node:worker_threads'

const sums = { writes: 0, milliseconds: 0 }
const original = Module.prototype.require
Module.prototype.require = function (name) {
  const loaded = original.call(this, name)
  if (name === 'libsql') watch(loaded)
  if (name === 'node:sqlite') watch(loaded.DatabaseSync)
  return loaded
}
syncBuiltinESMExports()
if (isMainThread) process.on('exit', () => writeFileSync(process.env.COUNT_WRITES_FILE, JSON.stringify(sums)))

const watched = new WeakSet()

function watch(Database) {
  if (watched.has(Database)) return
  watched.add(Database)
  const { prepare } = Database.prototype
  Database.prototype.prepare = function (sql) {
    const statement = prepare.call(this, sql)
    if (!/^\s*(insert|update|delete|replace)/i.test(sql)) return statement
    const { run } = statement
    statement.run = function (...given) {
      const start = performance.now()
      try {
        return run.apply(this, given)
      } finally {
        sums.writes += 1
        sums.milliseconds += performance.now() - start
      }
    }
    return statement
  }
}
