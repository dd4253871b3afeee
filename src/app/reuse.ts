// Earlier runs whose answers a job may take: of this store, finished, and of the same world.

import type { Job } from '../core/job.ts'
import { checkpointKeys, type RunHeader, type RunIdentity } from '../core/run.ts'
import { contentScope } from '../prompt/content-digest.ts'
import { AnswerLibrary } from '../run/answer-library.ts'
import { keepAnswers } from '../run/answers.ts'
import { readStates } from '../run/desk.ts'
import type { AnsweredRun } from '../run/open-answers.ts'
import { contextOf } from './bind.ts'
import { baseUrlOf } from './connect.ts'
import { allRuns, readRunState } from './runs.ts'
import type { Workspace } from './workspace.ts'

/** @param options.before only runs that had finished by then, so that the plan of an unfinished run can be made again */
export async function openLibrary(
  workspace: Workspace,
  job: Job,
  scratch: string,
  options: { local: boolean; before?: number },
): Promise<AnswerLibrary> {
  const scope = contentScope(job, worldOf(workspace, job, options.local))
  const runs: AnsweredRun[] = []
  let before: AnsweredRun | undefined
  for (const header of await allRuns(workspace)) {
    if (header.local !== options.local) continue
    const finishedAt = await finishedAtOf(workspace, header)
    if (finishedAt === undefined || finishedAt > (options.before ?? Number.POSITIVE_INFINITY)) continue
    const isOfJob = before === undefined && header.job.name === job.name
    const own = await scopeOf(workspace, header)
    const isOfScope = own?.equals(scope) === true
    if (own === undefined || (!isOfJob && !isOfScope)) continue
    const context = contextOf(workspace, header)
    const run = { context, states: await readStates(context), scope: own, finishedAt }
    if (isOfJob) before = run
    if (isOfScope) runs.push(run)
  }
  return AnswerLibrary.open(workspace.artifacts, job, scope, runs, before, scratch)
}

/**
 * Indexes what a run that has just finished has answered, where the next run of the job will ask for it. A run that asked
 * nothing is indexed only when somebody needs it: the next one finds its answers where it found them.
 */
export async function indexAnswers(workspace: Workspace, header: RunHeader): Promise<void> {
  if (!header.job.reuse || header.requests === 0) return
  const finishedAt = await finishedAtOf(workspace, header)
  const scope = await scopeOf(workspace, header)
  if (finishedAt === undefined || scope === undefined) return
  const context = contextOf(workspace, header)
  await keepAnswers({ context, states: await readStates(context), scope, finishedAt })
}

/** undefined: it is not finished. */
async function finishedAtOf(workspace: Workspace, { run }: RunHeader): Promise<number | undefined> {
  const state = await readRunState(workspace, run)
  const isOver = state?.status === 'completed' || state?.status === 'canceled'
  return isOver ? (state.finishedAt ?? undefined) : undefined
}

/** undefined: it never met its provider, so it has no answers. */
async function scopeOf(workspace: Workspace, { run, job }: RunHeader): Promise<Buffer | undefined> {
  const identity = (await workspace.store.read(checkpointKeys.identity(run))) as unknown as RunIdentity | undefined
  return identity === undefined ? undefined : contentScope(job, identity.baseUrl)
}

function worldOf(workspace: Workspace, job: Job, local: boolean): string {
  return local ? 'local' : baseUrlOf(job, workspace.surroundings.env)
}
