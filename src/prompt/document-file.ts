// The file that a row names: where it lies, whether it can be read, and what to say where it cannot.

import { type BigIntStats, type Dirent, promises as fs, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { UserError } from '../core/errors.ts'
import { nearest } from '../core/nearest.ts'
import { insideRoot } from '../disk/inside-root.ts'
import { DocumentError } from './document-error.ts'

/**
 * The absolute path of a file that a row names, links resolved: below the root, or below a folder elsewhere that the
 * dataset itself names. Throws DocumentError.
 */
export async function placeOfFile(
  path: string,
  { root, folders = [] }: { readonly root: string; readonly folders?: readonly string[] },
): Promise<string> {
  let refusal: unknown
  for (const allowed of [root, ...folders]) {
    try {
      return await insideRoot(allowed, allowed === root ? path : resolve(root, path))
    } catch (error) {
      if (!(error instanceof UserError)) throw unreadable(path, error)
      refusal ??= new DocumentError(error.message, error.problems[0]?.hint)
    }
  }
  throw refusal
}

/** @param path as the row gave it. Throws DocumentError for what is no regular file with something in it. */
export async function statFile(real: string, path: string): Promise<BigIntStats> {
  let stats: BigIntStats
  try {
    // Asked at once, as where the file lies: there may be one for every row.
    stats = statSync(real, { bigint: true })
  } catch (error) {
    if (isMissing(error)) throw await missingFile(real, path)
    throw unreadable(path, error)
  }
  if (stats.isDirectory())
    throw new DocumentError(`${path} is a folder.`, 'Name the files in it with a dataset of type files.')
  // Opening a pipe would wait for somebody to write into it.
  if (!stats.isFile()) throw new DocumentError(`${path} is no regular file.`)
  if (stats.size === 0n) throw new DocumentError(`${path} is empty.`)
  return stats
}

/** What to say of a file that is not there, with the name that was meant. */
export async function missingFile(real: string, path: string): Promise<DocumentError> {
  const folder = dirname(real)
  let entries: Dirent[]
  try {
    entries = await fs.readdir(folder, { withFileTypes: true })
  } catch {
    return new DocumentError(`${path} does not exist, and neither does its folder.`)
  }
  const guess = nearest(
    basename(real),
    entries.filter((entry) => !entry.isDirectory()).map((entry) => entry.name),
  )
  const near = guess === undefined ? '' : ` Did you mean ${join(dirname(path), guess)}?`
  return new DocumentError(`${path} does not exist.${near}`)
}

/** For what the system says of the file; any other error is ours and is thrown on. */
export function unreadable(path: string, error: unknown): DocumentError {
  const { code, syscall } = error as NodeJS.ErrnoException
  if (syscall === undefined && code !== 'ERR_INVALID_ARG_VALUE') throw error
  const why = code === 'EACCES' || code === 'EPERM' ? 'permission is denied' : code
  return new DocumentError(`${JSON.stringify(path).slice(1, -1)} cannot be read: ${why}.`, undefined, { cause: error })
}

export function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code
  return code === 'ENOENT' || code === 'ENOTDIR'
}
