// Paths that a job renders stay inside the project root, whatever a row, `..` or a symbolic link says.

import { realpathSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { UserError } from '../core/errors.ts'

/**
 * The absolute path of `path` below `root`, symbolic links resolved as far as the path exists.
 * Throws UserError when it leads outside the root; the message names the path as it was written.
 */
export async function insideRoot(root: string, path: string): Promise<string> {
  // Asked at once: by way of the pool of threads the answer takes ten times as long, and it is asked for every document.
  const realRoot = realpathSync.native(root)
  const wanted = isAbsolute(path) ? path : resolve(realRoot, path)
  const real = realOf(wanted)
  if (real !== realRoot && !real.startsWith(realRoot.endsWith(sep) ? realRoot : realRoot + sep)) {
    throw new UserError({
      message: `The path "${path}" leads outside the project root ${realRoot}.`,
      hint: 'Paths that are rendered from a row must stay below the root; move the file there or choose another --root.',
    })
  }
  return real
}

/**
 * Whether the path, as it is written, names something below the root: `../data` and `/data` do not. Looks at the text
 * only; a link below the root may still lead elsewhere, which `insideRoot` finds out.
 */
export function isWrittenBelow(root: string, path: string): boolean {
  const way = relative(root, resolve(root, path))
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}

/** The path relative to the root with forward slashes, as it is stored and shown. */
export function relativeToRoot(root: string, path: string): string {
  return relative(root, path).split(sep).join('/')
}

/** Resolves the links of the longest part that exists; what does not exist yet cannot be a link. */
function realOf(path: string): string {
  try {
    return realpathSync.native(path)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error
    const parent = dirname(path)
    if (parent === path) return path
    return join(realOf(parent), path.slice(parent.length + (parent.endsWith(sep) ? 0 : 1)))
  }
}
