import { access } from 'node:fs/promises'
import { dirname, join } from 'node:path'

const MARKS = ['package.json', '.git', '.batchwright']

/** The project root of a job file: the nearest folder at or above it with one of the marks; else the file's own folder. */
export async function findRoot(jobFile: string): Promise<string> {
  for (let folder = dirname(jobFile); ; folder = dirname(folder)) {
    for (const mark of MARKS) if (await exists(join(folder, mark))) return folder
    if (dirname(folder) === folder) return dirname(jobFile)
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch {
    return false
  }
}
