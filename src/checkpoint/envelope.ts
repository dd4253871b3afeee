// Each stored value carries a checksum, so that a damaged one is recognised instead of being believed.

import { createHash } from 'node:crypto'
import type { Json } from '../core/json.ts'

/** Fixed form: the checksum is over the exact characters of the value, not over what a parser makes of them. */
const SEALED = /^\{"sum":"([0-9a-f]{16})","value":(.*)\}$/s

export function seal(value: Json): string {
  const text = JSON.stringify(value)
  return `{"sum":"${checksum(text)}","value":${text}}`
}

/** The value, or undefined when the text is not what `seal` made. */
export function unseal(text: string): { readonly value: Json } | undefined {
  const [, sum, value] = SEALED.exec(text) ?? []
  if (value === undefined || sum !== checksum(value)) return undefined
  return { value: JSON.parse(value) as Json }
}

function checksum(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}
