// Rows many at a time: awaiting once a row would cost more than reading it.

import type { JsonObject } from '../core/json.ts'
import type { RowPlace, SourceRow } from '../core/row.ts'
import type { RowText } from '../core/row-text.ts'
import type { Source, SourceContext } from './source.ts'

/** A row whose fields are parsed when somebody asks for them. */
export class TextRow implements SourceRow {
  readonly text: RowText
  readonly #file: string
  readonly #line: number | undefined
  #fields: JsonObject | undefined

  /** @param line from 1, where the file has lines */
  constructor(text: RowText, file: string, line?: number) {
    this.text = text
    this.#file = file
    this.#line = line
  }

  get fields(): JsonObject {
    this.#fields ??= this.text.parse()
    return this.#fields
  }

  get place(): RowPlace {
    return { file: this.#file, ...(this.#line === undefined ? {} : { line: this.#line }) }
  }
}

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
