// One run: how far it is, its batches with age and expiry, what it cost.

import { bytes, count, duration } from '../report/figures.ts'
import { type Html, html } from '../report/html.ts'
import type { BatchView, RunView } from '../report/run-view.ts'
import { headline, outputs } from '../report/sections.ts'
import { SHOWN_STATUSES, statusBar } from '../report/status-bar.ts'
import { timeline } from '../report/timeline.ts'
import { address, type Page } from './frame.ts'

const RUNNING_MS = 2000
const WAITING_MS = 10_000
/** A run of a million rows may have a hundred batches and as many follow-ups. */
const MAX_BATCHES = 500

/** @param now milliseconds since 1970 */
export function runPage(run: RunView, now: number): Page {
  const links = SHOWN_STATUSES.filter(
    (status) => status !== 'reused' && status !== 'pending' && run.requests[status] > 0,
  )
  const content = html`${headline(run)}
<section class="panel"><h2>Rows by status</h2>${statusBar(run.requests)}
<p class="look">Look at <a href="${address(run.run_id, 'outcomes')}">all outcomes</a>${links.map((status) => html` · <a href="${address(run.run_id, 'outcomes', { status })}">${status}</a>`)}</p></section>
<section class="panel"><h2>Batches</h2>${phases(run.batches)}${batchTable(run.batches, now)}</section>
<section class="panel long"><h2>Batches over time</h2>${timeline(run.batches, now)}</section>
<section class="panel"><h2>Outputs</h2>${outputs(run)}</section>`
  const isOver = run.status === 'completed' || run.status === 'canceled'
  const every = isOver ? null : run.status === 'running' ? RUNNING_MS : WAITING_MS
  return { status: 200, title: run.run_id, crumbs: [['Runs', '/']], content, every }
}

function phases(batches: readonly BatchView[]): Html {
  const counts = new Map<string, number>()
  for (const { phase } of batches) counts.set(phase, (counts.get(phase) ?? 0) + 1)
  return html`<p>${[...counts].map(([phase, number]) => html`<span class="tag t-${phase}">${phase} ${number}</span> `)}</p>`
}

function batchTable(batches: readonly BatchView[], now: number): Html {
  // What is still out stands first: that is what a person waits for.
  const sorted = [...batches].sort((a, b) => Number(a.phase === 'done') - Number(b.phase === 'done'))
  const rows = sorted
    .slice(0, MAX_BATCHES)
    .map(
      (batch) =>
        html`<tr><td class="n">${batch.index}</td><td class="n">${batch.attempt}</td><td><span class="tag t-${batch.phase}">${batch.phase}</span></td><td class="n">${count(batch.requests)}</td><td class="n roomy">${bytes(batch.bytes)}</td><td class="n">${ageOf(batch, now)}</td><td class="n">${batch.expires_at === null ? '' : `in ${duration(Date.parse(batch.expires_at) - now)}`}</td><td class="wide"><code>${batch.batch_id ?? '–'}</code></td></tr>`,
    )
  const more =
    sorted.length > MAX_BATCHES ? html`<p class="quiet">The first ${MAX_BATCHES} of ${sorted.length} trips.</p>` : null
  return html`<div class="scroll" tabindex="0"><table><thead><tr><th class="n">batch</th><th class="n">attempt</th><th>phase</th><th class="n">requests</th><th class="n roomy">size</th><th class="n">age</th><th class="n">expires</th><th>id</th></tr></thead><tbody>${rows}</tbody></table></div>${more}`
}

/** How long it was, or has been, at the provider. */
function ageOf({ created_at: from, ended_at: to }: BatchView, now: number): string {
  return from === null ? '–' : duration((to === null ? now : Date.parse(to)) - Date.parse(from))
}
