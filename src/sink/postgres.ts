// The one door to the package pg, which is only loaded when a job has such a sink.

import type { Client } from 'pg'
import { messageOf, type Problem, UserError } from '../core/errors.ts'
import type { JsonObject } from '../core/json.ts'
import { addressOf, checkAddress } from './address.ts'
import { claim } from './claim.ts'
import { checkPostgresTable, createPostgresTable, qualified } from './postgres-table.ts'
import { PostgresWriter } from './postgres-writer.ts'
import type { Sink, SinkContext } from './sink.ts'
import { checkTable, TABLE_OPTIONS, tableColumns, tableOf } from './sql-table.ts'

const CONNECT_TIMEOUT_MS = 15_000
/** PostgreSQL cuts longer names in silence. */
const NAME_BYTES = 63

/** As much of a connection as this room uses. */
export interface PostgresConnection {
  query(sql: string, values?: readonly unknown[]): Promise<{ readonly rows: readonly Record<string, unknown>[] }>
  end(): Promise<void>
}

export const postgres: Sink = {
  type: 'postgres',
  about:
    'A table in a PostgreSQL database, one transaction for each batch; nested values are jsonb. Needs the package pg.',
  delivery: 'parts',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      url: {
        type: 'string',
        minLength: 1,
        description: 'The connection string. One with a password belongs into the environment: see url_env.',
        examples: ['postgres://localhost:5432/results'],
      },
      url_env: {
        type: 'string',
        minLength: 1,
        description:
          'The environment variable that holds the connection string; it is read when the sink is opened and stored nowhere.',
        examples: ['RESULTS_DATABASE_URL'],
      },
      schema: {
        type: 'string',
        minLength: 1,
        description:
          "The table's schema; it is created when it is not there. Default: the first one of the connection's search path.",
        examples: ['llm'],
      },
      ...TABLE_OPTIONS,
      invalid_text: {
        enum: ['refuse', 'replace'],
        default: 'refuse',
        description:
          'Texts with a NUL character or half a character, which PostgreSQL cannot hold: refuse the batch and name the row, or replace them by U+FFFD.',
        examples: ['replace'],
      },
    },
  },
  check: (options) => [...checkAddress(options), ...checkTable(options), ...checkNames(options)],
  async probe(options, context) {
    const columns = tableColumns(options, context)
    const connection = await connect(options, context)
    try {
      await checkPostgresTable(connection, schemaOf(options), tableOf(options), columns)
    } finally {
      await connection.end()
    }
  },
  async open(options, context) {
    const columns = tableColumns(options, context)
    const name = qualified(schemaOf(options), tableOf(options))
    const location = `${shownUrl(addressOf(options, context))} table ${name.replaceAll('"', '')}`
    const release = claim(`${location} ${context.run}`, location)
    try {
      const connection = await connect(options, context)
      try {
        const table = await createPostgresTable(connection, schemaOf(options), tableOf(options), columns)
        return new PostgresWriter({
          connect: () => connect(options, context),
          table,
          run: context.run,
          location,
          replaceInvalidText: options.invalid_text === 'replace',
          release,
        })
      } finally {
        await connection.end()
      }
    } catch (error) {
      release()
      throw error
    }
  },
}

async function connect(options: JsonObject, context: SinkContext): Promise<PostgresConnection> {
  const url = addressOf(options, context)
  const client = await createClient(url)
  // A connection that breaks while nothing is asked of it says so here; the next query fails and tells.
  client.on('error', () => undefined)
  try {
    await client.connect()
  } catch (error) {
    throw new UserError({
      message: `The PostgreSQL server at ${shownUrl(url)} cannot be reached: ${messageOf(error) || 'no answer'}.`,
      hint: 'Check the connection string, that the server runs, and that it lets this user in.',
    })
  }
  return {
    query: (sql, values) => client.query(sql, values === undefined ? undefined : [...values]),
    end: () => client.end(),
  }
}

async function createClient(url: string): Promise<Client> {
  let pg: typeof import('pg')
  try {
    pg = await import('pg')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new UserError({
      message: 'The postgres sink needs the package "pg", which is not installed.',
      hint: 'Install it beside batchwright: npm install pg',
    })
  }
  return new pg.default.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'batchwright',
  })
}

/** Without user and password, for people. */
function shownUrl(url: string): string {
  try {
    const { protocol, host, pathname } = new URL(url)
    return `${protocol}//${host}${pathname}`
  } catch {
    return 'postgres'
  }
}

function schemaOf(options: JsonObject): string | undefined {
  return options.schema === undefined ? undefined : String(options.schema)
}

function checkNames(options: JsonObject): readonly Problem[] {
  const columns =
    typeof options.columns === 'object' && !Array.isArray(options.columns) ? Object.keys(options.columns ?? {}) : []
  const names: readonly (readonly [string, string])[] = [
    ['/table', tableOf(options)],
    ['/schema', schemaOf(options) ?? ''],
    ...columns.map((name) => [`/columns/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`, name] as const),
  ]
  return names
    .filter(([, name]) => Buffer.byteLength(name) > NAME_BYTES)
    .map(([path, name]) => ({
      message: `"${name}" is longer than the ${NAME_BYTES} bytes that PostgreSQL allows a name.`,
      path,
    }))
}
