// One door to SQLite: node:sqlite where Node has it (22.13 and later), else the libsql package. Both write the same file.

import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { messageOf } from '../core/errors.ts'

/** How long a statement waits for another process's write, in milliseconds. */
const BUSY_TIMEOUT_MS = 5000

export type SqliteValue = string | number | bigint | null | Uint8Array
export type SqliteRow = Record<string, unknown>

export interface SqliteStatement {
  run(...params: SqliteValue[]): { changes: number }
  get(...params: SqliteValue[]): SqliteRow | undefined
  all(...params: SqliteValue[]): SqliteRow[]
}

export interface SqliteDatabase {
  exec(sql: string): void
  prepare(sql: string): SqliteStatement
  /** Runs `fn` between BEGIN IMMEDIATE and COMMIT; whatever it throws rolls everything back. Does not nest. */
  transaction<T>(fn: () => T): T
  close(): void
}

/**
 * Opens (or creates, with the folders above it) a database in WAL mode with synchronous=FULL: what is committed survives
 * a crash and a power loss. Throws an Error that names the path when it cannot be opened, or no SQLite can be loaded.
 */
export function openSqlite(path: string): SqliteDatabase {
  const driver = loadDriver()
  try {
    mkdirSync(dirname(path), { recursive: true })
    const handle = driver(path)
    try {
      handle.exec(`PRAGMA busy_timeout=${BUSY_TIMEOUT_MS}`)
      useWriteAheadLog(handle)
      handle.exec('PRAGMA synchronous=FULL')
    } catch (error) {
      handle.close()
      throw error
    }
    return new Database(handle)
  } catch (error) {
    throw new Error(
      `The SQLite database ${path} cannot be opened: ${messageOf(error)}. Check that its folder can be written and that the file is a SQLite database.`,
      { cause: error },
    )
  }
}

/** What node:sqlite's DatabaseSync and libsql's Database have in common. */
interface Handle {
  exec(sql: string): unknown
  prepare(sql: string): {
    run(...params: SqliteValue[]): { changes: number | bigint }
    get(...params: SqliteValue[]): unknown
    all(...params: SqliteValue[]): unknown[]
  }
  close(): void
}

class Database implements SqliteDatabase {
  readonly #handle: Handle

  constructor(handle: Handle) {
    this.#handle = handle
  }

  exec(sql: string): void {
    this.#handle.exec(sql)
  }

  prepare(sql: string): SqliteStatement {
    const statement = this.#handle.prepare(sql)
    return {
      run: (...params) => ({ changes: Number(statement.run(...params).changes) }),
      get: (...params) => plainRow(statement.get(...params)),
      all: (...params) =>
        statement
          .all(...params)
          .map(plainRow)
          .filter((row) => row !== undefined),
    }
  }

  transaction<T>(fn: () => T): T {
    this.#handle.exec('BEGIN IMMEDIATE')
    try {
      const value = fn()
      this.#handle.exec('COMMIT')
      return value
    } catch (error) {
      try {
        this.#handle.exec('ROLLBACK')
      } catch {
        // A full disk rolls back by itself; the first error is the one that matters.
      }
      throw error
    }
  }

  close(): void {
    this.#handle.close()
  }
}

/** An ordinary object without the `_metadata` that libsql adds to each row. */
function plainRow(row: unknown): SqliteRow | undefined {
  if (typeof row !== 'object' || row === null) return undefined
  const plain: SqliteRow = { ...row }
  delete plain._metadata
  return plain
}

/**
 * SQLite does not wait for others while it changes the journal mode, so two processes that open a new file together
 * would fail at once; this waits as long as any other statement does.
 */
function useWriteAheadLog(handle: Handle): void {
  const mode = handle.prepare('PRAGMA journal_mode=WAL')
  const pause = new Int32Array(new SharedArrayBuffer(4))
  for (let waitedMs = 0; ; waitedMs += 20) {
    try {
      mode.get()
      return
    } catch (error) {
      if (waitedMs >= BUSY_TIMEOUT_MS || !/locked|busy/i.test(messageOf(error))) throw error
      Atomics.wait(pause, 0, 0, 20)
    }
  }
}

type Driver = (path: string) => Handle

function loadDriver(): Driver {
  const require = createRequire(import.meta.url)
  const builtIn = loadBuiltIn(require)
  if (builtIn) return (path) => new builtIn.DatabaseSync(path)
  try {
    const Libsql = require('libsql') as new (path: string) => Handle
    return (path) => new Libsql(path)
  } catch (error) {
    throw new Error(
      'No SQLite is available: this Node has no node:sqlite (22.13 and later have it) and the package "libsql" is not installed. ' +
        'Use a newer Node, install it with "npm install libsql", or choose another store.',
      { cause: error },
    )
  }
}

interface BuiltIn {
  readonly DatabaseSync: new (path: string) => Handle
}

/** Node 22 announces node:sqlite with an ExperimentalWarning on stderr; only that one is held back. */
function loadBuiltIn(require: NodeJS.Require): BuiltIn | undefined {
  const host = require('node:process') as NodeJS.Process
  const emitWarning = host.emitWarning
  host.emitWarning = ((warning: string | Error, ...rest: unknown[]) => {
    if (/SQLite/i.test(messageOf(warning)) && rest.includes('ExperimentalWarning')) return
    Reflect.apply(emitWarning, host, [warning, ...rest])
  }) as typeof emitWarning
  try {
    return require('node:sqlite') as BuiltIn
  } catch {
    return undefined
  } finally {
    host.emitWarning = emitWarning
  }
}
