// `try JOB`: the first rows through the realtime API, before a whole batch is paid for.

import { loadJobFile, openForJob, tryRows } from '../app.ts'
import { visible } from '../core/safe-text.ts'
import type { Io } from './io.ts'
import { jobFlags } from './job-flags.ts'
import { oneLine, usd } from './print.ts'
import { printWarnings } from './print-warnings.ts'
import type { Flags } from './program.ts'
import { progressPrinter } from './progress.ts'
import { LOCAL_WORDS } from './run.ts'
import { surroundingsOf } from './surroundings.ts'

/** Rows that are tried when no --limit is given. */
const DEFAULT_LIMIT = 3

export async function tryJob(io: Io, args: string[], flags: Flags): Promise<number> {
  const limit = flags.limit ?? DEFAULT_LIMIT
  const loaded = await loadJobFile(io, args[0] ?? '', { ...jobFlags(flags), limit })
  const { job, warnings } = loaded
  printWarnings(io, flags, warnings)
  const local = flags.local === true
  const workspace = await openForJob(surroundingsOf(io, progressPrinter(io, flags)), loaded)
  const outcomes = []
  try {
    if (local && flags.quiet !== true) io.err(LOCAL_WORDS)
    for await (const outcome of tryRows(workspace, job, local)) {
      outcomes.push(outcome)
      if (flags.json === true) continue
      await io.out(
        `── ${oneLine(outcome.key)}: ${outcome.status}${outcome.error === null ? '' : ` (${oneLine(outcome.error.message)})`}\n`,
      )
      const text = typeof outcome.output === 'string' ? outcome.output : JSON.stringify(outcome.output, null, 2)
      await io.out(`${visible(outcome.output === null ? (outcome.text ?? '') : text)}\n\n`)
    }
    if (flags.json === true) await io.out(`${JSON.stringify({ job: job.name, outcomes })}\n`)
    const cost = outcomes.reduce<number | null>(
      (sum, { cost_usd: one }) => (sum === null || one === null ? null : sum + one),
      0,
    )
    if (flags.quiet !== true && !local)
      io.err(`Cost ${usd(cost)} at realtime prices; the batch costs about half of that for each row.\n`)
    return outcomes.every(({ status }) => status === 'succeeded') ? 0 : 3
  } finally {
    await workspace.close()
  }
}
