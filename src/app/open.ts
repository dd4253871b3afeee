// Opens a project: by a job file, or by the folder a person stands in.

import { access } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { catalog } from '../catalog.ts'
import { fillEnv } from '../core/env-text.ts'
import { type Loaded, loadJob } from '../job/load.ts'
import { checkJob, checkTemplate } from './check-job.ts'
import { openWorkspace, STATE_FOLDER, type Surroundings, type Workspace } from './workspace.ts'

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

/**
 * Loads a job and checks all that can be checked without its data. Throws one UserError with everything that is wrong in
 * the YAML, the files it names and the templates; when that is sound, with everything that is wrong for the model.
 */
export async function loadJobFile(
  surroundings: Pick<Surroundings, 'cwd' | 'env' | 'clock'>,
  file: string,
  flags: JobFlags,
): Promise<Loaded> {
  const { cwd, env, clock } = surroundings
  const loaded = await loadJob(file, { ...flags, cwd, env, catalog, checkTemplate })
  checkJob(loaded, new Date(clock.now()))
  return loaded
}

/** Problems that show up while the job's data is read get their places in the job file. */
export async function openForJob(
  surroundings: Surroundings,
  { job, place }: Pick<Loaded, 'job' | 'place'>,
): Promise<Workspace> {
  const workspace = await openWorkspace(surroundings, job.root, fillEnv(job.store, surroundings.env).text)
  return { ...workspace, place }
}

/** The project that `cwd` lies in, for commands that are given no job. */
export async function openHere(
  surroundings: Surroundings,
  flags: { root?: string; store?: string },
): Promise<Workspace> {
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

export type { Loaded }
