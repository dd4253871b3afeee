// How a key and the place of its row stand in memory and in a spill file, and the hash by which equal keys find each other.

import type { RowPlace } from '../core/row.ts'

/** A use of a key. */
export interface KeyUse {
  readonly ordinal: number
  readonly place?: RowPlace
}

/** hash, ordinal: 8 bytes each; line, file, lengths of file and key: 4 bytes each. */
const HEAD_BYTES = 32
const ORDINAL = 8
const LINE = 16
const FILE = 20
const NAME_BYTES = 24
const KEY_BYTES = 28
const NONE = 0xffffffff
/** The file is the key itself, as for a dataset of files. */
const IS_KEY = 0xfffffffe
/** The file's name follows. */
const INLINE = 0xfffffffd
/** Names that are kept in memory and written as a number. */
const MAX_NAMES = 1024
/** A UTF-16 unit is at most three bytes of UTF-8. */
const UNIT_BYTES = 3
const ASCII = 0x7f

/** Records in one stretch of memory. Buffer's own calls for numbers take ten times as long as a DataView's. */
export interface RecordBytes {
  readonly bytes: Buffer
  readonly view: DataView
}

export function recordBytes(bytes: Buffer): RecordBytes {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) }
}

export class KeyRecords {
  readonly #names: string[] = []
  readonly #numbers = new Map<string, number>()
  /** Rows mostly come from the file of the row before. */
  #lastName: string | undefined
  #lastNumber = 0

  /** What a record takes at most, in bytes. */
  sizeOf(key: string, place: RowPlace | undefined): number {
    return HEAD_BYTES + UNIT_BYTES * (key.length + (place?.file.length ?? 0))
  }

  /** Writes a record at `at` and gives its end. */
  write(
    { bytes, view }: RecordBytes,
    at: number,
    hash: number,
    key: string,
    ordinal: number,
    place: RowPlace | undefined,
  ): number {
    const file = place === undefined ? NONE : this.#numberOf(place.file, key)
    const nameBytes = file === INLINE && place !== undefined ? bytes.write(place.file, at + HEAD_BYTES) : 0
    const keyBytes = put(bytes, at + HEAD_BYTES + nameBytes, key)
    view.setFloat64(at, hash, true)
    view.setFloat64(at + ORDINAL, ordinal, true)
    view.setUint32(at + LINE, place?.line ?? NONE, true)
    view.setUint32(at + FILE, file, true)
    view.setUint32(at + NAME_BYTES, nameBytes, true)
    view.setUint32(at + KEY_BYTES, keyBytes, true)
    return at + HEAD_BYTES + nameBytes + keyBytes
  }

  /** Where the record that begins at `at` ends; undefined: not in these bytes. */
  endOf({ bytes, view }: RecordBytes, at: number): number | undefined {
    if (at + HEAD_BYTES > bytes.length) return undefined
    const end = at + HEAD_BYTES + view.getUint32(at + NAME_BYTES, true) + view.getUint32(at + KEY_BYTES, true)
    return end > bytes.length ? undefined : end
  }

  hash({ view }: RecordBytes, at: number): number {
    return view.getFloat64(at, true)
  }

  read({ bytes, view }: RecordBytes, at: number): { key: string; use: KeyUse } {
    const ordinal = view.getFloat64(at + ORDINAL, true)
    const line = view.getUint32(at + LINE, true)
    const nameEnd = at + HEAD_BYTES + view.getUint32(at + NAME_BYTES, true)
    const key = bytes.toString('utf8', nameEnd, nameEnd + view.getUint32(at + KEY_BYTES, true))
    const number = view.getUint32(at + FILE, true)
    if (number === NONE) return { key, use: { ordinal } }
    const inline = (): string => bytes.toString('utf8', at + HEAD_BYTES, nameEnd)
    const file = number === IS_KEY ? key : number === INLINE ? inline() : (this.#names[number] ?? '')
    return { key, use: { ordinal, place: line === NONE ? { file } : { file, line } } }
  }

  #numberOf(file: string, key: string): number {
    if (file === key) return IS_KEY
    if (file === this.#lastName) return this.#lastNumber
    const known = this.#numbers.get(file)
    if (known === undefined && this.#names.length >= MAX_NAMES) return INLINE
    const number = known ?? this.#names.push(file) - 1
    this.#numbers.set(file, number)
    this.#lastName = file
    this.#lastNumber = number
    return number
  }
}

/** Writes a key and gives its bytes; letter by letter, which for the usual key is faster than a call out of JavaScript. */
function put(bytes: Buffer, at: number, key: string): number {
  for (let index = 0; index < key.length; index += 1) {
    const unit = key.charCodeAt(index)
    if (unit > ASCII) return bytes.write(key, at)
    bytes[at + index] = unit
  }
  return key.length
}

/** 53 bits (cyrb53): what a double holds. Equal hashes are only a suspicion; the keys themselves decide. */
export function hashOf(text: string): number {
  let a = 0xdeadbeef
  let b = 0x41c6ce57
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    a = Math.imul(a ^ unit, 2654435761)
    b = Math.imul(b ^ unit, 1597334677)
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909)
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909)
  return 4294967296 * (2097151 & b) + (a >>> 0)
}
