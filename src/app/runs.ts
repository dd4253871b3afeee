// Finds runs and reads what is stored of them.

import { UserError } from '../core/errors.ts'
import type { Json } from '../core/json.ts'
import { nearest } from '../core/nearest.ts'
import { type BatchState, checkpointKeys, PLAN_VERSION, type RunHeader, type RunState } from '../core/run.ts'
import { readStates } from '../run/desk.ts'
import { type RunSummary, summarise } from '../run/summary.ts'
import { findBeginning } from './beginning.ts'
import type { Workspace } from './workspace.ts'

export async function readHeader(workspace: Workspace, run: string): Promise<RunHeader | undefined> {
  const header = (await workspace.store.read(checkpointKeys.header(run))) as unknown as RunHeader | undefined
  if (header !== undefined && header.version > PLAN_VERSION) {
    throw new UserError({
      message: `Run ${run} was planned by a newer version of batchwright, in a way that this one cannot read.`,
      hint: 'Update batchwright, and resume the run with it.',
    })
  }
  return header
}

export async function readRunState(workspace: Workspace, run: string): Promise<RunState | undefined> {
  return (await workspace.store.read(checkpointKeys.state(run))) as unknown as RunState | undefined
}

export async function writeRunState(workspace: Workspace, run: string, state: RunState): Promise<void> {
  await workspace.store.write(checkpointKeys.state(run), state as unknown as Json)
}

/** The job's latest run with a plan; undefined: it has none. */
export async function latestRunOf(workspace: Workspace, job: string, local: boolean): Promise<RunHeader | undefined> {
  const run = await workspace.store.read(checkpointKeys.latestRun(job, local))
  return typeof run === 'string' ? readHeader(workspace, run) : undefined
}

/** Every planned run, newest first. */
export async function allRuns(workspace: Workspace): Promise<RunHeader[]> {
  const headers: RunHeader[] = []
  for (const run of await workspace.artifacts.runs()) {
    const header = await readHeader(workspace, run)
    if (header !== undefined) headers.push(header)
  }
  return headers.sort((a, b) => b.createdAt - a.createdAt || (a.run < b.run ? 1 : -1))
}

/**
 * The run that a person means: by its id, by its job's name (that job's latest), or none named: the latest of all that
 * `wanted` accepts. Throws UserError naming what there is, and UnplannedError where that is the beginning of one.
 */
export async function findRun(
  workspace: Workspace,
  name: string | undefined,
  wanted: { local?: boolean; unfinished?: boolean } = {},
): Promise<RunHeader> {
  if (name !== undefined) {
    const exact = await readHeader(workspace, name)
    if (exact !== undefined) return exact
  }
  const runs = await allRuns(workspace)
  for (const header of runs) {
    if (name !== undefined && header.job.name !== name) continue
    if (name === undefined && wanted.local !== undefined && header.local !== wanted.local) continue
    if (wanted.unfinished === true && name === undefined && !(await isUnfinished(workspace, header))) continue
    return header
  }
  const begun = await findBeginning(workspace, name)
  if (begun !== undefined) throw begun
  throw new UserError(name === undefined ? noRun(wanted.unfinished === true) : unknownRun(name, runs))
}

export async function isUnfinished(workspace: Workspace, header: RunHeader): Promise<boolean> {
  const state = await readRunState(workspace, header.run)
  return state === undefined || (state.status !== 'completed' && state.status !== 'canceled')
}

export async function summaryOf(workspace: Workspace, header: RunHeader): Promise<RunSummary> {
  const states: BatchState[] = await readStates({ header, store: workspace.store })
  const holder = await workspace.store.holder(header.run)
  return summarise(header, states, await readRunState(workspace, header.run), holder !== undefined)
}

function noRun(unfinished: boolean) {
  return {
    message: unfinished ? 'There is no unfinished run here.' : 'There is no run here yet.',
    hint: 'Start one with: batchwright run JOB.yaml (or name the folder of the project with --root).',
  }
}

function unknownRun(name: string, runs: readonly RunHeader[]) {
  const names = [...runs.map((header) => header.run), ...new Set(runs.map((header) => header.job.name))]
  const guess = nearest(name, names)
  return {
    message: `There is no run "${name}" and no run of a job of that name.${guess === undefined ? '' : ` Did you mean "${guess}"?`}`,
    hint: runs.length === 0 ? 'Nothing has been run here yet.' : 'batchwright runs lists all of them.',
  }
}
