// DuckDB as an independent reader of what sinks wrote.

import { DuckDBInstance } from '@duckdb/node-api'
import type { Json, JsonObject } from '../../src/core/json.ts'

const instance = await DuckDBInstance.create(':memory:')
const connection = await instance.connect()

/** The rows of a query as DuckDB itself writes them in JSON. */
export async function duckdb(sql: string): Promise<readonly JsonObject[]> {
  const result = await connection.runAndReadAll(`SELECT to_json(q)::VARCHAR FROM (${sql}) q`)
  return result.getRows().map(([text]) => JSON.parse(String(text)) as JsonObject)
}

/** The columns of a query, each with DuckDB's type. */
export async function duckdbTypes(sql: string): Promise<Readonly<Record<string, Json>>> {
  const result = await connection.runAndReadAll(`DESCRIBE ${sql}`)
  return Object.fromEntries(result.getRows().map(([name, type]) => [String(name), String(type)]))
}
