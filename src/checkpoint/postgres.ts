// PostgreSQL through @keyv/postgres and pg, optional packages that are loaded only for a postgres:// store.

import type { Pool } from 'pg'
import { messageOf, UserError } from '../core/errors.ts'
import type { Backend } from './adapter.ts'
import { createLeases, LeaseLostError, type Leases, type LeaseTable } from './lease.ts'
import type { LockContext } from './lock.ts'

const CONNECT_WITHIN_MS = 5_000
const STATEMENT_WITHIN_MS = 15_000

const TABLE = 'batchwright_checkpoint'
/** With the schema that the adapter writes, whatever the user's search path is. */
const VALUES = `public.${TABLE}`
const LEASES = 'public.batchwright_lease'

export async function openPostgresBackend(url: string, shown: string, context: LockContext): Promise<Backend> {
  const { KeyvPostgres, Pool } = await importPostgres()
  const pool = new Pool({
    connectionString: url,
    max: 4,
    connectionTimeoutMillis: CONNECT_WITHIN_MS,
    query_timeout: STATEMENT_WITHIN_MS,
    application_name: 'batchwright',
  })
  // A connection that breaks while it idles is replaced; without a listener it would end the process.
  pool.on('error', () => undefined)
  try {
    await createTables(pool)
  } catch (error) {
    await pool.end()
    throw new Error(
      `The store ${shown} cannot be used: ${messageOf(error)}. Check that the server runs, that address, user and password are right, and that the user may create tables.`,
      { cause: error },
    )
  }

  /** The adapter keeps one pool for the whole process, and closing one store would close them all: this one has its own. */
  class OwnPool extends KeyvPostgres {
    override async connect() {
      return async (sql: string, values?: unknown[]) => (await pool.query(sql, values)).rows
    }
  }
  const adapter = new OwnPool({ uri: url, table: TABLE, keySize: 1000 })
  const leases = createLeases(createPostgresTable(pool), context)
  return {
    url: shown,
    adapter: {
      get: (key) => adapter.get(key),
      set: (key, value) => setFenced(pool, leases, key, value),
      delete: (key) => adapter.delete(key),
      clear: () => adapter.clear(),
      disconnect: () => pool.end(),
      on: (event, listener) => adapter.on(event, listener),
    },
    locks: leases,
  }
}

/** Two processes that begin together must not both create a table: PostgreSQL's IF NOT EXISTS is no protection. */
async function createTables(pool: Pool): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    await client.query("SELECT pg_advisory_xact_lock(hashtext('batchwright'))")
    await client.query(`CREATE TABLE IF NOT EXISTS ${VALUES}(key VARCHAR(1000) PRIMARY KEY, value TEXT)`)
    await client.query(
      `CREATE TABLE IF NOT EXISTS ${LEASES}(run TEXT PRIMARY KEY, lease TEXT NOT NULL, until TIMESTAMPTZ NOT NULL)`,
    )
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    throw error
  } finally {
    client.release()
  }
}

/** The server's clock decides, so the machines' own need not agree. */
const UNTIL = "clock_timestamp() + $3 * interval '1 millisecond'"

function createPostgresTable(pool: Pool): LeaseTable {
  const changes = async (sql: string, values: unknown[]): Promise<boolean> =>
    ((await pool.query(sql, values)).rowCount ?? 0) > 0
  return {
    take: (run, lease, ttlMs) =>
      changes(
        `INSERT INTO ${LEASES} AS l(run, lease, until) VALUES ($1, $2, ${UNTIL})
         ON CONFLICT (run) DO UPDATE SET lease = excluded.lease, until = excluded.until
         WHERE l.until < clock_timestamp()`,
        [run, lease, ttlMs],
      ),
    async read(run) {
      const sql = `SELECT lease FROM ${LEASES} WHERE run = $1 AND until >= clock_timestamp()`
      return (await pool.query<{ lease: string }>(sql, [run])).rows[0]?.lease
    },
    replace: (run, old, lease, ttlMs) =>
      changes(`UPDATE ${LEASES} SET lease = $2, until = ${UNTIL} WHERE run = $1 AND lease = $4`, [
        run,
        lease,
        ttlMs,
        old,
      ]),
    // A lease that ran out and that nobody took is still ours: the row would say otherwise.
    renew: (run, lease, ttlMs) =>
      changes(`UPDATE ${LEASES} SET until = ${UNTIL} WHERE run = $1 AND lease = $2`, [run, lease, ttlMs]),
    async drop(run, lease) {
      await changes(`DELETE FROM ${LEASES} WHERE run = $1 AND lease = $2`, [run, lease])
    },
  }
}

async function setFenced(pool: Pool, leases: Leases, key: string, value: string): Promise<boolean> {
  const upsert = 'ON CONFLICT (key) DO UPDATE SET value = excluded.value'
  const fence = leases.fenceOf(key)
  if (fence === undefined) {
    await pool.query(`INSERT INTO ${VALUES}(key, value) VALUES ($1, $2) ${upsert}`, [key, value])
    return true
  }
  // FOR SHARE makes a take-over wait for this write, and this write see a take-over that came first.
  const { rowCount } = await pool.query(
    `WITH held AS (SELECT 1 FROM ${LEASES} WHERE run = $3 AND lease = $4 FOR SHARE)
     INSERT INTO ${VALUES}(key, value) SELECT $1, $2 FROM held ${upsert}`,
    [key, value, fence.run, fence.lease],
  )
  if (rowCount !== 1) throw new LeaseLostError(fence.run, 'the server has another holder or none')
  return true
}

async function importPostgres() {
  try {
    const [{ default: KeyvPostgres }, { default: pg }] = await Promise.all([import('@keyv/postgres'), import('pg')])
    return { KeyvPostgres, Pool: pg.Pool }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new UserError({
      message: 'A postgres:// store needs the packages "@keyv/postgres" and "pg", which are not both installed.',
      hint: 'Install them with "npm install @keyv/postgres pg", or use sqlite:.batchwright/state.db.',
    })
  }
}
