// `cancel [RUN]`: cancels the provider's batches of a run, then collects and delivers what they still answered.

import { cancelRun } from '../app.ts'
import type { Io } from './io.ts'
import { openRun } from './open-run.ts'
import { printEnd } from './print-end.ts'
import type { Flags } from './program.ts'
import { withProgress } from './progress.ts'

export async function cancel(io: Io, args: string[], flags: Flags): Promise<number> {
  return withProgress(io, flags, 'Cancelling', async (progress) => {
    const { workspace, header } = await openRun(io, args[0], flags, { unfinished: true, progress })
    try {
      const end = await cancelRun(workspace, header)
      await printEnd(io, flags, workspace, end, progress.stop())
      // The command did what was asked even though rows are canceled: that is no failure of theirs.
      return end.exitCode === 3 ? 0 : end.exitCode
    } finally {
      await workspace.close()
    }
  })
}
