// From the option `path` (a path, a glob, or a list of either) to the files themselves.

import { type Stats, statSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, resolve, sep } from 'node:path'
import type { JsonSchema } from '../core/component.ts'
import { UserError } from '../core/errors.ts'
import type { Json } from '../core/json.ts'
import { nearest } from '../core/nearest.ts'
import { quoted } from '../core/phrase.ts'
import { insideRoot, isWrittenBelow, relativeToRoot } from '../disk/inside-root.ts'
import { globFiles } from './glob.ts'
import { isGlob } from './glob-pattern.ts'
import type { SourceContext } from './source.ts'

/** The option `path` of every source that reads files. */
export const PATH_OPTION: JsonSchema = {
  description:
    'A file, a glob (* ? [a-z] {a,b} and ** for any depth), or a list of either; relative to the project root. Globs are read in the order of their paths, a list in its own order.',
  oneOf: [
    { type: 'string', minLength: 1 },
    { type: 'array', minItems: 1, items: { type: 'string', minLength: 1 } },
  ],
  examples: ['data/reviews.csv', 'data/**/*.jsonl', ['data/2025.csv', 'data/2026.csv.gz']],
}

/** One file of a dataset. */
export interface SourceFile {
  /** Relative to the root, forward slashes: as it is shown and as it is stored. */
  readonly path: string
  /** Absolute, links resolved. */
  readonly absolute: string
  /** Bytes. */
  readonly size: number
}

/**
 * The files that `path` names, each once: one that several entries of a list name is read where it is named first.
 * Throws UserError for a path that does not exist (with the nearest name in its folder), a folder, a glob without a
 * match, and a link below the root that leads out of it. A path that is written outside the root (`../data`, `/data`) is
 * the author's own word and is read; its files are named by their absolute paths.
 */
export async function* filesOf(path: Json | undefined, context: SourceContext): AsyncGenerator<SourceFile> {
  const entries = (Array.isArray(path) ? path : [path]) as readonly string[]
  // Only a list can name a file twice; a single glob of a million files needs no memory of them.
  const seen = entries.length > 1 ? new Set<string>() : undefined
  for (const [index, entry] of entries.entries()) {
    const pointer = Array.isArray(path) ? `/dataset/path/${index}` : '/dataset/path'
    for await (const file of filesOfEntry(entry, pointer, context)) {
      if (seen?.has(file.path)) continue
      seen?.add(file.path)
      yield file
    }
  }
}

/** The same for code and for what a query reads: nothing outside the root, however it is written. */
export async function* filesBelow(path: Json | undefined, context: SourceContext): AsyncGenerator<SourceFile> {
  const entries = (Array.isArray(path) ? path : [path]) as readonly string[]
  for (const entry of entries)
    await insideRoot(context.root, resolve(context.root, isGlob(entry) ? fixedFolder(entry) : entry))
  yield* filesOf(path, context)
}

async function* filesOfEntry(entry: string, pointer: string, context: SourceContext): AsyncGenerator<SourceFile> {
  const { root, signal, jobFile } = context
  // A name such as `report [final].csv` is the file itself, where there is one.
  const literal = existing(root, entry)
  if (literal !== undefined || !isGlob(entry)) {
    yield await sourceFile(entry, literal, pointer, context)
    return
  }
  let found = false
  const { base, pattern } = anchored(root, entry)
  for await (const below of globFiles(base, pattern, signal)) {
    found = true
    const path = base === root ? below : join(base, below)
    yield await sourceFile(path, existing(root, path), pointer, context)
  }
  if (!found) {
    throw new UserError({
      message: `No file matches "${entry}".`,
      hint: await whatIsThere(root, entry),
      file: jobFile,
      path: pointer,
    })
  }
}

async function sourceFile(
  path: string,
  found: Stats | undefined,
  pointer: string,
  { root, jobFile }: SourceContext,
): Promise<SourceFile> {
  const problem = { file: jobFile, path: pointer }
  const absolute = isWrittenBelow(root, path) ? await insideRoot(root, path) : resolve(root, path)
  if (found === undefined) {
    throw new UserError({ message: `${path} does not exist.`, hint: await didYouMean(root, path), ...problem })
  }
  if (found.isDirectory()) {
    throw new UserError({
      message: `${path} is a folder.`,
      hint: `Name its files with a pattern such as ${quoted(`${path.replace(/\/+$/, '')}/*`)}.`,
      ...problem,
    })
  }
  if (!found.isFile()) throw new UserError({ message: `${path} is neither a file nor a folder.`, ...problem })
  return { path: shown(root, path), absolute, size: found.size }
}

/** What is at the path, links followed; undefined: nothing. */
function existing(root: string, path: string): Stats | undefined {
  try {
    // Asked at once: there may be a hundred thousand files, and by way of the pool of threads each takes ten times as long.
    return statSync(resolve(root, path))
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP' || code === 'ENAMETOOLONG') return undefined
    throw error
  }
}

/** `./data/../data/a.csv` is shown as data/a.csv; what lies outside the root by its absolute path. */
function shown(root: string, path: string): string {
  const absolute = resolve(root, path)
  return isWrittenBelow(root, path) ? relativeToRoot(root, absolute) : absolute.split(sep).join('/')
}

/** The folder in which a pattern is searched, and the pattern from there on. */
function anchored(root: string, pattern: string): { base: string; pattern: string } {
  const fixed = fixedFolder(pattern)
  if (isWrittenBelow(root, fixed)) {
    return { base: root, pattern: isAbsolute(pattern) ? relativeToRoot(root, pattern) : pattern }
  }
  return { base: resolve(root, fixed), pattern: pattern.slice(fixed.length).replace(/^\/+/, '') }
}

/** The part of a pattern before the first name with a wildcard. */
export function fixedFolder(pattern: string): string {
  const names = pattern.split('/')
  return names.slice(0, Math.max(0, names.findIndex(isGlob))).join('/') || (pattern.startsWith('/') ? '/' : '.')
}

async function didYouMean(root: string, path: string): Promise<string> {
  const folder = dirname(path)
  const names = await namesIn(resolve(root, folder))
  if (names === undefined) return `There is no folder "${folder}" either.`
  const near = nearest(basename(path), names)
  if (near !== undefined) return `Did you mean ${shown(root, join(folder, near))}?`
  return contentOf(folder, names)
}

/** What the last folder before the first wildcard holds. */
async function whatIsThere(root: string, pattern: string): Promise<string> {
  const folder = fixedFolder(pattern)
  const found = await namesIn(resolve(root, folder))
  if (found === undefined) return `There is no folder "${folder}".`
  return contentOf(folder, found)
}

function contentOf(folder: string, names: readonly string[]): string {
  const where = folder === '.' ? 'The project root' : `The folder "${folder}"`
  if (names.length === 0) return `${where} is empty.`
  const shownNames = names.slice(0, 5).join(', ')
  return names.length <= 5
    ? `${where} holds ${shownNames}.`
    : `${where} holds ${shownNames} and ${names.length - 5} more.`
}

async function namesIn(folder: string): Promise<string[] | undefined> {
  try {
    return (await readdir(folder)).filter((name) => !name.startsWith('.')).sort()
  } catch {
    // Only for a hint: whatever keeps us from reading it, there is nothing to suggest.
    return undefined
  }
}
