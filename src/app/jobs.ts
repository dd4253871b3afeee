// Job files: found, loaded and checked. Nothing of the run loop is loaded for it, so that `validate` starts fast.

import { catalog } from '../catalog.ts'
import { type Loaded, loadJob } from '../job/load.ts'
import { checkJob, checkTemplate } from './check-job.ts'
import type { Surroundings } from './workspace.ts'

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

export { findJobFiles } from '../job/find.ts'
export type { Loaded }
