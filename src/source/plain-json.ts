// What a user's own code gives us, as JSON: a copy, so that nobody changes it later, or what is wrong with it.

import type { Json } from '../core/json.ts'
import { describeValue } from '../core/phrase.ts'

/** Deeper values, and those that contain themselves, are no data. */
const MAX_DEPTH = 200

export class NotJsonError extends Error {
  /** Dotted; empty: the value itself. */
  readonly path: string
  constructor(path: string, message: string) {
    super(message)
    this.path = path
  }
}

/** Members that are undefined are left out, as JSON.stringify does. Throws NotJsonError. */
export function plainJson(value: unknown, path = '', depth = 0): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return value
    throw new NotJsonError(path, `is ${value}, which JSON does not have; use null or a text`)
  }
  if (typeof value === 'bigint') throw new NotJsonError(path, 'is a BigInt; use a number or a text')
  if (typeof value !== 'object')
    throw new NotJsonError(path, `is ${typeof value === 'undefined' ? 'undefined' : `a ${typeof value}`}`)
  if (depth > MAX_DEPTH) throw new NotJsonError(path.slice(0, 60), 'is nested too deep, or contains itself')
  const at = (name: string | number): string => (path === '' ? String(name) : `${path}.${name}`)
  if (Array.isArray(value)) return value.map((item: unknown, index) => plainJson(item, at(index), depth + 1))
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) {
    const kind = (value as object).constructor?.name ?? 'an object with a prototype'
    throw new NotJsonError(
      path,
      `is a ${kind}; give plain objects, lists, texts, numbers, true, false and null${kind === 'Date' ? ' (date.toISOString())' : ''}`,
    )
  }
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return Object.fromEntries(members.map(([name, member]) => [name, plainJson(member, at(name), depth + 1)]))
}

/** The value in a few words, for "it gives …". */
export function inWords(value: unknown): string {
  if (typeof value === 'function') return 'a function'
  return typeof value === 'bigint' ? 'a BigInt' : describeValue(value)
}
