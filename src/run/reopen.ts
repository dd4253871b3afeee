// What an earlier process left as hopeless.

import type { Desk } from './desk.ts'
import type { LiveContext } from './ports.ts'

/** What was refused or lost once is tried once more when a person starts the run again: they may have mended it. */
export async function reopen(context: LiveContext, desk: Desk): Promise<void> {
  for (const { phase, lost, index } of desk.states) {
    if (phase === 'ended' && typeof lost === 'string') await desk.commit(index, { type: 'results_sought' })
    if (phase !== 'refused') continue
    context.notify({ type: 'note', index, text: 'Refused before; submitted once more.' })
    await desk.commit(index, { type: 'reopened' })
  }
}
