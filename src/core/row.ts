import type { JsonObject } from './json.ts'
import type { RowText } from './row-text.ts'

/** Where a row was written, for errors: a file, and a line (from 1) where the format has lines. */
export interface RowPlace {
  readonly file: string
  readonly line?: number
}

/**
 * What a source yields: the row's fields, not yet keyed, filtered or multiplied. One that comes in a block is to be read
 * before the next is asked for.
 */
export interface SourceRow {
  readonly fields: JsonObject
  /** The key that the source itself suggests (the files source: the file's path); absent: the row's position. */
  readonly key?: string
  readonly place?: RowPlace | undefined
  /** The fields as the dataset has them, where that is JSON; then `fields` is parsed only when it is asked for. */
  readonly text?: RowText
}

/** One item of a dataset: the thing a job asks its question about. */
export interface Row {
  /** Counts from 0 in dataset order, after `where`, `sample`, `limit` and `matrix`; the same after every crash. */
  readonly ordinal: number
  /** Unique in its run; names the row in every file we write. */
  readonly key: string
  /** What the templates see at the top level. */
  readonly fields: JsonObject
  readonly place?: RowPlace | undefined
  /** The fields as JSON text, where it is at hand. */
  readonly text?: RowText
}
