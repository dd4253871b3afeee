/** Which job files are meant by the arguments of `validate`: files, and folders with all job files below them. */

import type { Dirent } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { messageOf, type Problem, UserError } from '../core/errors.ts'
import { fileProblem, shownPath } from './read-text.ts'

const SKIPPED = new Set(['node_modules', '.git', '.batchwright', 'out'])

/**
 * The files in the order of the arguments, those of a folder in the order of their paths; each once, relative to `cwd`
 * where it is below. Throws UserError for what does not exist and for a folder without a job file.
 */
export async function findJobFiles(paths: readonly string[], cwd: string): Promise<readonly string[]> {
  const found = new Set<string>()
  const problems: Problem[] = []
  for (const path of paths) {
    const absolute = resolve(cwd, path)
    const missing = await fileProblem(absolute, path)
    if (missing === undefined) found.add(shownPath(cwd, absolute))
    else if (!(await isFolder(absolute))) problems.push({ ...missing, file: path })
    else {
      const files = await jobFilesBelow(absolute, problems)
      for (const file of files) found.add(shownPath(cwd, file))
      if (files.length === 0) {
        problems.push({
          file: path,
          message: `There is no job file (*.yaml, *.yml) in the folder ${path} or below it.`,
        })
      }
    }
  }
  if (problems.length > 0) throw new UserError(problems)
  return [...found]
}

async function jobFilesBelow(folder: string, problems: Problem[]): Promise<string[]> {
  let entries: Dirent[]
  try {
    entries = await readdir(folder, { withFileTypes: true })
  } catch (error) {
    problems.push({ file: folder, message: `The folder cannot be read: ${messageOf(error)}.` })
    return []
  }
  const files: string[] = []
  // Links to folders are not followed, so a walk ends.
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name)
    if (entry.isDirectory() && !SKIPPED.has(entry.name)) files.push(...(await jobFilesBelow(path, problems)))
    else if (/\.ya?ml$/i.test(entry.name) && (entry.isFile() || (entry.isSymbolicLink() && !(await isFolder(path))))) {
      files.push(path)
    }
  }
  return files
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    return false
  }
}
