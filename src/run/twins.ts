// After an unclear submission the provider may hold the same batch twice. What can be known of it is said.

import { messageOf } from '../core/errors.ts'
import type { BatchState, UnclearSubmission } from '../core/run.ts'
import { lineBlocks } from '../disk/lines.ts'
import { readClaim } from './claim.ts'
import { customIdOfResult, TornResultsError } from './landing.ts'
import type { LiveContext } from './ports.ts'
import { customIdIsOf } from './request-file.ts'

/** A batch at the provider that nobody of ours claims and that may be a surplus twin of one of ours. */
export interface Twin {
  readonly id: string
  readonly index: number
  readonly requests: number
  /** True: its results hold our custom_ids. False: it is still running, so nobody can say. */
  readonly isCertain: boolean
}

/** Looks once, and only where a submission of the run ended unclearly. A list that fails is no reason to fail a run. */
export async function findTwins(
  context: LiveContext,
  states: readonly BatchState[],
  signal: AbortSignal,
): Promise<Twin[]> {
  try {
    return await lookForTwins(context, states, signal)
  } catch (error) {
    signal.throwIfAborted()
    context.notify({ type: 'note', text: `Could not look for surplus batches (${messageOf(error)}).` })
    return []
  }
}

async function lookForTwins(context: LiveContext, states: readonly BatchState[], signal: AbortSignal): Promise<Twin[]> {
  const windows = states.flatMap((state) => state.unclear.map((submission) => ({ state, submission })))
  if (windows.length === 0) return []
  const { skewMs } = context.pace
  const oldest = Math.min(...windows.map(({ submission }) => submission.from)) - skewMs
  const twins: Twin[] = []
  for await (const batch of context.api.list(signal)) {
    if (batch.createdAt < oldest) break
    const match = windows.find(
      ({ submission }) => isWithin(submission, batch.createdAt, skewMs) && submission.requests === batch.requests,
    )
    if (match === undefined || (await readClaim(context, batch.id))?.confirmed === true) continue
    if (batch.status === 'running') {
      twins.push({ id: batch.id, index: match.state.index, requests: batch.requests, isCertain: false })
    } else if (await holdsOurIds(context, batch.id, signal)) {
      twins.push({ id: batch.id, index: match.state.index, requests: batch.requests, isCertain: true })
    }
  }
  return twins
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
