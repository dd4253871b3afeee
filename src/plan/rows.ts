// From what a source yields to the rows of a run: filtered, sampled, multiplied, keyed, numbered.

import { UserError } from '../core/errors.ts'
import { compileExpression, type Expression } from '../core/expression.ts'
import type { DatasetSpec } from '../core/job.ts'
import { isJsonObject, type Json, type JsonObject } from '../core/json.ts'
import { counted, quoted } from '../core/phrase.ts'
import type { Row, RowPlace, SourceRow } from '../core/row.ts'
import type { RowText } from '../core/row-text.ts'
import { RowWriter } from '../core/write-row.ts'
import { type Combination, combine, withValues } from './matrix.ts'
import { chooseSample } from './sample.ts'

/** Names a row; throws UserError where the template fails. */
export interface KeyRenderer {
  render(fields: JsonObject): string
  /** The same of a row's text, where it can be had without parsing it all. */
  copy?(text: RowText): string | undefined
}

/** A row with its text, from which it is written into the plan. */
export interface PlannedRow extends Row {
  readonly text: RowText
}

/** A key names a row in files, ids and lists; a text of this many characters does not name any more. */
const MAX_KEY_LENGTH = 1024
/** Deeper values would overflow the stack of whoever walks them. */
const MAX_DEPTH = 200

/**
 * Applies, in this order, `where`, `sample`, `limit`, `matrix`, then the keys, then ordinals from 0. The source is read
 * no further than needed, and all in order; rows come in the blocks of the source, each to be read before the next.
 *
 * A row's key is the rendered `key`; else what the source suggests (a file's path); else the row's position in the
 * dataset, from 1, which a filter does not change. The rows that a `matrix` makes of one have the values that `key` does
 * not mention appended: `report-English`, `report-French`.
 *
 * Only `sample` holds rows: as many as it is to choose. Throws UserError with the row's place.
 */
export async function* selectRows(
  blocks: AsyncIterable<Iterable<SourceRow>>,
  dataset: DatasetSpec,
  keys: KeyRenderer | undefined,
): AsyncGenerator<Iterable<PlannedRow>> {
  const naming = new Naming(combine(dataset.matrix ?? {}, dataset.key?.text), keys)
  const { where, sample, limit = Number.POSITIVE_INFINITY } = dataset
  if (sample !== undefined) {
    const chosen = await chooseSample(matching(blocks, new Matching(where)), sample.size, sample.seed)
    yield naming.sampled(chosen.slice(0, limit))
    return
  }
  const matches = new Matching(where, limit)
  if (matches.left <= 0) return
  for await (const block of blocks) {
    yield naming.rows(block, matches)
    if (matches.left <= 0) return
  }
}

async function* matching(
  blocks: AsyncIterable<Iterable<SourceRow>>,
  matches: Matching,
): AsyncGenerator<Iterable<Numbered>> {
  for await (const block of blocks) yield numbered(block, matches)
}

function* numbered(block: Iterable<SourceRow>, matches: Matching): Generator<Numbered> {
  for (const row of block) if (matches.takes(row)) yield { row, position: matches.position }
}

/** Gives rows their keys and ordinals. */
class Naming {
  readonly #combinations: readonly Combination[]
  readonly #keys: KeyRenderer | undefined
  readonly #writer = new RowWriter()
  #ordinal = 0

  constructor(combinations: readonly Combination[], keys: KeyRenderer | undefined) {
    this.#combinations = combinations
    this.#keys = keys
  }

  /** The rows of a block that match. One generator for both steps: each costs every row a turn. */
  *rows(block: Iterable<SourceRow>, matches: Matching): Generator<PlannedRow> {
    for (const row of block) {
      if (!matches.takes(row)) continue
      for (const combination of this.#combinations) yield this.#named(row, matches.position, combination)
      if (matches.left <= 0) return
    }
  }

  *sampled(chosen: readonly Numbered[]): Generator<PlannedRow> {
    for (const { row, position } of chosen) {
      for (const combination of this.#combinations) yield this.#named(row, position, combination)
    }
  }

  #named(row: SourceRow, position: number, { values, suffix }: Combination): PlannedRow {
    const combined = withValues(row, values)
    const text = combined.text ?? this.#writer.write(combined.fields)
    const copied = this.#keys?.copy?.(text)
    const key =
      copied === undefined
        ? (this.#keys?.render(combined.fields) ?? row.key ?? String(position)) + suffix
        : copied + suffix
    checkKey(key, row)
    return new NamedRow(this.#ordinal++, key, combined, text)
  }
}

class NamedRow implements PlannedRow {
  readonly ordinal: number
  readonly key: string
  readonly text: RowText
  readonly #row: SourceRow

  constructor(ordinal: number, key: string, row: SourceRow, text: RowText) {
    this.ordinal = ordinal
    this.key = key
    this.text = text
    this.#row = row
  }

  get fields(): JsonObject {
    return this.#row.fields
  }

  get place(): RowPlace | undefined {
    return this.#row.place
  }
}

/** A row and its position in the dataset, from 1. */
interface Numbered {
  readonly row: SourceRow
  readonly position: number
}

/** Counts rows, and says which are taken. */
class Matching {
  /** Rows that may still be taken. */
  left: number
  /** Of the row that was asked about last, from 1. */
  position = 0
  readonly #expression: Expression | undefined

  constructor(where: string | undefined, limit = Number.POSITIVE_INFINITY) {
    this.#expression = where === undefined ? undefined : compileExpression(where)
    this.left = limit
  }

  takes(row: SourceRow): boolean {
    this.position += 1
    // Whoever made the row's text has looked at all of it.
    if (row.text === undefined) checkFields(row.fields, row.place)
    if (this.#expression !== undefined && !holds(this.#expression, row)) return false
    this.left -= 1
    return true
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

function checkKey(key: string, row: SourceRow): void {
  if (key.trim() === '') {
    throw new UserError({
      message: 'The key of this row is empty.',
      hint: 'The key names the row everywhere; choose fields for dataset.key that every row has.',
      path: '/dataset/key',
      ...row.place,
    })
  }
  if (key.length > MAX_KEY_LENGTH) {
    throw new UserError({
      message: `The key of this row has ${counted(key.length, 'character')}; ${MAX_KEY_LENGTH.toLocaleString('en-US')} are allowed. It begins ${quoted(key)}.`,
      hint: 'Choose a short field for dataset.key, such as an id.',
      path: '/dataset/key',
      ...row.place,
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
