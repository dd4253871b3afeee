// A run as the pages show it: the summary, what the plan says, and when results were collected.

import type { BatchState, RunHeader } from '../core/run.ts'
import type { BatchView, RunView } from '../report/run-view.ts'
import { readStates } from '../run/desk.ts'
import { summarise } from '../run/summary.ts'
import { readRunState } from './runs.ts'
import type { Workspace } from './workspace.ts'

export async function runView(workspace: Workspace, header: RunHeader): Promise<RunView> {
  return (await runViewWithStates(workspace, header)).run
}

export async function runViewWithStates(
  workspace: Workspace,
  header: RunHeader,
): Promise<{ run: RunView; states: readonly BatchState[] }> {
  const { job, local, createdAt } = header
  const states = await readStates({ header, store: workspace.store })
  const state = await readRunState(workspace, header.run)
  const summary = summarise(header, states, state, (await workspace.store.holder(header.run)) !== undefined)
  const run = {
    ...summary,
    batches: summary.batches.map((batch): BatchView => {
      const trip = states[batch.index]?.trips.find(({ attempt }) => attempt === batch.attempt)
      return { ...batch, collected_at: trip === undefined ? null : new Date(trip.collectedAt).toISOString() }
    }),
    local,
    model: job.model,
    ...(job.description === undefined ? {} : { description: job.description }),
    reason: state?.status === 'stopped' ? state.reason : null,
    budget_usd: job.budget?.maxUsd ?? null,
    planned_at: createdAt,
  }
  return { run, states }
}
