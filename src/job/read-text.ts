/** Reads the text files that a job names: whatever is wrong with one comes back as a problem, not as an exception. */

import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { messageOf, type Problem, UserError } from '../core/errors.ts'
import { nearest } from '../core/nearest.ts'
import { insideRoot } from '../disk/inside-root.ts'

export type Read =
  | { readonly text: string; readonly problem?: never }
  | { readonly text?: never; readonly problem: Problem }

/**
 * The text of the file at `path`, which is absolute; `name` is what the user calls it. The problem says nothing of where
 * the file is named; its hint is `otherwise` where the file is missing and nothing near it is there.
 */
export async function readText(path: string, name: string, maxBytes: number, otherwise?: string): Promise<Read> {
  const missing = await fileProblem(path, name, otherwise)
  if (missing !== undefined) return { problem: missing }
  try {
    const { size } = await stat(path)
    if (size > maxBytes)
      return { problem: { message: `${name} is larger than ${maxBytes / 1e6} MB, the most that is read here.` } }
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path)) }
  } catch (error) {
    if (!(error instanceof TypeError)) return { problem: { message: `${name} cannot be read: ${messageOf(error)}.` } }
    return { problem: { message: `${name} is not text in UTF-8.`, hint: 'Save it with the encoding UTF-8.' } }
  }
}

/** Paths in a job are relative to the root, which surprises people who look for them beside the job. */
export function belowRoot(root: string): string {
  return `Paths in a job are relative to the project root, ${root}.`
}

/** What is wrong with a file that should be there; undefined: it is a file. */
export async function fileProblem(path: string, name: string, otherwise?: string): Promise<Problem | undefined> {
  try {
    const found = await stat(path)
    if (found.isFile()) return undefined
    return { message: found.isDirectory() ? `${name} is a folder, not a file.` : `${name} is not a file.` }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOENT' && code !== 'ENOTDIR') return { message: `${name} cannot be read: ${messageOf(error)}.` }
    const hint = (await whatIsThere(path, name)) ?? otherwise
    return { message: `${name} does not exist.`, ...(hint === undefined ? {} : { hint }) }
  }
}

/** The absolute path of what the job calls `name`, or what is wrong with it: it lies outside the root. */
export async function pathBelowRoot(root: string, name: string): Promise<{ path: string } | { problem: Problem }> {
  try {
    return { path: await insideRoot(root, resolve(root, name)) }
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return {
      problem: {
        message: `${name} leads outside the project root ${root}.`,
        hint: 'Move it below the root, or choose a wider root with --root.',
      },
    }
  }
}

/** The file as its user would name it: relative to the working folder where it lies below it. */
export function shownPath(cwd: string, path: string): string {
  const short = relative(cwd, path)
  const isBelow = short !== '' && short !== '..' && !short.startsWith(`..${sep}`) && !isAbsolute(short)
  return (isBelow ? short : path).split(sep).join('/')
}

async function whatIsThere(path: string, name: string): Promise<string | undefined> {
  const folder = dirname(path)
  const names = await namesIn(folder)
  if (names === undefined) {
    const above = nearest(basename(folder), (await namesIn(dirname(folder))) ?? [])
    const missing = dirname(name)
    return `The folder ${missing} does not exist.${above === undefined ? '' : ` Did you mean ${join(dirname(missing), above)}?`}`
  }
  const meant = nearest(basename(path), names)
  return meant === undefined ? undefined : `Did you mean ${join(dirname(name), meant).split(sep).join('/')}?`
}

async function namesIn(folder: string): Promise<string[] | undefined> {
  try {
    return (await readdir(folder)).sort()
  } catch {
    return undefined
  }
}
