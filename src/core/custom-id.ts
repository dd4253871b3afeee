// The custom_id of a request: readable in a provider's console, unique to the run, and its tail says which row it is.

import { putBytes } from './put-bytes.ts'

const SLUG_LENGTH = 40
const ORDINAL_DIGITS = 6
/** The first ordinal that has more digits. */
const FIRST_LONGER = 36 ** ORDINAL_DIGITS
const DASH = 45
const ZERO = 48
const NINE = 57
const UNDERSCORE = 95
const A = 97
const Z = 122
/** What makes a capital letter of ASCII a small one. */
const SMALL_BIT = 32

/** `annual-report-x7k2f9-00001c`: a slug of the key, the run's tag, the ordinal in base 36. At most 62 characters. */
export function customIdOf(key: string, tag: string, ordinal: number): string {
  return `${slugOf(key)}-${tag}-${ordinal.toString(36).padStart(ORDINAL_DIGITS, '0')}`
}

/** Writes the custom_ids of one run as bytes, for keys that stand in them as they are. */
export class CustomIdWriter {
  /** What stands between the key and the ordinal. */
  readonly #middle: Buffer

  constructor(tag: string) {
    this.#middle = Buffer.from(`-${tag}-`)
  }

  /**
   * Writes what `customIdOf` says of the key that stands in `bytes` from `from` to `to`, and answers where it ends; -1: the
   * key is not its own slug, and nothing counts that was written.
   */
  write(bytes: Buffer, from: number, to: number, ordinal: number, into: Buffer, at: number): number {
    const length = to - from
    if (length === 0 || length > SLUG_LENGTH || bytes[from] === DASH || bytes[to - 1] === DASH) return -1
    for (let index = 0; index < length; index += 1) {
      const byte = bytes[from + index] as number
      if (!isSlugByte(byte)) return -1
      into[at + index] = byte
    }
    const end = putBytes(this.#middle, into, at + length)
    let digits = ORDINAL_DIGITS
    for (let most = FIRST_LONGER; ordinal >= most; most *= 36) digits += 1
    for (let place = end + digits - 1, rest = ordinal; place >= end; place -= 1) {
      const digit = rest % 36
      into[place] = digit < 10 ? ZERO + digit : A + digit - 10
      rest = (rest - digit) / 36
    }
    return end + digits
  }
}

/** Its length, without making it. */
export function customIdLength(key: string, tag: string, ordinal: number): number {
  let digits = ORDINAL_DIGITS
  for (let most = FIRST_LONGER; ordinal >= most; most *= 36) digits += 1
  return slugOf(key).length + tag.length + digits + 2
}

/** The ordinal that a custom_id of the run with this tag names; undefined: not an id of that run. */
export function ordinalOfCustomId(customId: string, tag: string): number | undefined {
  const dash = customId.lastIndexOf('-')
  const from = dash - tag.length
  if (from < 2 || customId[from - 1] !== '-' || !customId.startsWith(tag, from)) return undefined
  const tail = customId.slice(dash + 1)
  if (tail.length < ORDINAL_DIGITS || !/^[0-9a-z]+$/.test(tail)) return undefined
  const ordinal = Number.parseInt(tail, 36)
  return Number.isSafeInteger(ordinal) ? ordinal : undefined
}

/** The same for an id in UTF-8, without making a string of it. */
export function ordinalInCustomId(bytes: Buffer, start: number, end: number, tag: Buffer): number | undefined {
  let ordinal = 0
  let place = 1
  let at = end - 1
  for (; at >= start && bytes[at] !== DASH; at -= 1) {
    const byte = bytes[at] as number
    if (byte >= ZERO && byte <= NINE) ordinal += (byte - ZERO) * place
    else if (byte >= A && byte <= Z) ordinal += (byte - A + 10) * place
    else return undefined
    place *= 36
  }
  const from = at - tag.length
  if (end - at - 1 < ORDINAL_DIGITS || from < start + 2 || bytes[from - 1] !== DASH) return undefined
  for (let letter = 0; letter < tag.length; letter += 1) if (bytes[from + letter] !== tag[letter]) return undefined
  return Number.isSafeInteger(ordinal) ? ordinal : undefined
}

/** Whether the key is its own slug, letter by letter: most are, and this is asked of every row. */
function isSlug(key: string): boolean {
  if (key.length === 0 || key.length > SLUG_LENGTH) return false
  if (key.charCodeAt(0) === DASH || key.charCodeAt(key.length - 1) === DASH) return false
  for (let at = 0; at < key.length; at += 1) if (!isSlugByte(key.charCodeAt(at))) return false
  return true
}

function isSlugByte(byte: number): boolean {
  const isLetter = (byte | SMALL_BIT) >= A && (byte | SMALL_BIT) <= Z
  return isLetter || (byte >= ZERO && byte <= NINE) || byte === UNDERSCORE || byte === DASH
}

/** The key reduced to letters, digits, `_` and `-`; accents are dropped, everything else becomes a dash. */
export function slugOf(key: string): string {
  if (isSlug(key)) return key
  const plain = key
    .slice(0, 400)
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/[^A-Za-z0-9_]+/g, '-')
  const slug = plain
    .slice(0, SLUG_LENGTH + 1)
    .replace(/^-+/, '')
    .slice(0, SLUG_LENGTH)
    .replace(/-+$/, '')
  return slug === '' ? 'row' : slug
}
