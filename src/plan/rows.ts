// From what a source yields to the rows of a run: filtered, sampled, multiplied, keyed, numbered.

import { type Problem, UserError } from '../core/errors.ts'
import { compileExpression } from '../core/expression.ts'
import type { DatasetSpec } from '../core/job.ts'
import type { Json, JsonObject } from '../core/json.ts'
import { isJsonObject } from '../core/json.ts'
import { counted, quoted } from '../core/phrase.ts'
import type { Row, RowPlace, SourceRow } from '../core/row.ts'

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
  let chosen: AsyncIterable<Numbered> = filter(number(rows), dataset.where)
  if (dataset.sample !== undefined) chosen = sample(chosen, dataset.sample.size, dataset.sample.seed)
  if (dataset.limit !== undefined) chosen = take(chosen, dataset.limit)
  let ordinal = 0
  for await (const { row, position } of chosen) {
    for (const { values, suffix } of combinations) {
      const fields = withMatrix(row, values)
      const key = (renderKey?.(fields, row) ?? row.key ?? String(position)) + suffix
      checkKey(key, row.place)
      yield { ordinal, key, fields, ...(row.place === undefined ? {} : { place: row.place }) }
      ordinal++
    }
  }
}

interface Numbered {
  readonly row: SourceRow
  /** In the dataset, from 1. */
  readonly position: number
}

async function* number(rows: AsyncIterable<SourceRow>): AsyncGenerator<Numbered> {
  let position = 0
  for await (const row of rows) {
    checkFields(row.fields, row.place)
    yield { row, position: ++position }
  }
}

async function* filter(rows: AsyncIterable<Numbered>, where: string | undefined): AsyncGenerator<Numbered> {
  if (where === undefined) {
    yield* rows
    return
  }
  const expression = compileExpression(where)
  for await (const numbered of rows) {
    if (holds(numbered.row)) yield numbered
  }

  function holds({ fields, place }: SourceRow): boolean {
    try {
      return expression.evaluate(fields)
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      throw new UserError(error.problems.map((problem) => ({ ...problem, ...placed(place) })))
    }
  }
}

async function* take(rows: AsyncIterable<Numbered>, limit: number): AsyncGenerator<Numbered> {
  if (limit <= 0) return
  let left = limit
  for await (const numbered of rows) {
    yield numbered
    if (--left === 0) return
  }
}

/**
 * Reservoir sampling (algorithm R): every row has the same chance, one pass, and the chosen ones come in the order of
 * the dataset. The same seed over the same rows chooses the same.
 */
async function* sample(rows: AsyncIterable<Numbered>, size: number, seed: number): AsyncGenerator<Numbered> {
  const random = randomFrom(seed)
  const chosen: Numbered[] = []
  let seen = 0
  for await (const numbered of rows) {
    seen++
    if (chosen.length < size) chosen.push(numbered)
    else {
      const at = Math.floor(random() * seen)
      if (at < size) chosen[at] = numbered
    }
  }
  yield* chosen.sort((a, b) => a.position - b.position)
}

/** mulberry32: numbers in [0, 1) that depend on the seed alone. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

interface Combination {
  readonly values: JsonObject
  readonly suffix: string
}

/** The cross product, the last name varying fastest; without names the one combination that adds nothing. */
function combine(matrix: Readonly<Record<string, readonly Json[]>>, key: string | undefined): readonly Combination[] {
  let combinations: Combination[] = [{ values: {}, suffix: '' }]
  for (const [name, values] of Object.entries(matrix)) {
    const isInKey = key !== undefined && mentions(key, name)
    combinations = combinations.flatMap((combination) =>
      values.map((value, index) => ({
        values: { ...combination.values, [name]: value },
        suffix: combination.suffix + (isInKey ? '' : `-${inWords(name, value, index)}`),
      })),
    )
  }
  return combinations
}

/** Whether a template uses the name inside {{…}}. */
function mentions(template: string, name: string): boolean {
  const inside = template.match(/\{\{[^}]*\}\}/g) ?? []
  return inside.some((expression) => expression.split(/[^\p{L}\p{N}_$-]+/u).includes(name))
}

function inWords(name: string, value: Json, index: number): string {
  return typeof value === 'object' && value !== null ? `${name}${index + 1}` : String(value)
}

function withMatrix(row: SourceRow, values: JsonObject): JsonObject {
  const names = Object.keys(values)
  if (names.length === 0) return row.fields
  const taken = names.find((name) => Object.hasOwn(row.fields, name))
  if (taken !== undefined) {
    throw new UserError({
      message: `The matrix name ${quoted(taken)} is also a field of the row.`,
      hint: 'Give the name in "matrix" another spelling; a row’s value is never replaced in silence.',
      path: `/dataset/matrix/${taken}`,
      ...placed(row.place),
    })
  }
  return { ...row.fields, ...values }
}

function checkKey(key: string, place: RowPlace | undefined): void {
  if (key.trim() === '') {
    throw new UserError({
      message: 'The key of this row is empty.',
      hint: 'The key names the row everywhere; choose fields for dataset.key that every row has.',
      path: '/dataset/key',
      ...placed(place),
    })
  }
  if (key.length > MAX_KEY_LENGTH) {
    throw new UserError({
      message: `The key of this row has ${counted(key.length, 'character')}; ${MAX_KEY_LENGTH.toLocaleString('en-US')} are allowed. It begins ${quoted(key)}.`,
      hint: 'Choose a short field for dataset.key, such as an id.',
      path: '/dataset/key',
      ...placed(place),
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
    ...placed(place),
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

function placed(place: RowPlace | undefined): Pick<Problem, 'file' | 'line'> {
  if (place === undefined) return {}
  return place.line === undefined ? { file: place.file } : { file: place.file, line: place.line }
}
