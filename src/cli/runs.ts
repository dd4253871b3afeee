// `runs`: every run that has a plan, newest first.

import { allRuns, openHere, summaryOf } from '../app.ts'
import type { Io } from './io.ts'
import { placeFlags } from './job-flags.ts'
import { age, count, fittedTable, usd } from './print.ts'
import type { Flags } from './program.ts'
import { progressPrinter } from './progress.ts'
import { surroundingsOf } from './surroundings.ts'

/** Where the terminal is narrow: the cost, then when it started. */
const DISPENSABLE = [3, 4]

export async function runs(io: Io, _args: string[], flags: Flags): Promise<number> {
  const workspace = await openHere(surroundingsOf(io, progressPrinter(io, flags)), placeFlags(flags))
  try {
    const summaries = []
    for (const header of await allRuns(workspace)) {
      if (flags.local === true && !header.local) continue
      summaries.push({ ...(await summaryOf(workspace, header)), local: header.local })
    }
    if (flags.json === true) {
      await io.out(`${JSON.stringify({ runs: summaries })}\n`)
      return 0
    }
    if (summaries.length === 0) {
      io.err('There is no run here yet. Start one with: batchwright run JOB.yaml\n')
      return 0
    }
    const now = io.clock.now()
    const rows = summaries.map((summary) => [
      summary.run_id,
      summary.local ? `${summary.status} (local)` : summary.status,
      `${count(summary.requests.succeeded + summary.requests.reused)} of ${count(summary.requests.total)}`,
      usd(summary.local ? 0 : summary.cost_usd),
      summary.started_at === null ? '' : `${age(now - Date.parse(summary.started_at))} ago`,
    ])
    const columns = io.isScreen ? io.columns : Number.POSITIVE_INFINITY
    await io.out(fittedTable([['run', 'status', 'succeeded', 'cost', 'started'], ...rows], columns, DISPENSABLE))
    return 0
  } finally {
    await workspace.close()
  }
}
