// Looks at the provider for a batch whose create call never answered.

import type { BatchState } from '../core/run.ts'
import { isClaimOf, readClaim } from './claim.ts'
import type { Desk } from './desk.ts'
import { type Claimed, chooseCandidate, type Listed } from './look.ts'
import { travelling } from './machine.ts'
import type { LiveContext } from './ports.ts'
import { accepted } from './submit.ts'

export async function lookUp(context: LiveContext, desk: Desk, index: number, signal: AbortSignal): Promise<void> {
  const { clock, pace } = context
  const startedAt = clock.now()
  const found = desk.state(index)
  const isFirst = found.unclearSince === null
  const state = isFirst ? await desk.commit(index, { type: 'submission_unclear', at: startedAt, lookAt: 0 }) : found
  const unclearSince = state.unclearSince ?? startedAt
  const listed = await listSince(context, state, signal)
  const verdict = chooseCandidate(listed, {
    state,
    label: `${context.header.run}/${index}/${state.attempt}`,
    requests: travelling(state),
    graceOver: startedAt - unclearSince >= pace.lookGraceMs,
  })
  switch (verdict.type) {
    case 'found':
      await accepted(context, desk, state, verdict.batch, verdict.confirmed)
      return
    case 'absent':
      context.notify({ type: 'note', index, text: `Batch ${index} never reached the provider; it is submitted again.` })
      await desk.commit(index, { type: 'submission_absent' })
      return
    case 'wait':
      await desk.commit(index, { type: 'submission_unclear', at: startedAt, lookAt: startedAt + pace.lookEveryMs })
  }
}

/** Every batch of the workspace that was created while the call was under way, with what our store says of it. */
async function listSince(context: LiveContext, state: BatchState, signal: AbortSignal): Promise<Listed[]> {
  const since = (state.submittingSince ?? 0) - context.pace.skewMs
  const until = (state.unclearSince ?? Number.POSITIVE_INFINITY) + context.pace.skewMs
  const requests = travelling(state)
  const listed: Listed[] = []
  for await (const batch of context.api.list(signal)) {
    if (batch.createdAt < since) break
    if (batch.createdAt > until) continue
    // Sizes first: asking the store about every batch of a busy workspace would be slow.
    if (batch.label === undefined && batch.requests !== requests) continue
    listed.push({ batch, claimed: await claimOf(context, state, batch.id) })
  }
  return listed
}

async function claimOf(context: LiveContext, state: BatchState, id: string): Promise<Claimed> {
  const claim = await readClaim(context, id)
  if (claim === undefined) return 'nobody'
  if (isClaimOf(context, state, claim)) return claim.confirmed ? 'us' : 'nobody'
  return claim.confirmed ? 'other' : 'maybe_other'
}
