// Delivers parts to a SQLite table. A part is gathered in a temporary table, which locks nothing, and goes over in one transaction.

import type { RunId } from '../core/batch.ts'
import { messageOf, UserError } from '../core/errors.ts'
import type { Outcome } from '../core/result.ts'
import type { SqliteDatabase, SqliteStatement } from '../disk/sqlite.ts'
import type { PartId, SinkPart, SinkWriter } from './sink.ts'
import { PARTS_TABLE, quoteName, type TableColumn } from './sql-table.ts'
import { allNames, sqliteValue, upsertSql } from './sqlite-table.ts'
import { IGNORED_PART } from './text-file.ts'

export interface SqliteTarget {
  readonly database: SqliteDatabase
  readonly table: string
  readonly columns: readonly TableColumn[]
  readonly run: RunId
  readonly location: string
  readonly release: () => void
}

const STAGE = 'temp.batchwright_part'

export class SqliteWriter implements SinkWriter {
  readonly location: string
  readonly #target: SqliteTarget
  readonly #insert: SqliteStatement
  #isOpen = true

  constructor(target: SqliteTarget) {
    this.location = target.location
    this.#target = target
    const names = allNames(target.columns).map(quoteName)
    target.database.exec(`CREATE TEMP TABLE batchwright_part (${names.join(', ')})`)
    this.#insert = target.database.prepare(`INSERT INTO ${STAGE} VALUES (${names.map(() => '?').join(', ')})`)
  }

  async openPart(part: PartId): Promise<SinkPart> {
    if ((this.#deliveredAttempt(part) ?? 0) > part.attempt) return IGNORED_PART
    const { database } = this.#target
    // One transaction over the temporary table alone: without it each row would be one of its own.
    database.exec(`DELETE FROM ${STAGE}`)
    database.exec('BEGIN')
    return {
      write: (outcome) => this.#stage(outcome, part),
      commit: async () => {
        database.exec('COMMIT')
        this.#deliver(part)
      },
      abort: async () => {
        try {
          database.exec('ROLLBACK')
        } catch {
          // Nothing was open: the delivery failed and rolled back by itself.
        }
      },
    }
  }

  async finish(): Promise<void> {
    this.#close()
  }

  async abort(): Promise<void> {
    try {
      this.#close()
    } catch {
      // What was not committed is gone with the process at the latest.
    }
  }

  #stage(outcome: Outcome, part: PartId): void {
    const values = this.#target.columns.map((column) => sqliteValue(column.read(outcome), column.kind))
    this.#insert.run(this.#target.run, outcome.key, part.index, ...values)
  }

  #deliver(part: PartId): void {
    const { database, table, columns, run } = this.#target
    const names = allNames(columns).map(quoteName).join(', ')
    const rows = `SELECT ${names} FROM ${STAGE} WHERE true ORDER BY rowid`
    try {
      database.transaction(() => {
        const delivered = this.#deliveredAttempt(part)
        if (delivered !== undefined && delivered > part.attempt) return
        // An earlier attempt may have left rows that this one does not select any more.
        if (delivered !== undefined) {
          database.prepare(`DELETE FROM ${quoteName(table)} WHERE "run" = ? AND "batch" = ?`).run(run, part.index)
        }
        database.exec(upsertSql(table, columns, rows))
        database
          .prepare(
            `INSERT INTO ${PARTS_TABLE} VALUES (?, ?, ?, ?) ON CONFLICT (run, sink, part) DO UPDATE SET attempt = excluded.attempt`,
          )
          .run(run, table, part.index, part.attempt)
      })
    } catch (error) {
      if (!/constraint/i.test(messageOf(error))) throw error
      throw new UserError({
        message: `The table ${quoteName(table)} of ${this.location} refuses a row of batch ${part.index}: ${messageOf(error)}.`,
        hint: 'Relax the constraint, or deliver to another table; nothing of this batch was written.',
      })
    }
  }

  #deliveredAttempt(part: PartId): number | undefined {
    const mark = this.#target.database
      .prepare(`SELECT attempt FROM ${PARTS_TABLE} WHERE run = ? AND sink = ? AND part = ?`)
      .get(this.#target.run, this.#target.table, part.index)
    return mark === undefined ? undefined : Number(mark.attempt)
  }

  #close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#target.release()
    this.#target.database.close()
  }
}
