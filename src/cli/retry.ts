// `retry [RUN]`: asks only the failed rows again, as further attempts of the same run.

import { driveRun, isUnfinished } from '../app.ts'
import { UserError } from '../core/errors.ts'
import type { Io } from './io.ts'
import { openRun } from './open-run.ts'
import { printEnd } from './print-end.ts'
import type { Flags } from './program.ts'
import { withProgress } from './progress.ts'

export async function retry(io: Io, args: string[], flags: Flags): Promise<number> {
  return withProgress(io, flags, 'Asking again', async (progress) => {
    const { workspace, header } = await openRun(io, args[0], flags, { progress })
    try {
      if (await isUnfinished(workspace, header)) {
        throw new UserError({
          message: `Run ${header.run} is not finished, so its failed rows are not known yet.`,
          hint: `Finish it first with: batchwright resume ${header.run}`,
        })
      }
      const end = await driveRun(workspace, header, { detach: false, cancel: false, retry: true, decisions: new Map() })
      await printEnd(io, flags, workspace, end, progress.stop())
      return end.exitCode
    } finally {
      await workspace.close()
    }
  })
}
