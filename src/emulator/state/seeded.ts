// Everything that looks random here is drawn from the seed and what is drawn for, so that a whole run can be repeated.

import { createHash } from 'node:crypto'

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

/** 32 bytes that depend on every part and on their borders. */
export function seededBytes(...parts: readonly (string | number)[]): Buffer {
  return createHash('sha256').update(parts.join('\u0000')).digest()
}

/** A number in [0, 1). */
export function seededUnit(...parts: readonly (string | number)[]): number {
  return seededBytes(...parts).readUInt32LE(0) / 2 ** 32
}

/** An id in the provider's style: `msg_01` and 22 characters. */
export function seededId(prefix: string, ...parts: readonly (string | number)[]): string {
  const bytes = seededBytes(...parts)
  let text = ''
  for (let at = 0; at < 22; at++) text += BASE58[(bytes[at] as number) % 58]
  return `${prefix}_01${text}`
}

/** Whole numbers below 2^32, one after another (mulberry32). */
export function seededNumbers(...parts: readonly (string | number)[]): () => number {
  let state = seededBytes(...parts).readUInt32LE(0)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
}

/** The numbers 0 … count - 1 in a seeded order. */
export function seededOrder(count: number, ...parts: readonly (string | number)[]): Uint32Array {
  const next = seededNumbers(...parts)
  const order = new Uint32Array(count)
  for (let at = 0; at < count; at++) order[at] = at
  for (let at = count - 1; at > 0; at--) {
    const other = next() % (at + 1)
    const held = order[at] as number
    order[at] = order[other] as number
    order[other] = held
  }
  return order
}
