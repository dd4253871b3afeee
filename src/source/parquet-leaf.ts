// The values of a leaf column, row by row: missing values and lists put together from the levels of its pages.

import { assembleLists, type SchemaTree } from './hyparquet.ts'
import type { Page, PageReader } from './parquet-pages.ts'

export interface LeafCursor {
  readonly path: string
  /** Rows that can be taken without reading on; 0: the column has ended. */
  available(): Promise<number>
  /** The values of the next rows: no more than are available. */
  take(count: number): unknown[]
}

export function leafCursor(pages: PageReader, schemaPath: SchemaTree[]): LeafCursor {
  return schemaPath.length > 2 || pages.repetitions > 0 ? new NestedCursor(pages, schemaPath) : new FlatCursor(pages)
}

/** A column of single values, present or missing. */
class FlatCursor implements LeafCursor {
  readonly path: string
  readonly #pages: PageReader
  #page: Page | undefined
  /** Entries of the page that were taken. */
  #at = 0

  constructor(pages: PageReader) {
    this.path = pages.path
    this.#pages = pages
  }

  async available(): Promise<number> {
    if (this.#page === undefined || this.#at >= this.#page.count) {
      this.#page = undefined
      this.#page = await this.#pages.next()
      this.#at = 0
    }
    return this.#page === undefined ? 0 : this.#page.count - this.#at
  }

  take(count: number): unknown[] {
    const page = this.#page
    const from = this.#at
    this.#at += count
    if (page?.definitions === undefined) return page?.take(count) ?? []
    const levels = page.definitions.subarray(from, this.#at)
    const highest = this.#pages.definitions
    let present = 0
    for (const level of levels) if (level === highest) present++
    const values = page.take(present)
    let next = 0
    return Array.from(levels, (level) => (level === highest ? values[next++] : null))
  }
}

/** A leaf inside lists, maps or structs. A page's last row may go on in the next page, so it waits for that. */
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
      const page = await this.#pages.next()
      if (page === undefined) break
      this.#pages.explain(() => this.#append(page))
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

  #append({ count, definitions, repetitions, take }: Page): void {
    let present = count
    if (definitions !== undefined) {
      present = 0
      for (const level of definitions) if (level === this.#pages.definitions) present++
    }
    this.#rows = assembleLists(
      this.#rows.slice(this.#at),
      definitions && Array.from(definitions),
      Array.from(repetitions ?? []),
      take(present),
      this.#schemaPath,
    ) as unknown[]
    this.#at = 0
  }
}
