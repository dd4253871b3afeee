// One row: its rounds on the left, its documents on the right, so that an answer can be held against what it is about.

import { bytes, count, counted, usd } from '../report/figures.ts'
import { type Html, html, shortened } from '../report/html.ts'
import { answerOf } from '../report/outcome-row.ts'
import { address, type Page } from './frame.ts'
import { rounds } from './turns.ts'
import type { DocumentView, RowView } from './ui.ts'

const MAX_TITLE = 300
const MAX_TEXT = 200_000

export function rowPage(row: RowView): Page {
  const { run, key, outcome, documents } = row
  const title = shortened(key, MAX_TITLE)
  const left = html`${result(row)}${rounds(row.rounds)}`
  const right = documents.map((document, at) => shown(row, document, at))
  const content = html`<h1><bdi>${title}</bdi></h1><p><span class="tag t-${outcome?.status ?? 'pending'}">${outcome?.status ?? 'pending'}</span> <span class="quiet">batch ${row.batch}${outcome?.custom_id == null ? '' : ` · ${outcome.custom_id}`}</span></p>
${documents.length === 0 ? left : html`<div class="side"><div>${left}</div><div class="documents">${right}</div></div>`}`
  const crumbs = [
    ['Runs', '/'],
    [run, address(run, '')],
    ['Outcomes', address(run, 'outcomes')],
  ] as const
  return { status: 200, title, crumbs, content, every: null }
}

function result({ outcome }: RowView): Html {
  if (outcome === null) return html`<p class="note">Still waits for an answer.</p>`
  const { usage, attempts, rounds: answers, cost_usd: cost, error } = outcome
  const cached = usage.cache_read_input_tokens + usage.cache_creation_input_tokens
  const output = answerOf(outcome)
  return html`<section class="panel"><h2>Outcome</h2>
<p class="quiet">${counted(attempts, 'attempt')} · ${counted(answers, 'answer')} · ${count(usage.input_tokens)} input and ${count(usage.output_tokens)} output tokens${cached === 0 ? '' : ` · ${count(cached)} more from or to the cache`} · ${usd(cost)} · ${outcome.model}</p>
${error === null ? null : html`<div class="turn fault"><b>${error.type}</b><p dir="auto">${shortened(error.message, MAX_TEXT)}</p></div>`}
${output === '' ? null : html`<pre dir="auto" tabindex="0">${shortened(output, MAX_TEXT)}</pre>`}
<details><summary>the row’s fields</summary><pre dir="auto" tabindex="0">${shortened(JSON.stringify(outcome.row, null, 2), MAX_TEXT)}</pre></details></section>`
}

function shown({ run, batch, key }: RowView, document: DocumentView, at: number): Html {
  const source = address(run, 'document', { batch, key, at })
  const about = html`<p><b><bdi>${document.path}</bdi></b> <span class="quiet">${document.mediaType}, ${bytes(document.size)}${document.pages === undefined ? '' : `, ${counted(document.pages, 'page')}`}</span></p>`
  if (document.trouble !== null) return html`${about}<p class="note">${document.trouble}</p>`
  // The browser's own viewer: no list of pages, as wide as there is room.
  const view = document.mediaType === 'application/pdf' ? '#navpanes=0&view=FitH' : ''
  const isImage = document.mediaType.startsWith('image/')
  return html`${about}${isImage ? html`<img src="${source}" alt="${document.path}">` : html`<embed src="${source}${view}" type="${document.mediaType}" title="${document.path}">`}`
}
