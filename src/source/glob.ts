// Walks the folders below the root for the files that a pattern names. Node 20 has no fs.glob.

import { lstat, opendir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf, UserError } from '../core/errors.ts'
import { insideRoot } from '../disk/inside-root.ts'
import { literalName, matchSegment, parseGlob, type Segment } from './glob-pattern.ts'

/** How far one alternative of the pattern has been matched: the next name has to fit the segment `at`. */
interface State {
  readonly segments: readonly Segment[]
  readonly at: number
}

interface Entry {
  readonly name: string
  readonly isFolder: boolean
  readonly isLink: boolean
}

/**
 * The files that the pattern names, relative to the root with forward slashes, in the order of their paths' bytes, each
 * once. `**` does not enter folders that are symbolic links, so it ends; a link that any other segment fits is followed,
 * and one that leads outside the root is a UserError. Hidden names only match where the pattern writes the dot.
 *
 * Holds the names of one folder and of the folders above it at a time.
 */
export function globFiles(root: string, pattern: string, signal: AbortSignal): AsyncGenerator<string> {
  const states = parseGlob(pattern).map((segments) => ({ segments, at: 0 }))
  return walk(root, '', states, signal)
}

async function* walk(
  root: string,
  folder: string,
  states: readonly State[],
  signal: AbortSignal,
): AsyncGenerator<string> {
  signal.throwIfAborted()
  const open = withSkips(states)
  for (const { name, isFolder, isLink } of await entriesThatFit(root, folder, open)) {
    if (isFolder) yield* walk(root, `${folder}${name}/`, enter(open, name, isLink), signal)
    else yield folder + name
  }
}

async function entriesThatFit(root: string, folder: string, open: readonly State[]): Promise<Entry[]> {
  const entries: Entry[] = []
  for await (const found of candidates(root, folder, open)) {
    const isFile = (): boolean => open.some((state) => isLast(state) && fits(state, found.name))
    const isWay = (): boolean => enter(open, found.name, found.isLink).length > 0
    if (found.isLink) {
      if (!isFile() && !isWay()) continue
      await insideRoot(root, folder + found.name)
      const isFolder = await leadsToFolder(join(root, folder + found.name))
      if (isFolder ? isWay() : isFile()) entries.push({ ...found, isFolder })
    } else if (found.isFolder ? isWay() : isFile()) entries.push(found)
  }
  return inByteOrder(entries)
}

/** Everything in the folder, or, where only fixed names can fit, those of them that are there. */
async function* candidates(root: string, folder: string, open: readonly State[]): AsyncGenerator<Entry> {
  const names = open.map(({ segments, at }) => literalName(segments[at] ?? []))
  if (names.every((name) => name !== undefined)) {
    for (const name of new Set(names as readonly string[])) {
      const found = await lstat(join(root, folder, name)).catch(unlessMissing)
      if (found?.isFile() || found?.isDirectory() || found?.isSymbolicLink())
        yield { name, isFolder: found.isDirectory(), isLink: found.isSymbolicLink() }
    }
    return
  }
  const entries = await opendir(join(root, folder), { bufferSize: 512 }).catch((error: unknown) => {
    throw new UserError({ message: `The folder "${folder || '.'}" cannot be read: ${messageOf(error)}.` })
  })
  for await (const entry of entries) {
    if (entry.isFile() || entry.isDirectory() || entry.isSymbolicLink())
      yield { name: entry.name, isFolder: entry.isDirectory(), isLink: entry.isSymbolicLink() }
  }
}

/** `**` may also stand for no folder at all: the states together with those that skip it. */
function withSkips(states: readonly State[]): State[] {
  return states.flatMap(({ segments, at }) => {
    const all = [{ segments, at }]
    for (let next = at; segments[next] === 'any-depth'; next++) all.push({ segments, at: next + 1 })
    return all
  })
}

/** The states inside a folder of this name; none: nothing below it can fit. */
function enter(open: readonly State[], name: string, isLink: boolean): State[] {
  const inside: State[] = []
  for (const state of open) {
    if (state.segments[state.at] === 'any-depth') {
      if (!isLink && !name.startsWith('.')) inside.push(state)
    } else if (!isLast(state) && fits(state, name)) inside.push({ segments: state.segments, at: state.at + 1 })
  }
  return inside
}

function isLast({ segments, at }: State): boolean {
  return at === segments.length - 1
}

function fits({ segments, at }: State, name: string): boolean {
  const segment = segments[at]
  return segment !== undefined && segment !== 'any-depth' && matchSegment(segment, name)
}

/** A link to nothing counts as a file: whoever opens it says that it is missing. */
async function leadsToFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(unlessMissing))?.isDirectory() === true
}

function unlessMissing(error: unknown): undefined {
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP') return undefined
  throw error
}

/** A folder sorts as its name with a slash: then the walk yields whole paths in the order of their bytes. */
function inByteOrder(entries: Entry[]): Entry[] {
  const sortName = ({ name, isFolder }: Entry): string => (isFolder ? `${name}/` : name)
  return entries.sort((a, b) => compareBytes(sortName(a), sortName(b)))
}

/** UTF-16 order is the order of UTF-8 bytes except where surrogates meet. */
export function compareBytes(a: string, b: string): number {
  if (SURROGATE.test(a) || SURROGATE.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b))
  return a < b ? -1 : a > b ? 1 : 0
}

const SURROGATE = /[\ud800-\udfff]/
