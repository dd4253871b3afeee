// What a person decided of batches whose fate nobody else can know.

import { UserError } from '../core/errors.ts'
import type { BatchState } from '../core/run.ts'
import { writeClaim } from './claim.ts'
import type { Desk } from './desk.ts'
import type { LiveContext } from './ports.ts'

/** Index of a batch → the provider's id that it is, or undefined: send it again. */
export type Decisions = ReadonlyMap<number, string | undefined>

/** Throws UserError for a batch that does not exist. A decision that nobody waits for changes nothing, and is said to. */
export async function decide(context: LiveContext, desk: Desk, decisions: Decisions): Promise<void> {
  for (const [index, id] of decisions) {
    const state = desk.states[index]
    if (state === undefined)
      throw new UserError(`The run has no batch ${index}; it has ${desk.states.length}, counted from 0.`)
    if (!awaitsDecision(state, id)) {
      const text = `Batch ${index} needs no such decision: it is ${state.phase}. Nothing was changed.`
      context.notify({ type: 'note', index, text })
      continue
    }
    const isOurs = state.remote?.confirmed === true
    if (id === undefined && state.phase === 'ended' && state.remote !== null)
      await desk.commit(index, { type: 'disowned', id: state.remote.id })
    if (id !== undefined) {
      const createdAt = (state.remote?.id === id ? state.remote.createdAt : state.submittingSince) ?? 0
      const remote = { id, createdAt, expiresAt: null, confirmed: true }
      // Otherwise a look for a later attempt of the batch would find it free, and land its results once more.
      await writeClaim(context, state, id, true)
      await desk.commit(index, { type: 'submission_accepted', remote })
    }
    // A candidate that is not ours says nothing of others: they are looked for before anything is sent again.
    if (id === undefined && isOurs) await desk.commit(index, { type: 'submission_absent' })
  }
}

/** Open is whose an adopted batch is; and of results that are gone, though surely ours, whether to pay again. */
function awaitsDecision({ phase, remote, lost }: BatchState, id: string | undefined): boolean {
  if (phase === 'submitting') return id !== undefined
  if (phase !== 'ended') return false
  return remote?.confirmed !== true || (typeof lost === 'string' && id === undefined)
}
