// Where a sink's file goes: the path as the job wrote it, rendered, and kept below the folder that it names.

import { access, constants, stat } from 'node:fs/promises'
import { dirname, posix, resolve, sep } from 'node:path'
import { messageOf, UserError } from '../core/errors.ts'
import { insideRoot } from '../disk/inside-root.ts'
import type { SinkContext } from './sink.ts'

export interface TargetPath {
  /** Absolute. */
  readonly path: string
  /** As the job wrote it, rendered, with forward slashes. */
  readonly location: string
}

/**
 * The file that `text`, a path or a template over `run` and `job`, names. A path that is written out may lead anywhere;
 * one that is rendered stays below the project root (or below its own fixed folder, where that one is elsewhere).
 */
export async function targetPath(text: string, context: SinkContext): Promise<TargetPath> {
  const rendered = isTemplate(text) ? context.renderText(text, null) : text
  const location = slashed(rendered)
  const path = resolve(context.root, rendered)
  if (!isTemplate(text)) return { path, location }
  const fixed = resolve(context.root, fixedFolder(text))
  const folder = isBelow(context.root, fixed) ? context.root : fixed
  if (!isBelow(folder, path)) throw leadsOut(location, folder)
  // A folder that is not there yet holds no symbolic link that could lead elsewhere.
  const exists = folder === context.root || (await statOf(folder, location)) !== undefined
  return { path: exists ? await insideRoot(folder, path) : path, location }
}

export function leadsOut(location: string, folder: string): UserError {
  return new UserError({
    message: `The path "${location}" leads out of the folder ${folder}.`,
    hint: 'A path that is rendered stays below the project root and below the folder that its template begins with; change the template or the values in it.',
  })
}

/** With forward slashes and without detours, as it is shown. */
export function slashed(path: string): string {
  return posix.normalize(sep === '/' ? path : path.split(sep).join('/'))
}

export function isTemplate(text: string): boolean {
  return text.includes('{{')
}

/** The folder that a path template names before anything is rendered: `out/` of `out/{{key}}.md`; may be empty. */
export function fixedFolder(path: string): string {
  const fixed = path.split('{{', 1)[0] ?? ''
  const slash = Math.max(fixed.lastIndexOf('/'), sep === '/' ? -1 : fixed.lastIndexOf(sep))
  return fixed.slice(0, slash + 1)
}

export function isBelow(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep)
}

/** Whether a file could be written at `path`, without leaving a trace. Throws UserError. */
export async function probeFile(path: string, location: string): Promise<void> {
  const there = await statOf(path, location)
  if (there?.isDirectory()) {
    throw new UserError({
      message: `${location} is a folder, and this sink writes one file.`,
      hint: `Name a file in it, such as ${posix.join(location, 'outcomes.jsonl')}.`,
    })
  }
  await probeFolder(dirname(path), location)
}

/** Whether files could be written in a folder that may not be there yet. Throws UserError. */
export async function probeFolder(folder: string, location: string): Promise<void> {
  const there = await statOf(folder, location)
  if (there === undefined && dirname(folder) !== folder) return probeFolder(dirname(folder), location)
  if (!there?.isDirectory()) {
    throw new UserError({
      message: `${location} cannot be written: ${folder} is not a folder.`,
      hint: 'Choose another path for the sink, or move that file away.',
    })
  }
  try {
    await access(folder, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new UserError({
      message: `${location} cannot be written: the folder ${folder} does not allow it (${messageOf(error)}).`,
      hint: 'Change the permissions of the folder, or choose another path for the sink.',
    })
  }
}

async function statOf(path: string, location: string): Promise<Awaited<ReturnType<typeof stat>> | undefined> {
  try {
    return await stat(path)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new UserError({
      message: `${location} cannot be written: ${messageOf(error)}.`,
      hint: 'Check the path of the sink and the permissions of the folders above it.',
    })
  }
}
