// Moves a delivery's files from their staging folder to their places, and takes away what an earlier delivery of the run left.

import { access, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { UserError } from '../core/errors.ts'
import { syncFolder } from '../disk/atomic-file.ts'
import { readManifest, storeManifest } from './manifest.ts'

export interface StagedFiles {
  /** Where the files go, and where they lie now, under the same relative names. */
  readonly folder: string
  readonly staged: string
  /** What this delivery wrote, and where the list of the run's earlier delivery is kept. */
  readonly manifest: string
  readonly stored: string
}

/** Writes a file that must not be there yet, durably; throws EEXIST when it is. */
export async function writeNewFile(path: string, content: Uint8Array): Promise<void> {
  const file = await open(path, 'wx')
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
}

/**
 * Publishes. Before the first file moves, the stored list names the old and the new files, so that whichever of them a
 * crash leaves, the next delivery of the run knows them. May be done again after a crash with everything staged anew.
 */
export async function publishFiles(files: StagedFiles): Promise<void> {
  await storeManifest(files.stored, [files.stored, files.manifest])
  await removeStale(files)
  for await (const entries of readManifest(files.manifest)) {
    const names = entries.map((entry) => entry.file)
    const folders = await makeFolders(files.folder, names)
    await Promise.all(names.map((name) => move(join(files.staged, name), join(files.folder, name))))
    for (const folder of folders) await syncFolder(folder)
  }
  await storeManifest(files.stored, [files.manifest])
}

/** What the stored list names and this delivery did not write. */
async function removeStale({ folder, staged, stored }: StagedFiles): Promise<void> {
  for await (const entries of readManifest(stored)) {
    await Promise.all(
      entries.map(async ({ file }) => {
        if (!(await exists(join(staged, file)))) await rm(join(folder, file), { force: true })
      }),
    )
  }
}

/** Makes the folders of the files; answers every folder in which something appears, for fsync. */
async function makeFolders(base: string, names: readonly string[]): Promise<ReadonlySet<string>> {
  const folders = new Set<string>()
  for (const folder of new Set(names.map((name) => dirname(join(base, name))))) {
    const made = await mkdir(folder, { recursive: true })
    folders.add(folder)
    if (made !== undefined) for (let at = folder; at.length >= made.length; at = dirname(at)) folders.add(dirname(at))
  }
  return folders
}

async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if (!['EISDIR', 'ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    throw new UserError({
      message: `${to} is a folder, and a row's file goes there.`,
      hint: 'Move the folder away, or change the path of the sink; then resume the run.',
    })
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}
