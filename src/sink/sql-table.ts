// What the two database sinks have in common: the table's own columns beside the user's, and their names in SQL.

import type { JsonSchema } from '../core/component.ts'
import { type Problem, UserError } from '../core/errors.ts'
import { isJsonObject, type JsonObject } from '../core/json.ts'
import { type ColumnKind, kindOfColumn } from './column-kind.ts'
import { COLUMNS_OPTION, type Column, checkColumns, columnsOf } from './columns.ts'
import type { SinkContext } from './sink.ts'

/** Columns that every table has: a row is named by (run, key); `batch` is the part it came with. */
export const TABLE_KEYS = ['run', 'key', 'batch'] as const

/** Where the marks of delivered parts stand, in the same database, written in the same transaction as the rows. */
export const PARTS_TABLE = 'batchwright_parts'

export interface TableColumn extends Column {
  readonly kind: ColumnKind
}

/** The `table` and `columns` options. */
export const TABLE_OPTIONS: Readonly<Record<string, JsonSchema>> = {
  table: {
    type: 'string',
    minLength: 1,
    default: 'outcomes',
    description:
      'The table; it is created when it is not there. One that is there needs the columns run, key and batch (a whole number), unique over (run, key), and those of `columns`.',
    examples: ['summaries'],
  },
  columns: {
    ...COLUMNS_OPTION,
    description: `${COLUMNS_OPTION.description} Beside run, key and batch, which every table has. Default: status, the output (or each property of its schema), error, cost_usd.`,
  },
}

export function tableOf(options: JsonObject): string {
  return String(options.table ?? 'outcomes')
}

/** The user's columns, without `key`, which the table has anyway. */
export function tableColumns(options: JsonObject, context: SinkContext): readonly TableColumn[] {
  return columnsOf(options, context, TABLE_KEYS)
    .filter((column) => column.path !== 'key' || column.name !== 'key')
    .map((column) => ({ ...column, kind: kindOfColumn(column, context.outputSchema) }))
}

/** Names that the table needs for itself, and names that differ only in case, which a database may hold to be one. */
export function checkTable(options: JsonObject): readonly Problem[] {
  const problems = [...checkColumns(options)]
  const names = isJsonObject(options.columns) ? Object.entries(options.columns) : []
  const seen = new Map<string, string>()
  for (const [name, path] of names) {
    const lower = name.toLowerCase()
    const earlier = seen.get(lower)
    const place = `/columns/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
    seen.set(lower, name)
    if (earlier !== undefined) {
      problems.push({ message: `The columns "${earlier}" and "${name}" have one name in a database.`, path: place })
    } else if ((TABLE_KEYS as readonly string[]).includes(lower) && !(name === 'key' && path === 'key')) {
      problems.push({
        message: `The column name "${name}" is taken: every table has run, key and batch of its own.`,
        hint:
          name === 'key'
            ? 'The row’s key is in "key" without being named; call this column otherwise.'
            : 'Call the column otherwise.',
        path: place,
      })
    }
  }
  return problems
}

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** Throws UserError when an existing table lacks columns, with the statement that adds them. */
export function requireColumns(
  table: string,
  there: readonly string[],
  wanted: readonly { readonly name: string; readonly type: string }[],
): void {
  const names = new Set(there.map((name) => name.toLowerCase()))
  const missing = wanted.filter((column) => !names.has(column.name.toLowerCase()))
  if (missing.length === 0) return
  const additions = missing.map(
    (column) => `ALTER TABLE ${table} ADD COLUMN ${`${quoteName(column.name)} ${column.type}`.trim()};`,
  )
  throw new UserError({
    message: `The table ${table} has no ${missing.length === 1 ? 'column' : 'columns'} ${missing.map((column) => `"${column.name}"`).join(', ')}.`,
    hint: `Add what is missing (${additions.join(' ')}), or name another table in the sink's "table": one that is not there is created.`,
  })
}
