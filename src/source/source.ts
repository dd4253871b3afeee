import type { Component } from '../core/component.ts'
import type { JsonObject } from '../core/json.ts'
import type { SourceRow } from '../core/row.ts'

export interface SourceContext {
  /** Absolute path of the project root; paths in options are relative to it and may not leave it. */
  readonly root: string
  readonly signal: AbortSignal
  /** The job file relative to the root, for errors about the dataset as a whole. */
  readonly jobFile: string
}

/**
 * Reads a dataset. Called once for each plan; yields rows in an order that is the same every time the data is the same.
 * Streams: what it holds does not grow with the dataset.
 *
 * Throws UserError, with file and line, for data that cannot be read as what it claims to be: a ragged row, broken JSON,
 * bytes that are not UTF-8, a file that is not there, a glob that matches nothing. Never skips a row in silence.
 */
export interface Source extends Component {
  rows(options: JsonObject, context: SourceContext): AsyncIterable<SourceRow>
  /**
   * The same rows, many at a time; each block is read when its rows are asked for, and before the next block. Absent: only
   * one by one.
   */
  blocks?(options: JsonObject, context: SourceContext): AsyncIterable<Iterable<SourceRow>>
}
