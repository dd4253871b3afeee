import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Problem } from '../../src/core/errors.ts'
import { UserError } from '../../src/core/errors.ts'
import { type Loaded, type LoadOptions, loadJob } from '../../src/job/load.ts'
import { testCatalog } from './catalog.ts'

/** A folder with these files, removed when the test is over. A `package.json` makes it a project root. */
export async function project(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'batchwright-job-')))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  for (const [name, content] of Object.entries({ 'package.json': '{}', ...files })) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), content)
  }
  return folder
}

export type Given = Partial<Omit<LoadOptions, 'cwd' | 'catalog'>>

export function load(cwd: string, file: string, given: Given = {}): Promise<Loaded> {
  return loadJob(file, { env: {}, vars: {}, set: [], ...given, cwd, catalog: testCatalog })
}

/** Everything that is wrong with the job; fails the test when nothing is. */
export async function problemsOf(cwd: string, file: string, given: Given = {}): Promise<readonly Problem[]> {
  try {
    await load(cwd, file, given)
  } catch (error) {
    if (error instanceof UserError) return error.problems
    throw error
  }
  throw new Error('The job was loaded, and should have been refused.')
}
