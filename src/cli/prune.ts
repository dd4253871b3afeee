// `prune`: removes the files of old runs, also those that were uploaded to the provider for them alone. A run whose
// results are not collected and delivered is never touched.

import { allRuns, openHere, type PrunedUploads, pruneRun, pruneUploads, summaryOf, type Workspace } from '../app.ts'
import type { RunHeader } from '../core/run.ts'
import { visible } from '../core/safe-text.ts'
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
    const isDry = flags.dryRun === true
    const old = await oldRuns(workspace, flags, io.clock.now() - (flags.olderThan as number) * DAY_MS)
    const files = await pruneUploads(workspace, old, isDry)
    if (!isDry) for (const header of old) await pruneRun(workspace, header)
    const removed = old.map(({ run }) => run)
    if (flags.json === true) await io.out(`${JSON.stringify({ removed, dry_run: isDry, files })}\n`)
    else if (flags.quiet !== true) {
      for (const run of removed) io.err(`${run}\n`)
      io.err(`${counted(removed.length, 'run')} ${isDry ? 'would be ' : ''}removed.\n${filesText(files, isDry)}`)
    }
    return 0
  } finally {
    await workspace.close()
  }
}

async function oldRuns(workspace: Workspace, flags: Flags, before: number): Promise<RunHeader[]> {
  const old: RunHeader[] = []
  for (const header of await allRuns(workspace)) {
    if (flags.local === true && !header.local) continue
    const { status, finished_at: finishedAt } = await summaryOf(workspace, header)
    const isOver = status === 'completed' || status === 'canceled'
    if (isOver && finishedAt !== null && Date.parse(finishedAt) <= before) old.push(header)
  }
  return old
}

/** Nothing where no document was uploaded for the removed runs alone. */
function filesText({ deleted, kept }: PrunedUploads, isDry: boolean): string {
  const done = `${counted(deleted, 'uploaded file')} ${isDry ? 'would be ' : ''}deleted at the provider.\n`
  const rest = kept.map(
    ({ files, why }) =>
      `${counted(files, 'uploaded file')} ${files === 1 ? 'stays' : 'stay'} at the provider, at most 30 days from the upload on: ${visible(why)}\n`,
  )
  return `${deleted === 0 ? '' : done}${rest.join('')}`
}
