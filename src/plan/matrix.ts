// A dataset's `matrix`: every row once for each combination of values.

import { UserError } from '../core/errors.ts'
import type { Json, JsonObject } from '../core/json.ts'
import { quoted } from '../core/phrase.ts'
import type { SourceRow } from '../core/row.ts'

/** One choice of a value for each name of a dataset's `matrix`. */
export interface Combination {
  /** Added to the fields. */
  readonly values: JsonObject
  /** Added to the key. */
  readonly suffix: string
}

/** Each is held in memory, and is a request for every row. */
const MAX_COMBINATIONS = 100_000

/**
 * The cross product, the last name varying fastest; without names the one combination that adds nothing. Values of names
 * that the template `key` does not mention make the suffix. Throws UserError for more than anybody means.
 */
export function combine(
  matrix: Readonly<Record<string, readonly Json[]>>,
  key: string | undefined,
): readonly Combination[] {
  const count = Object.values(matrix).reduce((product, values) => product * values.length, 1)
  if (count > MAX_COMBINATIONS) {
    throw new UserError({
      message: `The matrix makes ${count.toLocaleString('en-US')} requests of every row; at most ${MAX_COMBINATIONS.toLocaleString('en-US')} are possible.`,
      hint: 'Every combination of its values is a request; take names or values away, or put combinations into the dataset.',
      path: '/dataset/matrix',
    })
  }
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

/** The row with the values among its fields; throws UserError for a name that it has itself. */
export function withValues(row: SourceRow, values: JsonObject): SourceRow {
  const names = Object.keys(values)
  if (names.length === 0) return row
  const taken = names.find((name) => Object.hasOwn(row.fields, name))
  if (taken !== undefined) {
    throw new UserError({
      message: `The matrix name ${quoted(taken)} is also a field of the row.`,
      hint: 'Give the name in "matrix" another spelling; a row’s value is never replaced in silence.',
      path: `/dataset/matrix/${taken}`,
      ...row.place,
    })
  }
  return { fields: { ...row.fields, ...values }, ...(row.place === undefined ? {} : { place: row.place }) }
}
