// Finds the run that a command line means: a run's id, a job's name, a job file, or the latest.

import { findRun, loadJobFile, openForJob, openHere, type Workspace } from '../app.ts'
import { UserError } from '../core/errors.ts'
import type { RunHeader } from '../core/run.ts'
import type { Io } from './io.ts'
import { jobFlags, placeFlags } from './job-flags.ts'
import { stdoutProblems } from './one-document.ts'
import type { Flags } from './program.ts'
import { type Progress, progressPrinter } from './progress.ts'
import { surroundingsOf } from './surroundings.ts'

export async function openRun(
  io: Io,
  name: string | undefined,
  flags: Flags,
  wanted: { unfinished?: boolean; progress?: Progress } = {},
): Promise<{ workspace: Workspace; header: RunHeader }> {
  const surroundings = surroundingsOf(io, wanted.progress ?? progressPrinter(io, flags))
  const isFile = name !== undefined && /\.ya?ml$/i.test(name)
  const loaded = isFile ? await loadJobFile(io, name, jobFlags(flags)) : undefined
  const workspace = await (loaded === undefined
    ? openHere(surroundings, placeFlags(flags))
    : openForJob(surroundings, loaded))
  try {
    const local = flags.local === true ? { local: true } : {}
    const header = await findRun(workspace, loaded?.job.name ?? name, {
      ...(wanted.unfinished === true ? { unfinished: true } : {}),
      ...local,
    })
    // A command that shows progress works on the run, and delivers to its sinks.
    const problems = wanted.progress === undefined ? [] : stdoutProblems(flags, header.job)
    if (problems.length > 0) throw new UserError(problems)
    return { workspace, header }
  } catch (error) {
    await workspace.close()
    throw error
  }
}
