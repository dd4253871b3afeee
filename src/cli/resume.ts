// `resume [RUN|JOB]`: goes on with an unfinished run from its stored plan; the job file is not read again. Where the plan
// was never finished, the run is started again as it was.

import { driveRun, summaryOf, UnplannedError } from '../app.ts'
import { UserError } from '../core/errors.ts'
import type { Io } from './io.ts'
import { openRun } from './open-run.ts'
import { printEnd } from './print-end.ts'
import type { Flags } from './program.ts'
import { withProgress } from './progress.ts'
import { resumeText } from './resume-text.ts'
import { LOCAL_WORDS, runAgain } from './run.ts'

export async function resume(io: Io, args: string[], flags: Flags): Promise<number> {
  try {
    return await resumePlanned(io, args, flags)
  } catch (error) {
    if (!(error instanceof UnplannedError) || error.again === undefined) throw error
    if (flags.quiet !== true)
      io.err(`Run ${error.run} was stopped while it was planned, and nothing had been sent: it is planned again.\n`)
    return runAgain(io, error, flags)
  }
}

async function resumePlanned(io: Io, args: string[], flags: Flags): Promise<number> {
  return withProgress(io, flags, 'Resuming', async (progress) => {
    const { workspace, header } = await openRun(io, args[0], flags, { unfinished: true, progress })
    try {
      const summary = await summaryOf(workspace, header)
      // Another process works on it: this one will be refused, and resumes nothing.
      if (summary.status !== 'running') progress.say(`${resumeText(summary)}\n`)
      if (header.local) progress.say(LOCAL_WORDS)
      const end = await driveRun(workspace, header, {
        detach: flags.detach === true,
        ...(typeof flags.maxUsd === 'number' ? { maxUsd: flags.maxUsd } : {}),
        cancel: false,
        retry: false,
        decisions: decisionsOf(flags),
      })
      await printEnd(io, flags, workspace, end, progress.stop())
      return end.exitCode
    } finally {
      await workspace.close()
    }
  })
}

/** `--adopt 3=msgbatch_…` and `--resubmit 4`. */
function decisionsOf(flags: Flags): Map<number, string | undefined> {
  const decisions = new Map<number, string | undefined>()
  for (const text of (flags.adopt ?? []) as readonly string[]) {
    const match = /^(\d+)=(.+)$/.exec(text)
    if (match === null)
      throw new UserError(`--adopt takes INDEX=BATCH_ID, as in --adopt 3=msgbatch_01Hk; "${text}" is not of that form.`)
    decisions.set(Number(match[1]), match[2])
  }
  for (const text of (flags.resubmit ?? []) as readonly string[]) {
    if (!/^\d+$/.test(text))
      throw new UserError(`--resubmit takes the index of a batch, as in --resubmit 3; "${text}" is none.`)
    if (decisions.has(Number(text)))
      throw new UserError(`Batch ${text} is given to both --adopt and --resubmit; it can only be one of them.`)
    decisions.set(Number(text), undefined)
  }
  return decisions
}
