// From what a source yields to the rows of a run: filtered, sampled, multiplied, keyed, numbered.

import { UserError } from '../core/errors.ts'
import { compileExpression, type Expression } from '../core/expression.ts'
import type { DatasetSpec } from '../core/job.ts'
import { isJsonObject, type Json, type JsonObject } from '../core/json.ts'
import { counted, quoted } from '../core/phrase.ts'
import type { Row, RowPlace, SourceRow } from '../core/row.ts'
import { combine, withValues } from './matrix.ts'
import { chooseSample } from './sample.ts'

/** Renders the dataset's `key` over the fields of a row; throws UserError where the template fails. */
export type RenderKey = (fields: JsonObject, row: { readonly place?: RowPlace }) => string

/** A key names a row in files, ids and lists; a text of this many characters does not name any more. */
const MAX_KEY_LENGTH = 1024
/** Deeper values would overflow the stack of whoever walks them. */
const MAX_DEPTH = 200

/**
 * Applies, in this order, `where`, `sample`, `limit`, `matrix`, then the keys, then ordinals from 0. The source is read
 * no further than needed, and all in order.
 *
 * A row's key is the rendered `key`; else what the source suggests (a file's path); else the row's position in the
 * dataset, from 1, which a filter does not change. The rows that a `matrix` makes of one have the values that `key` does
 * not mention appended: `report-English`, `report-French`.
 *
 * Only `sample` holds rows: as many as it is to choose. Throws UserError with the row's place.
 */
export async function* selectRows(
  rows: AsyncIterable<SourceRow>,
  dataset: DatasetSpec,
  renderKey: RenderKey | undefined,
): AsyncGenerator<Row> {
  const combinations = combine(dataset.matrix ?? {}, dataset.key?.text)
  const { where, sample: sampled, limit = Number.POSITIVE_INFINITY } = dataset
  const chosen =
    sampled === undefined
      ? matching(rows, where, limit)
      : (await chooseSample(matching(rows, where), sampled.size, sampled.seed)).slice(0, limit)
  let ordinal = 0
  for await (const { row, position } of chosen) {
    for (const { values, suffix } of combinations) {
      const fields = withValues(row, values)
      const key = detached((renderKey?.(fields, row) ?? row.key ?? String(position)) + suffix)
      checkKey(key, row.place)
      yield { ordinal, key, fields, ...(row.place === undefined ? {} : { place: row.place }) }
      ordinal++
    }
  }
}

/**
 * The same text in memory of its own. Keys are kept by the thousand to find equal ones, and V8 makes a text that was cut
 * out of a line as a view of it: each key would keep its whole line alive. Cutting a joined text makes a new one.
 */
function detached(key: string): string {
  return key.length < SHORTEST_VIEW ? key : ` ${key}`.slice(1)
}

/** Shorter texts are always copied. Characters. */
const SHORTEST_VIEW = 13

interface Numbered {
  readonly row: SourceRow
  /** In the dataset, from 1. */
  readonly position: number
}

/** One generator for several steps: each further one would cost every row a turn of the event loop's queue. */
async function* matching(
  rows: AsyncIterable<SourceRow>,
  where: string | undefined,
  limit = Number.POSITIVE_INFINITY,
): AsyncGenerator<Numbered> {
  const expression = where === undefined ? undefined : compileExpression(where)
  let position = 0
  let left = limit
  if (left <= 0) return
  for await (const row of rows) {
    position++
    checkFields(row.fields, row.place)
    if (expression !== undefined && !holds(expression, row)) continue
    yield { row, position }
    if (--left <= 0) return
  }
}

function holds(expression: Expression, { fields, place }: SourceRow): boolean {
  try {
    return expression.evaluate(fields)
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    throw new UserError(error.problems.map((problem) => ({ ...problem, ...place })))
  }
}

function checkKey(key: string, place: RowPlace | undefined): void {
  if (key.trim() === '') {
    throw new UserError({
      message: 'The key of this row is empty.',
      hint: 'The key names the row everywhere; choose fields for dataset.key that every row has.',
      path: '/dataset/key',
      ...place,
    })
  }
  if (key.length > MAX_KEY_LENGTH) {
    throw new UserError({
      message: `The key of this row has ${counted(key.length, 'character')}; ${MAX_KEY_LENGTH.toLocaleString('en-US')} are allowed. It begins ${quoted(key)}.`,
      hint: 'Choose a short field for dataset.key, such as an id.',
      path: '/dataset/key',
      ...place,
    })
  }
}

/** Refuses what would be lost or dangerous later, whichever source it came from. */
function checkFields(fields: JsonObject, place: RowPlace | undefined): void {
  const bad = findBad(fields, 0)
  if (bad === undefined) return
  throw new UserError({
    message:
      bad === 'name'
        ? 'The row contains a field named "__proto__", which JavaScript treats as something else than data.'
        : `The row is nested more than ${MAX_DEPTH} levels deep.`,
    hint: bad === 'name' ? 'Rename the field.' : 'Flatten it, or keep the nested part as a text.',
    ...place,
  })
}

function findBad(value: Json, depth: number): 'name' | 'depth' | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (depth > MAX_DEPTH) return 'depth'
  if (isJsonObject(value)) {
    if (Object.hasOwn(value, '__proto__')) return 'name'
    for (const name in value) {
      const member = value[name]
      if (typeof member === 'object') {
        const bad = findBad(member, depth + 1)
        if (bad !== undefined) return bad
      }
    }
    return undefined
  }
  for (const member of value) {
    const bad = findBad(member, depth + 1)
    if (bad !== undefined) return bad
  }
  return undefined
}
