// Opens a project: by a job file, or by the folder a person stands in.

import { access } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { catalog } from '../catalog.ts'
import type { Problem } from '../core/errors.ts'
import type { Job } from '../core/job.ts'
import { loadJob } from '../job/load.ts'
import { STATE_FOLDER, openWorkspace, type Surroundings, type Workspace } from './workspace.ts'

export interface LoadedJob {
  readonly job: Job
  readonly warnings: readonly Problem[]
}

/** The flags that change how a job file is read. */
export interface JobFlags {
  readonly root?: string
  readonly vars: Readonly<Record<string, string>>
  /** `path.to.key=value` */
  readonly set: readonly string[]
  readonly limit?: number
  readonly store?: string
  readonly local: boolean
}

/** Throws one UserError with everything that is wrong with the job and the files it names. */
export function loadJobFile(surroundings: Pick<Surroundings, 'cwd' | 'env'>, file: string, flags: JobFlags): Promise<LoadedJob> {
  const { cwd, env } = surroundings
  return loadJob(file, { ...flags, cwd, env, catalog })
}

export function openForJob(surroundings: Surroundings, job: Job): Promise<Workspace> {
  return openWorkspace(surroundings, job.root, job.store)
}

/** The project that `cwd` lies in, for commands that are given no job. */
export async function openHere(surroundings: Surroundings, flags: { root?: string; store?: string }): Promise<Workspace> {
  const root = flags.root === undefined ? await rootAbove(surroundings.cwd) : resolve(surroundings.cwd, flags.root)
  return openWorkspace(surroundings, root, flags.store)
}

/** The nearest folder with something of ours in it, else the nearest project, else the folder itself. */
async function rootAbove(from: string): Promise<string> {
  for (const marks of [[STATE_FOLDER], ['package.json', '.git']]) {
    for (let folder = from; ; folder = dirname(folder)) {
      for (const mark of marks) if (await exists(join(folder, mark))) return folder
      if (dirname(folder) === folder) break
    }
  }
  return from
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch {
    return false
  }
}
