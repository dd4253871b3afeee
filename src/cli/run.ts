// `run JOB…`: plans, submits, waits, collects, delivers; several jobs one after the other.

import { type DriveEnd, type Loaded, loadJobFile, openForJob, orderJobs, startRun } from '../app.ts'
import type { Io } from './io.ts'
import { jobFlags } from './job-flags.ts'
import { formatProblems } from './problems.ts'
import type { Flags } from './program.ts'
import { progressPrinter } from './progress.ts'
import { endText } from './summary-text.ts'
import { surroundingsOf } from './surroundings.ts'

export async function run(io: Io, args: string[], flags: Flags): Promise<number> {
  const local = flags.local === true
  // All jobs are checked before the first is paid for.
  const loadedJobs: Loaded[] = []
  for (const file of args) {
    const loaded = await loadJobFile(io, file, jobFlags(flags))
    const { warnings } = loaded
    if (warnings.length > 0)
      io.err(formatProblems(warnings, 'pretty', { color: !io.isPlain, cwd: io.cwd, isWarning: true }))
    loadedJobs.push(loaded)
  }
  let worst = 0
  for (const loaded of orderJobs(loadedJobs)) {
    const { job } = loaded
    if (local && flags.quiet !== true)
      io.err('Local run: the built-in emulator answers, the answers are simulated, nothing is paid.\n')
    const workspace = await openForJob(surroundingsOf(io, progressPrinter(io, flags)), loaded)
    try {
      const options = { local, isNew: flags.new === true, detach: flags.detach === true }
      const end = await startRun(workspace, job, options)
      await printEnd(io, flags, end, { local })
      worst = Math.max(worst, end.exitCode)
      if (end.exitCode !== 0 && end.exitCode !== 3) return end.exitCode
    } finally {
      await workspace.close()
    }
  }
  return worst
}

export async function printEnd(io: Io, flags: Flags, end: DriveEnd, job: { local: boolean }): Promise<void> {
  if (flags.json === true) await io.out(`${JSON.stringify(end.summary)}\n`)
  if (flags.quiet !== true || end.message !== undefined) io.err(endText(end, job))
}
