import type { JsonObject } from './json.ts'

/** Where a row was written, for errors: a file, and a line (from 1) where the format has lines. */
export interface RowPlace {
  readonly file: string
  readonly line?: number
}

/** What a source yields: the row's fields, not yet keyed, filtered or multiplied. */
export interface SourceRow {
  readonly fields: JsonObject
  /** The key that the source itself suggests (the files source: the file's path); absent: the row's position. */
  readonly key?: string
  readonly place?: RowPlace
}

/** One item of a dataset: the thing a job asks its question about. */
export interface Row {
  /** Counts from 0 in dataset order, after `where`, `sample`, `limit` and `matrix`; the same after every crash. */
  readonly ordinal: number
  /** Unique in its run; names the row in every file we write. */
  readonly key: string
  /** What the templates see at the top level. */
  readonly fields: JsonObject
  readonly place?: RowPlace
}
