// Surplus batches are money lost or about to be: a person has to know of them, and only a person may cancel one.

import type { BatchState } from '../core/run.ts'
import { type SurplusBatch, surplusWords } from '../core/surplus.ts'
import type { LiveContext } from '../run/ports.ts'
import { findTwins } from '../run/twins.ts'
import { readRunState, writeRunState } from './runs.ts'
import type { Workspace } from './workspace.ts'

/** Looks for twins of these batches, tells what is new about them, and keeps it with the run. */
export async function noteSurplus(
  workspace: Workspace,
  context: LiveContext,
  states: readonly BatchState[],
  signal: AbortSignal,
): Promise<void> {
  const { run } = context.header
  const found = await findTwins(context, states, signal)
  const stored = await readRunState(workspace, run)
  if (found.length === 0 || stored === undefined) return
  const known = new Map((stored.surplus ?? []).map((surplus) => [surplus.batch_id, surplus]))
  for (const twin of found) {
    if (known.get(twin.batch_id)?.is_ours === twin.is_ours) continue
    known.set(twin.batch_id, twin)
    context.notify({ type: 'warning', index: twin.index, text: surplusWords(run, twin) })
  }
  await writeRunState(workspace, run, { ...stored, surplus: [...known.values()] })
}

/** What is kept of them while the run's state is written anew. */
export async function keptSurplus(
  workspace: Workspace,
  run: string,
): Promise<{ readonly surplus?: readonly SurplusBatch[] }> {
  const surplus = (await readRunState(workspace, run))?.surplus
  return surplus === undefined ? {} : { surplus }
}
