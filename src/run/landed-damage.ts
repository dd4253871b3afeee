// Landed results were whole when they landed: what does not read so any more was damaged since, here.

import { messageOf } from '../core/errors.ts'
import { runFiles } from '../core/names.ts'
import { ForeignResultsError, indexLanded, type Landed } from './landing.ts'
import type { RunContext } from './ports.ts'
import { TornResultsError } from './result-line.ts'
import type { Roster } from './roster.ts'

export class LandedDamagedError extends Error {
  /** The file, among those of the run. */
  readonly artifact: string
  constructor(run: string, artifact: string, cause: unknown) {
    super(
      `The landed results ${artifact} of run ${run} are damaged: ${messageOf(cause)} ` +
        `Downloaded again, while the provider has them, by: batchwright resume ${run}`,
      { cause },
    )
    this.name = 'LandedDamagedError'
    this.artifact = artifact
  }
}

/** What is known of a landed file. Throws LandedDamagedError where it is not what it was. */
export async function indexUndamaged(
  context: Pick<RunContext, 'artifacts' | 'header' | 'provider' | 'schema'>,
  at: { readonly index: number; readonly attempt: number },
  roster: Roster,
): Promise<Landed> {
  try {
    return await indexLanded(context, at, roster)
  } catch (error) {
    if (!(error instanceof TornResultsError || error instanceof ForeignResultsError)) throw error
    throw new LandedDamagedError(context.header.run, runFiles.results(at.index, at.attempt), error)
  }
}
