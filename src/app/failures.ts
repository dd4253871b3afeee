// What failed in a run, for the summary.

import type { RunHeader } from '../core/run.ts'
import { readStates } from '../run/desk.ts'
import { type FailureClass, type Failures, failuresOf } from '../run/failures.ts'
import { contextOf } from './bind.ts'
import type { Workspace } from './workspace.ts'

/** Reads what is landed; the provider is not asked. */
export async function runFailures(workspace: Workspace, header: RunHeader): Promise<Failures> {
  const context = contextOf(workspace, header)
  return failuresOf(context, await readStates(context))
}

export type { FailureClass, Failures }
