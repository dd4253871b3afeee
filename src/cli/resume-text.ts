// What a resumed run finds, in one line.

import type { RunSummary } from '../app.ts'
import { count, counted } from './print.ts'

const PHASES = [
  ['done', 'done'],
  ['ended', 'ended and not collected'],
  ['submitted', 'at the provider'],
  ['submitting', 'whose submission was not confirmed'],
  ['planned', 'not submitted'],
  ['refused', 'refused'],
] as const

export function resumeText(summary: RunSummary): string {
  const latest = new Map(summary.batches.map((batch) => [batch.index, batch.phase]))
  const counts = new Map<string, number>()
  for (const phase of latest.values()) counts.set(phase, (counts.get(phase) ?? 0) + 1)
  const found = PHASES.filter(([phase]) => counts.has(phase)).map(
    ([phase, words]) => `${count(counts.get(phase) ?? 0)} ${words}`,
  )
  return `Resuming ${summary.run_id}: ${counted(latest.size, 'batch')}${found.length === 0 ? '' : `, ${found.join(', ')}`}; ${counted(summary.requests.pending, 'row')} pending.`
}
