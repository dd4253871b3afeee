// Landed results that went missing are downloaded again while the provider still has them.

import { runFiles } from '../core/names.ts'
import { counted } from '../core/phrase.ts'
import type { BatchState, Trip } from '../core/run.ts'
import { LandedDamagedError } from './landed-damage.ts'
import { type Landed, landResults } from './landing.ts'
import { readWithdrawn } from './outgoing.ts'
import type { LiveContext } from './ports.ts'
import { rosterOf } from './trail.ts'

/** Throws what the provider says when results are gone for good. */
export async function restoreResults(
  context: LiveContext,
  states: readonly BatchState[],
  signal: AbortSignal,
): Promise<void> {
  const { artifacts, header } = context
  for (const { index, trips } of states) {
    for (const trip of trips) {
      const name = runFiles.results(index, trip.attempt)
      if (trip.requests === 0 || (await artifacts.size(header.run, name)) !== undefined) continue
      context.notify({
        type: 'note',
        index,
        text: `The landed results of ${trip.id} are missing here; downloading them again.`,
      })
      const landed = await restore(context, index, trip, signal)
      if (landed.missing > 0)
        context.notify({ type: 'warning', index, text: `Missing there, too: ${counted(landed.missing, 'line')}.` })
    }
  }
}

/** Does something with landed results; those that turn out to be damaged are downloaded again, each once, and it is done anew. */
export async function repairing<T>(
  context: LiveContext,
  states: readonly BatchState[],
  act: () => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const repaired = new Set<string>()
  for (;;) {
    try {
      return await act()
    } catch (error) {
      if (!(error instanceof LandedDamagedError) || repaired.has(error.artifact)) throw error
      repaired.add(error.artifact)
      await context.artifacts.remove(context.header.run, error.artifact)
      await restoreResults(context, states, signal)
    }
  }
}

async function restore(context: LiveContext, index: number, trip: Trip, signal: AbortSignal): Promise<Landed> {
  const { api } = context
  const withdrawn = await readWithdrawn(context, index, trip.attempt)
  const roster = await rosterOf(context, index, trip.attempt, trip.requests + withdrawn.size, withdrawn)
  const open = () => api.results(trip.id, signal)
  const landed = await landResults(context, { index, attempt: trip.attempt }, roster, open, () => false)
  if (!landed.committed) throw new Error(`The results of ${trip.id} could not be downloaded whole; resume tries again.`)
  return landed
}
