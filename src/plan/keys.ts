// What a dataset's `key` makes of a row.

import type { Job } from '../core/job.ts'
import type { JsonObject } from '../core/json.ts'
import type { FieldNames, RowText } from '../core/row-text.ts'
import type { PlainTemplate } from '../prompt/plain-template.ts'
import { createTemplates } from '../prompt/template.ts'
import type { KeyRenderer } from './rows.ts'

/** undefined: the dataset names its rows itself. Throws UserError for a mistake in the template. */
export function createKeyRenderer(job: Job): KeyRenderer | undefined {
  if (job.dataset.key === undefined) return undefined
  const template = createTemplates(job.partials).compile(job.dataset.key)
  const about: JsonObject = { vars: job.vars, job: { name: job.name } }
  const render = (fields: JsonObject): string => template.render({ ...about, ...fields })
  if (template.plain === undefined || template.names.some(({ name }) => name in about)) return { render }
  const copier = new KeyCopier(template.plain)
  return { render, copy: (text) => copier.copy(text) }
}

/** Keys of texts and numbers, without parsing the rest of the row. */
class KeyCopier {
  readonly #plain: PlainTemplate
  #names: FieldNames | undefined
  #positions: readonly number[] = []

  constructor(plain: PlainTemplate) {
    this.#plain = plain
  }

  /** undefined: a value is missing, or has no text. */
  copy(row: RowText): string | undefined {
    const { constants, slots } = this.#plain
    if (row.names !== this.#names) {
      this.#names = row.names
      this.#positions = slots.map(({ name }) => (name === undefined ? -1 : row.names.positionOf(name)))
    }
    let key = constants[0] ?? ''
    for (let index = 0; index < slots.length; index += 1) {
      const field = this.#positions[index] as number
      const text = field < 0 ? undefined : row.textOf(field)
      if (text === undefined) return undefined
      key += text + (constants[index + 1] ?? '')
    }
    return key
  }
}
