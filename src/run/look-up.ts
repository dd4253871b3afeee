// Looks at the provider for a batch whose create call never answered.

import { type BatchState, checkpointKeys } from '../core/run.ts'
import type { Desk } from './desk.ts'
import { type Claimed, chooseCandidate, type Listed } from './look.ts'
import { travelling } from './machine.ts'
import type { LiveContext } from './ports.ts'
import { accepted, type Claim } from './submit.ts'

/** When this process first looked for each batch: the grace for a late list counts from there. */
export type FirstLooks = Map<number, number>

export async function lookUp(
  context: LiveContext,
  desk: Desk,
  index: number,
  firstLooks: FirstLooks,
  signal: AbortSignal,
): Promise<void> {
  const { clock, pace } = context
  const state = desk.state(index)
  const startedAt = clock.now()
  const first = firstLooks.get(index) ?? startedAt
  firstLooks.set(index, first)
  const listed = await listSince(context, state, signal)
  const verdict = chooseCandidate(listed, {
    state,
    label: `${context.header.run}/${index}/${state.attempt}`,
    requests: travelling(state),
    graceOver: startedAt - first >= pace.lookGraceMs,
  })
  switch (verdict.type) {
    case 'found':
      firstLooks.delete(index)
      await accepted(context, desk, state, verdict.batch, verdict.confirmed)
      return
    case 'absent':
      firstLooks.delete(index)
      context.notify({ type: 'note', index, text: `Batch ${index} never reached the provider; it is submitted again.` })
      await desk.commit(index, { type: 'submission_absent' })
      return
    case 'wait':
      await desk.commit(index, { type: 'submission_unclear', lookAt: startedAt + pace.lookEveryMs })
  }
}

/** Every batch of the workspace that was created since the intent, with what our store says of it. */
async function listSince(context: LiveContext, state: BatchState, signal: AbortSignal): Promise<Listed[]> {
  const since = (state.submittingSince ?? 0) - context.pace.skewMs
  const requests = travelling(state)
  const listed: Listed[] = []
  for await (const batch of context.api.list(signal)) {
    if (batch.createdAt < since) break
    // Sizes first: asking the store about every batch of a busy workspace would be slow.
    if (batch.label === undefined && batch.requests !== requests) continue
    listed.push({ batch, claimed: await claimOf(context, state, batch.id) })
  }
  return listed
}

async function claimOf(context: LiveContext, state: BatchState, id: string): Promise<Claimed> {
  const claim = (await context.store.read(checkpointKeys.claim(context.provider.type, id))) as unknown as
    | Claim
    | undefined
  if (claim === undefined) return 'nobody'
  const isOurs = claim.run === context.header.run && claim.index === state.index && claim.attempt === state.attempt
  if (isOurs) return claim.confirmed ? 'us' : 'us_unconfirmed'
  return 'other'
}
