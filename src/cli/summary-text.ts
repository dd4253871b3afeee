// The end of a run in words: how many rows came to what, where the outputs are, what it cost, what to do next.

import type { DriveEnd, RunSummary } from '../app.ts'
import { count, counted, table, usd } from './print.ts'

const FAILURES = ['incomplete', 'refused', 'invalid', 'errored', 'expired', 'canceled', 'rejected'] as const

export function summaryText(summary: RunSummary, job: { local: boolean }): string {
  const { requests } = summary
  const lines = [
    `${count(requests.succeeded)} of ${counted(requests.total, 'row')} succeeded${failureWords(summary)}.\n`,
  ]
  if (summary.outputs.length > 0) {
    lines.push(table(summary.outputs.map((output) => [`  ${output.path}`, counted(output.rows, 'row')])))
  }
  lines.push(
    job.local
      ? 'The answers are simulated by the built-in emulator; nothing was sent to a provider and nothing was paid.\n'
      : `Cost ${usd(summary.cost_usd)} (estimated ${usd(summary.estimated_usd)}).\n`,
  )
  return lines.join('')
}

/** What stopped a run, and how it goes on. */
export function endText(end: DriveEnd, job: { local: boolean }): string {
  const { summary } = end
  const resume = `batchwright resume ${summary.run_id}`
  const out = summary.batches.filter((batch) => batch.phase === 'submitted' || batch.phase === 'submitting').length
  if (end.message !== undefined) return `${end.message}\n${end.exitCode === 5 ? '' : `Go on with: ${resume}\n`}`
  if (end.exitCode === 130) {
    return `Stopped. ${counted(out, 'batch')} ${out === 1 ? 'keeps' : 'keep'} running at ${job.local ? 'the emulator' : 'the provider'}. Go on with: ${resume}\n`
  }
  if (summary.status === 'detached')
    return `Everything is submitted: ${counted(out, 'batch')}. Collect with: ${resume}\n`
  return summaryText(summary, job)
}

function failureWords(summary: RunSummary): string {
  const { requests } = summary
  const parts = FAILURES.filter((status) => requests[status] > 0).map(
    (status) => `${count(requests[status])} ${status}`,
  )
  if (requests.pending > 0) parts.push(`${count(requests.pending)} pending`)
  return parts.length === 0 ? '' : `; ${parts.join(', ')}`
}
