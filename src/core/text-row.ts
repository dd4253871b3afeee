// A row that is text until somebody asks for its fields.

import type { JsonObject } from './json.ts'
import type { RowPlace, SourceRow } from './row.ts'
import type { RowText } from './row-text.ts'

export class TextRow implements SourceRow {
  readonly text: RowText
  readonly #file: string | undefined
  readonly #line: number | undefined
  #fields: JsonObject | undefined

  /** @param line from 1, where the file has lines */
  constructor(text: RowText, file: string | undefined, line?: number) {
    this.text = text
    this.#file = file
    this.#line = line
  }

  get fields(): JsonObject {
    this.#fields ??= this.text.parse()
    return this.#fields
  }

  get place(): RowPlace | undefined {
    if (this.#file === undefined) return undefined
    return this.#line === undefined ? { file: this.#file } : { file: this.#file, line: this.#line }
  }
}
