// The values of a leaf column, row by row: missing values and lists put together from the levels of its pages.

import { assembleLists, type SchemaTree } from './hyparquet.ts'
import type { Entries, PageReader } from './parquet-pages.ts'
import { type ColumnValues, TextColumn } from './parquet-texts.ts'

export interface LeafCursor {
  readonly path: string
  /** Rows that can be taken without reading on; 0: the column has ended. */
  available(): Promise<number>
  /** The values of the next rows: no more than are available. */
  take(count: number): ColumnValues
  close(): Promise<void>
}

export function leafCursor(pages: PageReader, schemaPath: SchemaTree[]): LeafCursor {
  return pages.isFlat ? new FlatCursor(pages) : new NestedCursor(pages, schemaPath)
}

/** A column of single values, present or missing. */
class FlatCursor implements LeafCursor {
  readonly path: string
  readonly #pages: PageReader
  #rows: ColumnValues = []
  /** Rows that were taken. */
  #at = 0

  constructor(pages: PageReader) {
    this.path = pages.path
    this.#pages = pages
  }

  async available(): Promise<number> {
    if (this.#at === this.#rows.length) {
      const entries = await this.#pages.next()
      this.#rows = entries === undefined ? [] : this.#rowsOf(entries)
      this.#at = 0
    }
    return this.#rows.length - this.#at
  }

  take(count: number): ColumnValues {
    this.#at += count
    return this.#rows.slice(this.#at - count, this.#at)
  }

  close(): Promise<void> {
    return this.#pages.close()
  }

  #rowsOf({ definitions, values }: Entries): ColumnValues {
    if (definitions === undefined) return values
    const highest = this.#pages.definitions
    if (values instanceof TextColumn) return values.spread(definitions, highest)
    let next = 0
    return Array.from(definitions, (level) => (level === highest ? values[next++] : null))
  }
}

/** A leaf inside lists, maps or structs. The last row of some entries may go on in the next, so it waits for them. */
class NestedCursor implements LeafCursor {
  readonly path: string
  readonly #pages: PageReader
  readonly #schemaPath: SchemaTree[]
  #rows: unknown[] = []
  #at = 0

  constructor(pages: PageReader, schemaPath: SchemaTree[]) {
    this.path = pages.path
    this.#pages = pages
    this.#schemaPath = schemaPath
  }

  async available(): Promise<number> {
    while (this.#complete() === 0) {
      const entries = await this.#pages.next()
      if (entries === undefined) break
      this.#pages.explain(() => this.#append(entries))
    }
    return this.#complete()
  }

  take(count: number): unknown[] {
    this.#at += count
    return this.#rows.slice(this.#at - count, this.#at)
  }

  #complete(): number {
    const isOpen = this.#pages.repetitions > 0 && !this.#pages.isAtEnd
    return Math.max(0, this.#rows.length - this.#at - (isOpen ? 1 : 0))
  }

  close(): Promise<void> {
    return this.#pages.close()
  }

  #append({ definitions, repetitions, values }: Entries): void {
    this.#rows = assembleLists(
      this.#rows.slice(this.#at),
      definitions && Array.from(definitions),
      Array.from(repetitions ?? []),
      values as unknown[],
      this.#schemaPath,
    ) as unknown[]
    this.#at = 0
  }
}
