// A cancelled run: what is out is cancelled at the provider, what was never sent is given up.

import { invariant, messageOf } from '../core/errors.ts'
import type { Desk } from './desk.ts'
import { batchOutcomes } from './outcomes.ts'
import type { LiveContext } from './ports.ts'
import { addStatuses, EMPTY_TALLY, TallyCounter } from './tally.ts'

/**
 * Asks the provider to stop the batch; what it has answered by then is collected like any other results. A provider that
 * could not be asked is asked again: meanwhile the batch goes on, and costs.
 */
export async function cancelBatch(context: LiveContext, desk: Desk, index: number, signal: AbortSignal): Promise<void> {
  const { remote } = desk.state(index)
  try {
    await context.api.cancel(remote?.id ?? '', signal)
    if (desk.state(index).phase === 'submitted') await desk.commit(index, { type: 'cancel_sent' })
  } catch (error) {
    signal.throwIfAborted()
    if (desk.state(index).phase !== 'submitted') return
    // One that has ended meanwhile cannot be cancelled either; the next poll shows it.
    context.notify({ type: 'note', index, text: `Not cancelled yet (${messageOf(error)}); trying again.` })
    await desk.commit(index, { type: 'cancel_deferred', notBefore: context.clock.now() + context.pace.lookEveryMs })
  }
}

/** Cancelled before anything of this attempt was sent: what earlier attempts answered stays. */
export async function abandon(context: LiveContext, desk: Desk, index: number): Promise<void> {
  const state = desk.state(index)
  const batch = context.header.batches[index]
  invariant(batch !== undefined, `There is no batch ${index}.`)
  const rows = new TallyCounter()
  for await (const row of batchOutcomes(context, batch, { ...state, phase: 'done' })) {
    if (row.planned !== undefined) rows.count(row.status)
  }
  const statuses = addStatuses(rows.tally().statuses, state.tally.statuses, -1)
  await desk.commit(index, { type: 'abandoned', tally: { ...EMPTY_TALLY, statuses } })
}
