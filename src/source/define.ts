// For a user's own source: one file with one value, typed.

import type { SourceRow } from '../core/row.ts'
import { rowsOfValue } from './module.ts'
import type { Source } from './source.ts'

/** What a source of one's own is given. */
export interface SourceCall {
  /** Absolute path of the project root. */
  readonly root: string
  /** Aborts when a person interrupts: stop reading, and close what is open. */
  readonly signal: AbortSignal
}

/** Rows are plain objects of JSON values, the same in the same order each time; their members are the templates' fields. */
export type SourceRows<Fields extends object = object> = Iterable<Fields> | AsyncIterable<Fields>

/** The rows, or a function that makes them. */
export type SourceDefinition<Fields extends object = object> =
  | SourceRows<Fields>
  | ((call: SourceCall) => SourceRows<Fields> | Promise<SourceRows<Fields>>)

/**
 * A source of one's own, to be named in a job as `{type: module, module: datasets/mine.mjs}`:
 *
 *     export default defineSource(async function* ({ signal }) {
 *       for await (const ticket of openTickets(signal)) yield { id: ticket.id, text: ticket.body }
 *     })
 *
 * What it throws is shown with the line of the file. `sourceContract` tests it.
 */
export function defineSource<Fields extends object>(definition: SourceDefinition<Fields>): SourceDefinition<Fields> {
  return definition
}

/** The definition as the component that a job would read it through. */
export function sourceOf(definition: SourceDefinition): Source {
  return {
    type: 'module',
    about: 'A source of the project’s own.',
    options: { type: 'object' },
    async *rows(_options, context): AsyncGenerator<SourceRow> {
      yield* await rowsOfValue(definition, { path: 'The source', absolute: 'The source' }, context)
    },
  }
}
