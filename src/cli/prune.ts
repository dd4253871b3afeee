// `prune`: removes the files of old runs. A run whose results are not collected and delivered is never touched.

import { allRuns, openHere, pruneRun, summaryOf } from '../app.ts'
import type { Io } from './io.ts'
import { placeFlags } from './job-flags.ts'
import { counted } from './print.ts'
import type { Flags } from './program.ts'
import { progressPrinter } from './progress.ts'
import { surroundingsOf } from './surroundings.ts'

const DAY_MS = 86_400_000

export async function prune(io: Io, _args: string[], flags: Flags): Promise<number> {
  const workspace = await openHere(surroundingsOf(io, progressPrinter(io, flags)), placeFlags(flags))
  try {
    const before = io.clock.now() - (flags.olderThan as number) * DAY_MS
    const removed: string[] = []
    for (const header of await allRuns(workspace)) {
      if (flags.local === true && !header.local) continue
      const { status, finished_at: finishedAt } = await summaryOf(workspace, header)
      const isOver = status === 'completed' || status === 'canceled'
      if (!isOver || finishedAt === null || Date.parse(finishedAt) > before) continue
      if (flags.dryRun !== true) await pruneRun(workspace, header)
      removed.push(header.run)
    }
    if (flags.json === true) await io.out(`${JSON.stringify({ removed, dry_run: flags.dryRun === true })}\n`)
    else if (flags.quiet !== true) {
      for (const run of removed) io.err(`${run}\n`)
      io.err(`${counted(removed.length, 'run')} ${flags.dryRun === true ? 'would be ' : ''}removed.\n`)
    }
    return 0
  } finally {
    await workspace.close()
  }
}
