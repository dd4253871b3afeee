// `status [RUN]`: how a run stands, from the store alone; the provider is not asked.

import { type RunSummary, summaryOf, type Workspace } from '../app.ts'
import { cacheWords } from '../core/cache-hits.ts'
import type { RunHeader } from '../core/run.ts'
import { surplusWords } from '../core/surplus.ts'
import type { Io } from './io.ts'
import { cut } from './live-view.ts'
import { openRun } from './open-run.ts'
import { bytes, count, duration, fittedTable, usd } from './print.ts'
import type { Flags } from './program.ts'
import { Screen } from './screen.ts'
import { outputTable } from './summary-text.ts'

/** How often `--watch` looks. */
const WATCH_MS = 1000

export async function status(io: Io, args: string[], flags: Flags): Promise<number> {
  const { workspace, header } = await openRun(io, args[0], flags)
  try {
    if (flags.watch === true) await watch(io, workspace, header, flags)
    else {
      const summary = await summaryOf(workspace, header)
      await io.out(
        flags.json === true
          ? `${JSON.stringify(summary)}\n`
          : statusText(summary, io.clock.now(), header.local, columnsOf(io)),
      )
    }
    return 0
  } finally {
    await workspace.close()
  }
}

/** In place on a terminal; elsewhere, and with --json, once for every change. */
async function watch(io: Io, workspace: Workspace, header: RunHeader, flags: Flags): Promise<void> {
  const screen = io.isScreen && flags.json !== true ? screenOf(io) : undefined
  for (let shown = ''; ; ) {
    const summary = await summaryOf(workspace, header)
    const changed = JSON.stringify(summary)
    const text = flags.json === true ? `${changed}\n` : statusText(summary, io.clock.now(), header.local, columnsOf(io))
    if (screen !== undefined)
      screen.draw(
        text
          .trimEnd()
          .split('\n')
          .map((line) => cut(line, io.columns - 1)),
      )
    else if (changed !== shown) await io.out(text)
    shown = changed
    const isOver = summary.status === 'completed' || summary.status === 'canceled'
    if (isOver || io.interrupted.aborted) return
    await io.clock.sleep(WATCH_MS, io.interrupted)
  }
}

function screenOf(io: Io): Screen {
  return new Screen(
    (text) => void io.out(text),
    () => ({ columns: io.columns, rows: io.rows }),
  )
}

/** @param columns the width that the table of batches may take */
export function statusText(summary: RunSummary, now: number, isLocal: boolean, columns: number): string {
  const { requests } = summary
  const counts = Object.entries(requests)
    .filter(([name, value]) => name !== 'total' && value > 0)
    .map(([name, value]) => `${count(value)} ${name}`)
  const parts = [
    `${summary.run_id}: ${summary.status}${timeWords(summary, now)}\n`,
    `Rows      ${count(requests.total)}: ${counts.join(', ') || 'none'}\n`,
    `Cost      ${isLocal ? `${usd(0)}: simulated; it would be ` : ''}${usd(summary.cost_usd)}${summary.finished_at === null ? ' so far' : ''}, estimated ${usd(summary.estimated_usd)}\n`,
    ...(summary.cache === undefined ? [] : [`${cacheWords(summary.cache, usd).replace(': ', '     ')}\n`]),
    ...(summary.batches.length === 0 ? [] : ['\n', batchTable(summary, now, columns)]),
    ...(summary.outputs.length === 0 ? [] : ['\n', outputTable(summary.outputs)]),
    ...(summary.surplus ?? []).map((surplus) => `\nWarning: ${surplusWords(summary.run_id, surplus)}\n`),
    ...(GOES_ON.has(summary.status) ? [`\nGo on with: batchwright resume ${summary.run_id}\n`] : []),
  ]
  return parts.join('')
}

/** Statuses of runs that wait for somebody. */
const GOES_ON = new Set<RunSummary['status']>(['planned', 'detached', 'interrupted'])

function timeWords({ started_at: started, finished_at: finished }: RunSummary, now: number): string {
  if (started === null) return ''
  if (finished === null) return `, started ${duration(now - Date.parse(started))} ago`
  return ` after ${duration(Date.parse(finished) - Date.parse(started))}`
}

/** One column stays free: a terminal may wrap a line that fills it. */
function columnsOf(io: Io): number {
  return io.isScreen ? io.columns - 1 : Number.POSITIVE_INFINITY
}

const HEADINGS = ['batch', 'attempt', 'requests', 'size', 'phase', 'took', 'expires in', 'id']
/** What a narrow terminal can do without, in this order: places in `HEADINGS`. */
const DISPENSABLE = [7, 3, 1, 2]

function batchTable({ batches }: RunSummary, now: number, columns: number): string {
  const rows = batches.map((batch) => {
    const { created_at: created, ended_at: ended, expires_at: expires } = batch
    return [
      batch.index,
      batch.attempt,
      batch.requests,
      bytes(batch.bytes),
      batch.phase,
      created === null ? '' : duration((ended === null ? now : Date.parse(ended)) - Date.parse(created)),
      expires === null ? '' : duration(Date.parse(expires) - now),
      batch.batch_id ?? '',
    ]
  })
  return fittedTable([HEADINGS, ...rows], columns, DISPENSABLE, '  ')
}
