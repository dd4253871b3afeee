// Outcomes of a run, a page at a time, by status and text.

import { STATUSES } from '../core/result.ts'
import { count, usd } from '../report/figures.ts'
import { type Html, html, shortened } from '../report/html.ts'
import type { RunView } from '../report/run-view.ts'
import { address, type Page } from './frame.ts'
import type { OutcomePage, OutcomeQuery, UiRow } from './ui.ts'

const MAX_KEY = 300
const AGAIN_MS = 1500

export function outcomesPage(run: RunView, query: OutcomeQuery, page: OutcomePage): Page {
  const at = (from: number): string =>
    address(run.run_id, 'outcomes', { status: query.status, q: query.text, from: from === 0 ? undefined : from })
  const isFiltered = query.status !== undefined || query.text !== undefined
  const back =
    query.from === 0
      ? null
      : html`<a href="${at(isFiltered ? 0 : Math.max(0, query.from - query.limit))}">${isFiltered ? 'from the beginning' : 'previous'}</a>`
  const wasShort = page.rows.length < query.limit
  const on =
    page.next === null
      ? null
      : html`<a href="${at(page.next)}" rel="next">${wasShort ? `look on from row ${count(page.next)}` : 'next'}</a>`
  const pager =
    back === null && on === null ? null : html`<p>${back}${back !== null && on !== null ? ' · ' : null}${on}</p>`
  const words =
    page.next !== null && wasShort
      ? `Looked at rows ${count(query.from)} to ${count(page.next - 1)} of ${count(page.total)}; there may be more.`
      : page.rows.length === 0
        ? isFiltered
          ? 'No row fits.'
          : 'No row has an outcome here.'
        : `Rows from ${count(page.rows[0]?.ordinal ?? 0)} to ${count(page.rows.at(-1)?.ordinal ?? 0)} of ${count(page.total)}.`
  const content = html`<h1>Outcomes</h1>
<form class="search" method="get" action="${address(run.run_id, 'outcomes')}"><label for="q">Text</label><input type="search" id="q" name="q" value="${query.text}" autocomplete="off" maxlength="200"><label for="status">Status</label>
<select id="status" name="status"><option value="">all</option>${STATUSES.map((status) => html`<option value="${status}"${status === query.status ? html` selected` : null}>${status} (${count(run.requests[status])})</option>`)}</select><button>Search</button></form>
<section class="panel long"><div class="above"><p class="quiet">${words}${run.requests.pending > 0 ? ` ${count(run.requests.pending)} rows still wait for an answer.` : ''}</p>${pager}</div>
<div class="scroll" tabindex="0"><table><thead><tr><th class="n">row</th><th>key</th><th>status</th><th>answer or error</th><th class="n roomy">prompt</th><th class="n roomy">output</th><th class="n">cost</th><th class="n roomy">attempts</th></tr></thead><tbody>${page.rows.map((row) => line(run.run_id, row))}</tbody></table></div>
${page.rows.length > 10 ? pager : null}</section>`
  return {
    status: 200,
    title: 'Outcomes',
    crumbs: [
      ['Runs', '/'],
      [run.run_id, address(run.run_id, '')],
    ],
    content,
    // Looked at again while the run's lines are being made: a little later the same look comes further.
    every: page.next !== null && wasShort ? AGAIN_MS : null,
  }
}

function line(run: string, row: UiRow): Html {
  const { key, batch, status, error } = row
  return html`<tr><td class="n quiet">${count(row.ordinal)}</td><td class="key"><a href="${address(run, 'row', { batch, key })}"><bdi>${shortened(key, MAX_KEY)}</bdi></a></td><td><span class="tag t-${status}">${status}</span></td>
<td class="text">${error === null ? null : html`<div class="cut" dir="auto">${error.type}: ${error.message}</div>`}<div class="cut" dir="auto">${row.excerpt}</div></td>
<td class="n roomy">${count(row.inputTokens)}</td><td class="n roomy">${count(row.outputTokens)}</td><td class="n">${usd(row.costUsd)}</td><td class="n roomy">${row.attempts}</td></tr>
`
}
