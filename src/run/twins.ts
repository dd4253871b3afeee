// After an unclear submission the provider may hold the same batch twice. What can be known of it is said.

import { messageOf } from '../core/errors.ts'
import type { BatchState, UnclearSubmission } from '../core/run.ts'
import type { SurplusBatch } from '../core/surplus.ts'
import { lineBlocks } from '../disk/lines.ts'
import { readClaim } from './claim.ts'
import type { LiveContext } from './ports.ts'
import { customIdIsOf } from './request-file.ts'
import { customIdOfResult, TornResultsError } from './result-line.ts'

/** Looks once, and only where a submission of the run ended unclearly. A list that fails is no reason to fail a run. */
export async function findTwins(
  context: LiveContext,
  states: readonly BatchState[],
  signal: AbortSignal,
): Promise<SurplusBatch[]> {
  try {
    return await lookForTwins(context, states, signal)
  } catch (error) {
    signal.throwIfAborted()
    context.notify({ type: 'note', text: `Could not look for surplus batches (${messageOf(error)}).` })
    return []
  }
}

async function lookForTwins(
  context: LiveContext,
  states: readonly BatchState[],
  signal: AbortSignal,
): Promise<SurplusBatch[]> {
  const windows = states.flatMap((state) => state.unclear.map((submission) => ({ state, submission })))
  if (windows.length === 0) return []
  const { skewMs } = context.pace
  const oldest = Math.min(...windows.map(({ submission }) => submission.from)) - skewMs
  const collected = new Set(states.flatMap(({ trips }) => trips.map(({ id }) => id)))
  const twins: SurplusBatch[] = []
  for await (const batch of context.api.list(signal)) {
    if (batch.createdAt < oldest) break
    const match = windows.find(
      ({ submission }) => isWithin(submission, batch.createdAt, skewMs) && submission.requests === batch.requests,
    )
    if (match === undefined || collected.has(batch.id) || (await readClaim(context, batch.id))?.confirmed === true)
      continue
    const isOver = batch.status !== 'running'
    if (isOver && !(await holdsOurIds(context, batch.id, signal))) continue
    const { state, submission } = match
    twins.push({
      batch_id: batch.id,
      index: state.index,
      attempt: submission.attempt,
      besides: collectedId(state, submission.attempt),
      requests: batch.requests,
      created_at: new Date(batch.createdAt).toISOString(),
      is_ours: isOver,
    })
  }
  return twins
}

/** Under which id the attempt was collected. */
function collectedId(state: BatchState, attempt: number): string | null {
  return state.trips.find((trip) => trip.attempt === attempt)?.id ?? null
}

function isWithin(submission: UnclearSubmission, createdAt: number, skewMs: number): boolean {
  return createdAt >= submission.from - skewMs && createdAt <= submission.to + skewMs
}

/** One line of its results is enough: every custom_id names its run. Results that cannot be read show nothing. */
async function holdsOurIds(context: LiveContext, id: string, signal: AbortSignal): Promise<boolean> {
  try {
    return await firstIdIsOurs(context, id, signal)
  } catch {
    signal.throwIfAborted()
    return false
  }
}

async function firstIdIsOurs(context: LiveContext, id: string, signal: AbortSignal): Promise<boolean> {
  const tooLong = (): Error => new TornResultsError('A line of the results is over 16 MB.')
  for await (const lines of lineBlocks(await context.api.results(id, signal), 16_000_000, tooLong)) {
    for (const line of lines) return customIdIsOf(context.header, customIdOfResult(line))
  }
  return false
}
