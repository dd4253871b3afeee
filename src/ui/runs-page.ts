// All runs, newest first.

import { count, minute, usd } from '../report/figures.ts'
import { html } from '../report/html.ts'
import type { RunView } from '../report/run-view.ts'
import { address, type Page } from './frame.ts'

const EVERY_MS = 5000

export function runsPage(runs: readonly RunView[], total: number): Page {
  const rows = runs.map((run) => {
    const { requests } = run
    const failed = requests.total - requests.succeeded - requests.reused - requests.pending
    return html`<tr><td class="nowrap"><a href="${address(run.run_id, '')}">${run.run_id}</a></td><td class="nowrap"><span class="tag t-${run.status}">${run.status}</span>${run.local ? html` <span class="quiet">simulated</span>` : null}</td>
<td class="n">${count(requests.total)}</td><td class="n">${count(requests.succeeded + requests.reused)}</td><td class="n">${count(failed)}</td><td class="n">${count(requests.pending)}</td><td class="n roomy">${run.local ? '–' : usd(run.cost_usd)}</td><td class="quiet nowrap roomy">${minute(new Date(run.planned_at).toISOString())}</td></tr>`
  })
  const table = html`<div class="scroll" tabindex="0"><table><thead><tr><th>run</th><th>status</th><th class="n">rows</th><th class="n">succeeded</th><th class="n">failed</th><th class="n">pending</th><th class="n roomy">cost</th><th class="roomy">planned, UTC</th></tr></thead><tbody>${rows}</tbody></table></div>`
  const more =
    total > runs.length ? html`<p class="quiet">The newest ${count(runs.length)} of ${count(total)} runs.</p>` : null
  const content = html`<h1>Runs</h1><section class="panel">${runs.length === 0 ? html`<p class="quiet">There is no run here yet. Start one with <code>batchwright run JOB.yaml</code>.</p>` : table}${more}</section>`
  return { status: 200, title: 'Runs', crumbs: [], content, every: EVERY_MS }
}
