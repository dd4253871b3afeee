// What a rendered path may be called on a disk.

import { createHash } from 'node:crypto'
import { sep } from 'node:path'

/** The longest name of a file that common file systems take, in bytes. */
const NAME_BYTES = 255
const DIGEST_DIGITS = 10

/**
 * The path with every name in it made one that a disk takes, and nothing else changed: a name that is too long is cut
 * and ends in a digest of the whole (its ending is kept); NUL and, on Windows, the characters it forbids become `_`.
 */
export function possiblePath(path: string): string {
  return path.split('/').map(possibleName).join('/')
}

function possibleName(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly those cannot be in a name.
  const allowed = name.replaceAll(sep === '\\' ? /[\u0000-\u001f<>"|?*]/g : /\u0000/g, '_')
  if (Buffer.byteLength(allowed) <= NAME_BYTES) return allowed
  const dot = allowed.lastIndexOf('.')
  const ending = dot > 0 && allowed.length - dot <= 12 ? allowed.slice(dot) : ''
  const digest = createHash('sha256').update(name).digest('hex').slice(0, DIGEST_DIGITS)
  const room = NAME_BYTES - Buffer.byteLength(ending) - DIGEST_DIGITS - 1
  return `${cut(allowed, room)}-${digest}${ending}`
}

/** The longest beginning of whole characters that fits. */
function cut(text: string, bytes: number): string {
  let used = 0
  let end = 0
  for (const character of text) {
    used += Buffer.byteLength(character)
    if (used > bytes) break
    end += character.length
  }
  return text.slice(0, end)
}
