// What only a person can decide, in words: batches whose results nobody can have any more.

import type { BatchState } from '../core/run.ts'
import type { Stop } from './desk.ts'
import { travelling } from './machine.ts'

/** @param lost ended batches whose results are gone; at least one */
export function questionOf(run: string, lost: readonly BatchState[]): Stop {
  const unsure = lost.filter(({ remote }) => remote?.confirmed !== true)
  const ours = lost.filter(({ remote }) => remote?.confirmed === true)
  const message = [...unsure.map((state) => whoseIsIt(run, state)), ...ours.map((state) => askAgain(run, state))].join(
    '\n',
  )
  // Where it is certain that the batch was ours, nothing is unknown: the answers are lost, and that is a failure.
  return unsure.length > 0 ? { exitCode: 5, reason: 'undecided', message } : { exitCode: 1, reason: 'failed', message }
}

/** The one thing that nobody can find out any more: whether an adopted batch without results was ours. */
function whoseIsIt(run: string, state: BatchState): string {
  const { index, remote, lost } = state
  const created = new Date(remote?.createdAt ?? 0).toISOString()
  return [
    `Batch ${index} may or may not be ${remote?.id}: its answer was lost while it was submitted, and its results cannot be read (${lost?.replace(/\.$/, '')}).`,
    'Submitting it again could charge you twice, so it waits for your decision. No other batch was kept waiting for it.',
    `  Candidate: ${remote?.id}, ${travelling(state)} requests, created ${created}`,
    `Then either   batchwright resume ${run} --adopt ${index}=${remote?.id}`,
    `or            batchwright resume ${run} --resubmit ${index}`,
  ].join('\n')
}

function askAgain(run: string, { index, lost }: BatchState): string {
  return [
    `The results of batch ${index} are gone. ${lost}`,
    'Its requests can only be sent again, which is paid for a second time, so it waits for your decision:',
    `              batchwright resume ${run} --resubmit ${index}`,
  ].join('\n')
}
