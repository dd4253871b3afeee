// `export [RUN] --to …`: writes what is settled so far into any sink. Reads landed results; calls no API.

import { exportOutcomes } from '../app.ts'
import type { Select } from '../core/job.ts'
import type { Io } from './io.ts'
import { openRun } from './open-run.ts'
import { counted } from './print.ts'
import type { Flags } from './program.ts'

export async function exportRun(io: Io, args: string[], flags: Flags): Promise<number> {
  const { workspace, header } = await openRun(io, args[0], flags)
  try {
    const report = await exportOutcomes(workspace, header, flags.to as string, flags.select as Select)
    if (flags.quiet !== true) io.err(`${counted(report.rows, 'row')} of ${header.run} written to ${report.path}.\n`)
    return 0
  } finally {
    await workspace.close()
  }
}
