// `run JOB…`: plans, submits, waits, collects, delivers; several jobs one after the other.

import { resolve } from 'node:path'
import {
  type Loaded,
  loadJobFile,
  openForJob,
  orderJobs,
  type StartOptions,
  startRun,
  type UnplannedError,
} from '../app.ts'
import { UserError } from '../core/errors.ts'
import type { Json, JsonObject } from '../core/json.ts'
import type { Io } from './io.ts'
import { jobFlags } from './job-flags.ts'
import { stdoutProblems } from './one-document.ts'
import { printEnd } from './print-end.ts'
import { printWarnings } from './print-warnings.ts'
import type { Flags } from './program.ts'
import { type Progress, withProgress } from './progress.ts'
import { surroundingsOf } from './surroundings.ts'

/** Said before anything is sent, so that nobody takes the answers for real ones. */
export const LOCAL_WORDS = 'Local run: the built-in emulator answers, all is simulated and nothing is paid.\n'

export async function run(io: Io, args: string[], flags: Flags): Promise<number> {
  const local = flags.local === true
  // All jobs are checked before the first is paid for.
  const loadedJobs: Loaded[] = []
  for (const file of args) {
    const loaded = await loadJobFile(io, file, jobFlags(flags))
    printWarnings(io, flags, loaded.warnings)
    const problems = stdoutProblems(flags, loaded.job)
    if (problems.length > 0) throw new UserError(loaded.place(problems))
    loadedJobs.push(loaded)
  }
  let worst = 0
  const ordered = orderJobs(loadedJobs)
  for (const [index, loaded] of ordered.entries()) {
    const { job } = loaded
    const code = await withProgress(io, flags, `Planning ${job.name}`, async (progress) => {
      if (local) progress.say(LOCAL_WORDS)
      const workspace = await openForJob(surroundingsOf(io, progress), loaded)
      try {
        const options = {
          local,
          isNew: flags.new === true,
          detach: flags.detach === true,
          ...(flags.store === undefined ? { again: commandOf(ordered.slice(index), flags) } : {}),
          ...(flags.exact === true ? { count: 'all' as const } : {}),
          ...confirmation(io, flags, progress),
        }
        const end = await startRun(workspace, job, options)
        await printEnd(io, flags, workspace, end, progress.stop())
        return end.exitCode
      } finally {
        await workspace.close()
      }
    })
    worst = Math.max(worst, code)
    if (code !== 0 && code !== 3) return code
  }
  return worst
}

/**
 * The jobs that are left, and what shapes their plans: with it `resume` starts again what was stopped while it was
 * planned. The address of a store may hold a password; whoever gives one gives it again.
 */
function commandOf(jobs: readonly Loaded[], flags: Flags): Json {
  const { local, limit, reuse, exact, new: isNew } = flags as Readonly<Record<string, Json | undefined>>
  const shaping = { local, limit, reuse, exact, new: isNew, var: flags.var, set: flags.set, root: jobs[0]?.job.root }
  const given = Object.entries(shaping).filter(([, value]) => value !== undefined)
  return {
    jobs: jobs.map(({ job }) => resolve(job.root, job.file)),
    flags: Object.fromEntries(given) as JsonObject,
  }
}

/** Starts again what `run` was stopped in. */
export async function runAgain(io: Io, { again }: UnplannedError, flags: Flags): Promise<number> {
  const { jobs, flags: shaping } = again as { readonly jobs: string[]; readonly flags: Flags }
  return run(io, jobs, { ...flags, ...shaping })
}

/** How a person is asked whether an expensive run is to start; nothing where nobody can be. */
function confirmation(io: Io, flags: Flags, progress: Progress): Pick<StartOptions, 'confirm'> {
  if (flags.yes === true) return { confirm: async () => true }
  const { ask } = io
  if (ask === undefined) return {}
  return {
    confirm(question) {
      progress.stepAside()
      return ask(question)
    },
  }
}
