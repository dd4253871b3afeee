// What a request asks, as 16 bytes: equal for equal values whatever their key order, spacing or escapes.

import { createHash, type Hash } from 'node:crypto'
import { isJsonObject, type Json } from '../../core/json.ts'

export const DIGEST_BYTES = 16
const FLUSH_AT = 16_384

/** Throws RangeError for values nested deeper than the stack; the caller then takes the digest of the bytes. */
export function contentDigest(value: Json): Buffer {
  const hash = createHash('sha256')
  const rest = feed(value, '', hash)
  return hash.update(rest).digest().subarray(0, DIGEST_BYTES)
}

export function bytesDigest(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest().subarray(0, DIGEST_BYTES)
}

/** Strings carry their length instead of quotes and escapes, so that a document's megabytes are hashed as they are. */
function feed(value: Json, pending: string, hash: Hash): string {
  if (typeof value === 'string') {
    if (value.length < FLUSH_AT) return flush(`${pending}s${value.length}:${value}`, hash)
    hash.update(`${pending}s${value.length}:`)
    hash.update(value)
    return ''
  }
  if (Array.isArray(value)) {
    let text = `${pending}[`
    for (const item of value as readonly Json[]) text = feed(item, text, hash)
    return `${text}]`
  }
  if (!isJsonObject(value)) return flush(`${pending}${value};`, hash)
  let text = `${pending}{`
  for (const name of Object.keys(value).sort()) text = feed(value[name] as Json, `${text}${name.length}:${name}`, hash)
  return `${text}}`
}

function flush(text: string, hash: Hash): string {
  if (text.length < FLUSH_AT) return text
  hash.update(text)
  return ''
}
