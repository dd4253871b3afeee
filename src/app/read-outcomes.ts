// The outcomes of another job's latest run, for jobs that go on where another ended.

import { type Problem, UserError } from '../core/errors.ts'
import { nearest } from '../core/nearest.ts'
import type { Outcome } from '../core/result.ts'
import type { RunHeader } from '../core/run.ts'
import { readStates } from '../run/desk.ts'
import { batchOutcomes } from '../run/outcomes.ts'
import { contextOf } from './bind.ts'
import { loadJobFile } from './jobs.ts'
import { allRuns, isUnfinished, latestRunOf } from './runs.ts'
import type { Workspace } from './workspace.ts'

/**
 * Throws UserError where the job has no run, or none that is finished.
 *
 * @param jobFile the job that reads them: where the problem is
 */
export async function* readOutcomes(
  workspace: Workspace,
  job: string,
  { local, jobFile }: { readonly local: boolean; readonly jobFile: string },
): AsyncGenerator<Outcome> {
  const name = await nameOf(workspace, job, local)
  const header = await finishedRun(workspace, name, local, { file: jobFile, path: '/dataset/job' })
  const context = contextOf(workspace, header)
  const states = await readStates({ header, store: workspace.store })
  for (const batch of header.batches) {
    const state = states[batch.index]
    if (state === undefined) continue
    for await (const { outcome } of batchOutcomes(context, batch, state)) yield outcome
  }
}

async function nameOf(workspace: Workspace, job: string, local: boolean): Promise<string> {
  if (!/\.ya?ml$/i.test(job)) return job
  const surroundings = { ...workspace.surroundings, cwd: workspace.root }
  return (await loadJobFile(surroundings, job, { root: workspace.root, vars: {}, set: [], local })).job.name
}

async function finishedRun(
  workspace: Workspace,
  name: string,
  local: boolean,
  place: Pick<Problem, 'file' | 'path'>,
): Promise<RunHeader> {
  const flag = local ? ' --local' : ''
  const header = await latestRunOf(workspace, name, local)
  if (header === undefined) {
    const others = (await allRuns(workspace)).filter((run) => run.local === local).map(({ job }) => job.name)
    const meant = nearest(name, new Set(others))
    throw new UserError({
      message: `The job "${name}" has no ${local ? 'local ' : ''}run yet, so there are no results of it to read.`,
      hint: `${meant === undefined ? '' : `Did you mean "${meant}"? `}Run it first: batchwright run JOB.yaml${flag}, or name both jobs in one command and they are run in order.`,
      ...place,
    })
  }
  if (await isUnfinished(workspace, header)) {
    throw new UserError({
      message: `The latest run of "${name}", ${header.run}, is not finished, so its results are not complete.`,
      hint: `Finish it first: batchwright resume ${header.run}`,
      ...place,
    })
  }
  return header
}
