// Opens a project: by a job file, or by the folder a person stands in.

import { dirname, join, resolve } from 'node:path'
import { fillEnv } from '../core/env-text.ts'
import { exists } from '../disk/exists.ts'
import type { Loaded } from './jobs.ts'
import { openWorkspace, STATE_FOLDER, type Surroundings, type Workspace } from './workspace.ts'

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
