// How a key and the place of its row stand in a spill file, and the hash by which equal keys find each other.

import type { RowPlace } from '../core/row.ts'

/** A use of a key, as it was spilled. */
export interface KeyUse {
  readonly ordinal: number
  readonly place?: RowPlace
}

/** hash, ordinal: 8 bytes each; line, file, lengths of file and key: 4 bytes each. */
const HEAD_BYTES = 32
const NONE = 0xffffffff
/** The file is the key itself, as for a dataset of files. */
const IS_KEY = 0xfffffffe
/** The file's name follows. */
const INLINE = 0xfffffffd
/** Names that are kept in memory and written as a number. */
const MAX_NAMES = 1024

export class KeyRecords {
  readonly #names: string[] = []
  readonly #numbers = new Map<string, number>()

  /** What a record takes at most, in bytes. */
  sizeOf(key: string, place: RowPlace | undefined): number {
    return HEAD_BYTES + 3 * (key.length + (place?.file.length ?? 0))
  }

  /** Writes a record at `at` and gives its end. */
  write(into: Buffer, at: number, hash: number, key: string, ordinal: number, place: RowPlace | undefined): number {
    const file = place === undefined ? NONE : this.#numberOf(place.file, key)
    const nameBytes = file === INLINE && place !== undefined ? into.write(place.file, at + HEAD_BYTES) : 0
    const keyBytes = into.write(key, at + HEAD_BYTES + nameBytes)
    into.writeDoubleLE(hash, at)
    into.writeDoubleLE(ordinal, at + 8)
    into.writeUInt32LE(place?.line ?? NONE, at + 16)
    into.writeUInt32LE(file, at + 20)
    into.writeUInt32LE(nameBytes, at + 24)
    into.writeUInt32LE(keyBytes, at + 28)
    return at + HEAD_BYTES + nameBytes + keyBytes
  }

  /** Where the record that begins at `at` ends; undefined: not in these bytes. */
  endOf(bytes: Buffer, at: number): number | undefined {
    if (at + HEAD_BYTES > bytes.length) return undefined
    const end = at + HEAD_BYTES + bytes.readUInt32LE(at + 24) + bytes.readUInt32LE(at + 28)
    return end > bytes.length ? undefined : end
  }

  hash(bytes: Buffer, at: number): number {
    return bytes.readDoubleLE(at)
  }

  read(bytes: Buffer, at: number): { key: string; use: KeyUse } {
    const ordinal = bytes.readDoubleLE(at + 8)
    const line = bytes.readUInt32LE(at + 16)
    const nameEnd = at + HEAD_BYTES + bytes.readUInt32LE(at + 24)
    const key = bytes.toString('utf8', nameEnd, nameEnd + bytes.readUInt32LE(at + 28))
    const number = bytes.readUInt32LE(at + 20)
    if (number === NONE) return { key, use: { ordinal } }
    const inline = (): string => bytes.toString('utf8', at + HEAD_BYTES, nameEnd)
    const file = number === IS_KEY ? key : number === INLINE ? inline() : (this.#names[number] ?? '')
    return { key, use: { ordinal, place: line === NONE ? { file } : { file, line } } }
  }

  #numberOf(file: string, key: string): number {
    if (file === key) return IS_KEY
    const known = this.#numbers.get(file)
    if (known !== undefined) return known
    if (this.#names.length >= MAX_NAMES) return INLINE
    this.#numbers.set(file, this.#names.length)
    return this.#names.push(file) - 1
  }
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
