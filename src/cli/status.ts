// `status [RUN]`: how a run stands, from the store alone; the provider is not asked.

import { type RunSummary, summaryOf } from '../app.ts'
import type { Io } from './io.ts'
import { openRun } from './open-run.ts'
import { bytes, count, duration, table, usd } from './print.ts'
import type { Flags } from './program.ts'

/** How often `--watch` looks. */
const WATCH_MS = 1000

export async function status(io: Io, args: string[], flags: Flags): Promise<number> {
  const { workspace, header } = await openRun(io, args[0], flags)
  try {
    let shown = ''
    for (;;) {
      const summary = await summaryOf(workspace, header)
      const text = flags.json === true ? `${JSON.stringify(summary)}\n` : statusText(summary, io.clock.now())
      const changed = JSON.stringify(summary)
      if (changed !== shown) await io.out(text)
      shown = changed
      const isOver = summary.status === 'completed' || summary.status === 'canceled'
      if (flags.watch !== true || isOver || io.interrupted.aborted) return 0
      await io.clock.sleep(WATCH_MS, io.interrupted)
    }
  } finally {
    await workspace.close()
  }
}

export function statusText(summary: RunSummary, now: number): string {
  const { requests } = summary
  const counts = Object.entries(requests)
    .filter(([name, value]) => name !== 'total' && value > 0)
    .map(([name, value]) => `${count(value)} ${name}`)
  const head = `${summary.run_id}  ${summary.status}\n${count(requests.total)} rows: ${counts.join(', ') || 'none'}\n`
  const cost = `Cost so far ${usd(summary.cost_usd)}, estimated ${usd(summary.estimated_usd)}\n`
  if (summary.batches.length === 0) return `${head}${cost}`
  const rows = summary.batches.map((batch) => [
    `  ${batch.index}`,
    batch.attempt,
    batch.requests,
    bytes(batch.bytes),
    batch.phase,
    batch.batch_id ?? '',
    batch.created_at === null ? '' : duration(timeOf(batch.ended_at, now) - timeOf(batch.created_at, now)),
    batch.expires_at === null ? '' : duration(timeOf(batch.expires_at, now) - now),
  ])
  const outputs = summary.outputs.map((output) => [`  ${output.path}`, output.rows])
  return `${head}${cost}${table([['  batch', 'attempt', 'requests', 'size', 'phase', 'id', 'age', 'expires in'], ...rows])}${table(outputs)}`
}

function timeOf(iso: string | null, now: number): number {
  return iso === null ? now : Date.parse(iso)
}
