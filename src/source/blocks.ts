// Rows many at a time: awaiting once a row would cost more than reading it.

import type { JsonObject } from '../core/json.ts'
import type { SourceRow } from '../core/row.ts'
import type { Source, SourceContext } from './source.ts'

/** The source's rows in blocks; one that knows of none gives each row as a block. */
export function rowBlocks(
  source: Source,
  options: JsonObject,
  context: SourceContext,
): AsyncIterable<Iterable<SourceRow>> {
  return source.blocks?.(options, context) ?? singly(source.rows(options, context))
}

async function* singly(rows: AsyncIterable<SourceRow>): AsyncGenerator<Iterable<SourceRow>> {
  for await (const row of rows) yield [row]
}

/** The rows of blocks one by one, each with its fields. */
export async function* oneByOne(blocks: AsyncIterable<Iterable<SourceRow>>): AsyncGenerator<SourceRow> {
  for await (const block of blocks) {
    for (const { fields, key, place } of block) {
      yield { fields, ...(key === undefined ? {} : { key }), ...(place === undefined ? {} : { place }) }
    }
  }
}
