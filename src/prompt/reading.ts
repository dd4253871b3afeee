// How a template reads a path, and what it says when there is nothing to read.

import { nearest } from '../core/nearest.ts'
import { describeValue, listed } from '../core/phrase.ts'
import { isTopLevel, namesIn, ownValue } from './context.ts'
import { HelperError } from './template-error.ts'

const NAMES_SHOWN = 40

/** A path as a template wrote it: `original` for people, `names` to follow from where it begins. */
export interface Reading {
  readonly original: string
  readonly names: readonly string[]
}

/** Follows the names from `head`; undefined as soon as one is missing. */
export function follow(head: unknown, names: readonly string[]): unknown {
  let at = head
  for (const name of names) {
    at = ownValue(at, name)
    if (at === undefined) return undefined
  }
  return at
}

/** The value, which must exist; it may be null. Throws HelperError with the names that exist. */
export function needed(head: unknown, reading: Reading, root: unknown): unknown {
  const value = follow(head, reading.names)
  if (value === undefined) throw missing(head, reading, root)
  return value
}

/** The value for a condition: a name of the top level must exist, what is missing further down is undefined. */
export function perhaps(head: unknown, reading: Reading, root: unknown): unknown {
  const value = follow(head, reading.names)
  const [first] = reading.names
  if (value === undefined && first !== undefined && isTopLevel(head, root) && ownValue(head, first) === undefined) {
    throw missing(head, reading, root)
  }
  return value
}

/** The value as it stands in a text: null, lists and objects have no text. */
export function printed(value: unknown, original: string): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (value === null || value === undefined) {
    const what = value === null ? 'null' : 'missing'
    throw new HelperError(
      `${original} is ${what}, and a text cannot say that.`,
      isPath(original)
        ? `Write {{default ${original} "…"}} to give another text, or {{#if ${original}}} … {{/if}} to leave it out.`
        : 'Give another text with the helper default, or leave it out with {{#if …}}.',
    )
  }
  const way = Array.isArray(value) ? `{{join ${original} ", "}}, {{#each ${original}}} or ` : ''
  throw new HelperError(
    `${original} is ${describeValue(value)}, and a text cannot hold it as it is.`,
    isPath(original) ? `Write ${way}{{json ${original}}}.` : 'Write it with the helper json or join.',
  )
}

function missing(head: unknown, { original, names }: Reading, root: unknown): HelperError {
  if (head === undefined) {
    return original.startsWith('@')
      ? new HelperError(`${original} has no value here.`, '@index, @key, @first and @last exist inside {{#each}}.')
      : new HelperError(`${original} goes further up than there is something.`, 'Take away one ../ of it.')
  }
  let at = head
  for (const [index, name] of names.entries()) {
    const next = ownValue(at, name)
    if (next === undefined) return noSuchName(at, names, index, original, root)
    at = next
  }
  return new HelperError(`${original} has no value.`)
}

function noSuchName(at: unknown, names: readonly string[], index: number, original: string, root: unknown) {
  const name = names[index] ?? ''
  const exist = namesIn(at)
  const guess = nearest(name, exist)
  const didYouMean = guess === undefined ? '' : ` Did you mean "${guess}"?`
  const here = original.slice(0, original.lastIndexOf(name)).replace(/[./[]+$/, '') || 'the value here'
  const outside = index === 0 && ownValue(root, name) !== undefined
  const way = `Inside {{#each}} and {{#with}} a name of the row is written @root.${name}`
  if (typeof at !== 'object' || at === null) {
    return new HelperError(`${here} is ${describeValue(at)}, so it has no "${name}".`, outside ? `${way}.` : undefined)
  }
  if (Array.isArray(at)) {
    return new HelperError(
      `${here} is a list of ${at.length}, so it has no "${name}".`,
      `Write {{#each ${here}}} … {{/each}} for all of it or ${here}.[0] for its first.`,
    )
  }
  const list = listNames(exist)
  if (index === 0 && isTopLevel(at, root)) {
    return new HelperError(`Unknown name "${name}".${didYouMean}`, `The names that exist are ${list}.`)
  }
  return new HelperError(
    `Unknown name "${name}" in ${here === 'the value here' ? 'the item here' : here}.${didYouMean}`,
    outside ? `${way}; here the names are ${list}.` : `The names that exist there are ${list}.`,
  )
}

function listNames(names: readonly string[]): string {
  if (names.length === 0) return 'none'
  const shown = names.slice(0, NAMES_SHOWN).map(asWritten)
  return names.length > shown.length
    ? `${shown.join(', ')} and ${names.length - shown.length} more`
    : listed(shown, 'and')
}

/** A name with a blank or a sign in it is written in brackets. */
function asWritten(name: string): string {
  return /^[^\s!"#%&'()*+,./;<=>@[\\\]^`{|}~]+$/.test(name) ? name : `[${name}]`
}

function isPath(original: string): boolean {
  return !original.startsWith('(')
}
