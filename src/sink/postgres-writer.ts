// Delivers parts to a PostgreSQL table: each on a connection of its own, in one transaction with its mark.

import type { RunId } from '../core/batch.ts'
import { messageOf, UserError } from '../core/errors.ts'
import type { Outcome } from '../core/result.ts'
import type { PostgresConnection } from './postgres.ts'
import { rowJson } from './postgres-rows.ts'
import { type PostgresTable, upsertSql } from './postgres-table.ts'
import type { PartId, SinkPart, SinkWriter } from './sink.ts'
import { IGNORED_PART } from './text-file.ts'

export interface PostgresTarget {
  readonly connect: () => Promise<PostgresConnection>
  readonly table: PostgresTable
  readonly run: RunId
  readonly location: string
  readonly replaceInvalidText: boolean
  readonly release: () => void
}

/** Rows go over in pieces of about this many characters; larger ones are slower (98,000 rows/s at 0.5 MB, 78,000 at 2 MB). */
const PIECE_CHARACTERS = 1 << 19

export class PostgresWriter implements SinkWriter {
  readonly location: string
  readonly #target: PostgresTarget

  constructor(target: PostgresTarget) {
    this.location = target.location
    this.#target = target
  }

  /** Hours may pass between two parts, in which a connection would be closed by somebody on the way. */
  async openPart(part: PartId): Promise<SinkPart> {
    const connection = await this.#target.connect()
    try {
      await connection.query('BEGIN')
      const isCurrent = await this.#mark(connection, part)
      if (isCurrent) return new PostgresPart(this.#target, connection, part)
      await connection.query('ROLLBACK')
    } catch (error) {
      await connection.end().catch(() => undefined)
      throw error
    }
    await connection.end()
    return IGNORED_PART
  }

  async finish(): Promise<void> {
    this.#target.release()
  }

  async abort(): Promise<void> {
    this.#target.release()
  }

  /** Writes the part's mark; an earlier attempt's rows give way. False where a later attempt is there already. */
  async #mark(connection: PostgresConnection, part: PartId): Promise<boolean> {
    const { table, run } = this.#target
    const place = [run, table.name, part.index]
    const { rows } = await connection.query(
      `SELECT attempt FROM ${table.marks} WHERE run = $1 AND sink = $2 AND part = $3 FOR UPDATE`,
      place,
    )
    const delivered = rows[0] === undefined ? undefined : Number(rows[0].attempt)
    if (delivered !== undefined && delivered > part.attempt) return false
    if (delivered !== undefined) {
      await connection.query(`DELETE FROM ${table.name} WHERE "run" = $1 AND "batch" = $2`, [run, part.index])
    }
    await connection.query(
      `INSERT INTO ${table.marks} (run, sink, part, attempt) VALUES ($1, $2, $3, $4) ON CONFLICT (run, sink, part) DO UPDATE SET attempt = excluded.attempt`,
      [...place, part.attempt],
    )
    return true
  }
}

interface RowText {
  readonly key: string
  readonly json: string
}

class PostgresPart implements SinkPart {
  readonly #target: PostgresTarget
  readonly #connection: PostgresConnection
  readonly #part: PartId
  readonly #sql: string
  #rows: RowText[] = []
  #characters = 0
  /** The piece on its way, so that the next is made while the server works. */
  #sending: Promise<void> = Promise.resolve()

  constructor(target: PostgresTarget, connection: PostgresConnection, part: PartId) {
    this.#target = target
    this.#connection = connection
    this.#part = part
    this.#sql = upsertSql(target.table)
  }

  write(outcome: Outcome): Promise<void> | undefined {
    const json = rowJson(outcome, this.#target.table, this.#target.replaceInvalidText)
    this.#rows.push({ key: outcome.key, json })
    this.#characters += json.length
    return this.#characters < PIECE_CHARACTERS ? undefined : this.#sendPiece()
  }

  async commit(): Promise<void> {
    await this.#sendPiece()
    await this.#sending
    await this.#connection.query('COMMIT')
    await this.#connection.end()
  }

  async abort(): Promise<void> {
    // Closing the connection rolls back by itself.
    await this.#connection.end().catch(() => undefined)
  }

  /** Resolves when the piece before has arrived; throws what happened to it. */
  async #sendPiece(): Promise<void> {
    const rows = this.#rows
    this.#rows = []
    this.#characters = 0
    await this.#sending
    if (rows.length === 0) return
    this.#sending = this.#send(rows)
    // Whoever waits for it next is told; nobody may come, when the part is aborted.
    this.#sending.catch(() => undefined)
  }

  async #send(rows: readonly RowText[]): Promise<void> {
    await this.#connection.query('SAVEPOINT piece')
    try {
      await this.#insert(rows.map((row) => row.json))
      await this.#connection.query('RELEASE SAVEPOINT piece')
    } catch (error) {
      if (!isAboutData(error)) throw error
      throw (await this.#refusedRow(rows)) ?? error
    }
  }

  async #insert(rows: readonly string[]): Promise<void> {
    await this.#connection.query(this.#sql, [this.#target.run, this.#part.index, `[${rows.join(',')}]`])
  }

  /** PostgreSQL refuses a piece as a whole; row by row it says which one it means. */
  async #refusedRow(rows: readonly RowText[]): Promise<UserError | undefined> {
    await this.#connection.query('ROLLBACK TO SAVEPOINT piece')
    for (const row of rows) {
      try {
        await this.#insert([row.json])
      } catch (error) {
        if (!isAboutData(error)) throw error
        return new UserError({
          message: `The table ${this.#target.table.name} refuses the row "${row.key}": ${messageOf(error)}${detailOf(error)}.`,
          hint: 'Change the column or the constraint, or deliver to another table; nothing of this batch was written.',
        })
      }
    }
    return undefined
  }
}

/** Classes 22 (data exception), 23 (constraint) and 54 (a limit of the server) of PostgreSQL's error codes. */
function isAboutData(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' && /^(22|23|54)/.test(code)
}

function detailOf(error: unknown): string {
  const { detail, where } = error as { detail?: unknown; where?: unknown }
  if (typeof detail === 'string') return ` (${detail.replace(/\.$/, '').slice(0, 200)})`
  return typeof where === 'string' ? ` (${where.slice(0, 200)})` : ''
}
