// `run`: continues the job's unfinished run when its plan is unchanged, else plans a new one, and drives it.

import { UserError } from '../core/errors.ts'
import type { Job } from '../core/job.ts'
import type { Json } from '../core/json.ts'
import { counted } from '../core/phrase.ts'
import type { RunHeader } from '../core/run.ts'
import { removeBeginnings } from './beginning.ts'
import { bindSinks, probeSinks } from './bind.ts'
import { connect } from './connect.ts'
import type { CountWish } from './count-tokens.ts'
import { type DriveEnd, driveRun } from './drive.ts'
import { confirmCost, countWords } from './money.ts'
import { commitPlan, planJob, refuseRejected } from './plan-run.ts'
import { isUnfinished, latestRunOf } from './runs.ts'
import { whatChanged } from './what-changed.ts'
import type { Workspace } from './workspace.ts'

export interface StartOptions {
  readonly local: boolean
  /** Plan afresh even if the job has an unfinished run. */
  readonly isNew: boolean
  readonly detach: boolean
  /** How many requests the provider counts for the estimate; absent: a sample. */
  readonly count?: CountWish
  /** Asks a person; absent: nobody is there. */
  readonly confirm?: (question: string) => Promise<boolean>
  /** How the run is started again, should the process end while it is planned: what UnplannedError will carry. */
  readonly again?: Json
}

/** Throws UserError, with nothing sent, when the job changed while a run of it is unfinished. */
export async function startRun(workspace: Workspace, job: Job, options: StartOptions): Promise<DriveEnd> {
  const { notify, signal } = workspace.surroundings
  // A missing key is said before a million rows are rendered.
  if (!options.local) await (await connect(workspace, job, false)).close()
  await probeSinks(bindSinks(workspace, { run: `${job.name}-probe`, job }, signal))
  // Two processes that start the same job must not both plan it: the second waits for nobody and is told.
  const starting = await workspace.store.lock(`start-${job.name}`)
  let header: RunHeader
  try {
    await removeBeginnings(workspace, job.name)
    header = await planOrContinue(workspace, job, options)
  } finally {
    await starting.release()
  }
  notify({ type: 'note', text: `Run ${header.run}: ${sizeWords(header)}.` })
  return driveRun(workspace, header, { detach: options.detach, cancel: false, retry: false, decisions: new Map() })
}

async function planOrContinue(workspace: Workspace, job: Job, options: StartOptions): Promise<RunHeader> {
  const { notify } = workspace.surroundings
  const latest = options.isNew ? undefined : await latestRunOf(workspace, job.name, options.local)
  const unfinished = latest !== undefined && (await isUnfinished(workspace, latest)) ? latest : undefined
  const { header, rejected } = await planJob(workspace, job, {
    local: options.local,
    full: false,
    ...(options.again === undefined ? {} : { again: options.again }),
    // What is going on was estimated when it began.
    ...(unfinished === undefined ? { count: options.count ?? 'sample' } : { answersBefore: unfinished.createdAt }),
  })
  try {
    refuseRejected(job, rejected)
    if (unfinished === undefined) {
      const { counted } = header.estimate
      if (counted !== undefined) notify({ type: 'note', text: countWords(counted, header.requests) })
      await confirmCost(workspace, header, options.confirm)
      await commitPlan(workspace, header)
      return header
    }
    if (unfinished.digest !== header.digest) throw new UserError(changedWords(unfinished, header))
  } catch (error) {
    await workspace.artifacts.removeRun(header.run)
    throw error
  }
  await workspace.artifacts.removeRun(header.run)
  notify({ type: 'note', text: `Going on with the unfinished run ${unfinished.run}.` })
  return unfinished
}

function changedWords(unfinished: RunHeader, planned: RunHeader) {
  return {
    message:
      `Run ${unfinished.run} of this job is unfinished, and the job has changed since it was planned: ` +
      `${whatChanged(unfinished, planned).join('; ')}. The run itself is untouched.`,
    hint: `Finish it as it was planned with: batchwright resume ${unfinished.run}   or start afresh with: batchwright run ${planned.job.file} --new`,
  }
}

function sizeWords({ batches, requests, reused }: RunHeader): string {
  if (requests === 0) return reused === 0 ? 'nothing to ask' : 'nothing to ask, earlier runs have answered every row'
  const sent = batches.filter((batch) => batch.requests > 0)
  return `${counted(requests, 'request')} in ${counted(sent.length, 'batch')}`
}
