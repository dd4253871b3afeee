// `export [RUN] --to …`: writes what is settled so far into any sink. Reads landed results; calls no API.

import { exportOutcomes, type RunSummary, summaryOf } from '../app.ts'
import type { Select } from '../core/job.ts'
import { isSelected, STATUSES } from '../core/result.ts'
import type { Io } from './io.ts'
import { openRun } from './open-run.ts'
import { count, counted, oneLine } from './print.ts'
import type { Flags } from './program.ts'
import { withProgress } from './progress.ts'

export async function exportRun(io: Io, args: string[], flags: Flags): Promise<number> {
  const { workspace, header } = await openRun(io, args[0], flags)
  try {
    const select = flags.select as Select
    const write = () => exportOutcomes(workspace, header, flags.to as string, select)
    // Rows that are printed show by themselves how far it is.
    const report = flags.to === '-' ? await write() : await withProgress(io, flags, `Exporting ${header.run}`, write)
    if (flags.quiet === true) return 0
    const rest = leftOut(await summaryOf(workspace, header), select)
    io.err(`${counted(report.rows, 'row')} of ${header.run} written to ${oneLine(report.path)}${rest}.\n`)
    return 0
  } finally {
    await workspace.close()
  }
}

/** Rows that are not in the target, so that nobody takes it for all there is. */
function leftOut({ requests }: RunSummary, select: Select): string {
  const others = STATUSES.filter((status) => !isSelected(select, status)).reduce((sum, each) => sum + requests[each], 0)
  const [fate, other] = select === 'failed' ? ['succeeded', 'succeeded'] : ['did not succeed', 'failed']
  const unselected = others === 0 ? '' : `; ${count(others)} ${fate} (--select ${other}, or all)`
  return unselected + (requests.pending === 0 ? '' : `; ${count(requests.pending)} pending`)
}
