/**
 * One run as one HTML file: no network, no script but the search, readable without it. It is given piece by piece, so
 * a file of any length is never held in memory.
 */
import { createHash } from 'node:crypto'
import type { Outcome } from '../core/result.ts'
import type { RunFacts } from './facts.ts'
import { count, instant } from './figures.ts'
import { type Html, html } from './html.ts'
import { outcomeRow } from './outcome-row.ts'
import type { ReceiptLine, RunView } from './run-view.ts'
import { cacheAndRounds, distributions, failures, headline, outputs, receipt, slowest } from './sections.ts'
import { SHOWN_STATUSES, statusBar } from './status-bar.ts'
import { STYLE } from './style.ts'
import { timeline } from './timeline.ts'

/** Outcomes that stand in the file; more make it slow to open. */
export const MAX_ROWS = 2000

export interface ReportData {
  readonly run: RunView
  readonly facts: RunFacts
  readonly receipt: readonly ReceiptLine[]
  /** In dataset order; read no further than `MAX_ROWS`. */
  readonly outcomes: AsyncIterable<Outcome>
  /** Milliseconds since 1970. */
  readonly now: number
  readonly version: string
}

/** The file's text in pieces, in order. */
export async function* reportPage(data: ReportData): AsyncGenerator<string> {
  const { run, facts } = data
  yield HEAD(run)
  yield html`<header class="top">${headline(run)}</header><main>
${panel('Rows by status', statusBar(run.requests))}
${panel('Failures', failures(run, facts), true)}
${panel('Cost', receipt(run, data.receipt))}
${panel('Batches over time', timeline(run.batches, data.now), true)}
${panel('Slowest batches', slowest(run.batches))}
${panel('Tokens and cost', distributions(facts))}
${panel('Cache and rounds', cacheAndRounds(run, facts))}
${panel('Outputs', outputs(run))}
`.text
  yield* outcomesPanel(data)
  yield html`</main><footer>Made by batchwright ${data.version} at ${instant(new Date(data.now).toISOString())}.</footer><script>`
    .text
  yield `${SEARCH}</script></body></html>\n`
}

/** The search works on what stands in the table; without scripts the table stands there whole. */
const SEARCH = `(()=>{document.documentElement.classList.add('scripted');
const q=document.getElementById('q'),s=document.getElementById('s'),n=document.getElementById('n');
if(!q||!s||!n)return;
const rows=[...document.querySelectorAll('#rows>tr')].map(r=>[r,r.textContent.toLowerCase(),r.dataset.status]);
const show=()=>{const w=q.value.toLowerCase();let k=0;
for(const[r,t,u]of rows){const h=(s.value===''||u===s.value)&&t.includes(w);r.hidden=!h;if(h)k+=1}
n.textContent=k.toLocaleString('en-US')+' of '+rows.length.toLocaleString('en-US')+' rows'};
q.addEventListener('input',show);s.addEventListener('change',show);show()})()`

/** What the file allows itself: its own style and its own script, recognised by their digests, and nothing else. */
const POLICY = [
  "default-src 'none'",
  `style-src '${digest(STYLE)}'`,
  `script-src '${digest(SEARCH)}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

const HEAD = (run: RunView): string =>
  `${
    html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="`.text
  }${POLICY}${
    html`"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="referrer" content="no-referrer"><title>${run.job} · ${run.run_id}</title><style>`
      .text
  }${STYLE}</style></head><body>\n`

async function* outcomesPanel({ run, outcomes }: ReportData): AsyncGenerator<string> {
  const total = run.requests.total - run.requests.pending - run.requests.reused
  const cut =
    total > MAX_ROWS
      ? ` The first ${count(MAX_ROWS)} of ${count(total)}; batchwright export writes them all, and batchwright ui searches them all.`
      : ''
  const statuses = SHOWN_STATUSES.filter((status) => run.requests[status] > 0 && status !== 'pending')
  yield html`<section class="panel long"><h2>Outcomes</h2><p class="quiet">In dataset order.${cut}</p>
<form class="search only-script"><label for="q">Search</label><input type="search" id="q" autocomplete="off"><label for="s">Status</label><select id="s"><option value="">all</option>${statuses.map((status) => html`<option>${status}</option>`)}</select><output id="n" class="quiet"></output></form>
<div class="scroll" tabindex="0"><table><thead><tr><th>key</th><th>status</th><th>answer or error</th><th class="n roomy">prompt</th><th class="n roomy">output</th><th class="n">cost</th><th class="n roomy">attempts</th></tr></thead><tbody id="rows">
`.text
  let rows = 0
  for await (const outcome of outcomes) {
    yield outcomeRow(outcome).text
    rows += 1
    if (rows >= MAX_ROWS) break
  }
  yield html`</tbody></table></div>${rows === 0 ? html`<p class="quiet">No row has an outcome yet.</p>` : null}</section>`
    .text
}

function panel(title: string, content: Html, isLong = false): Html {
  return html`<section class="panel${isLong ? ' long' : ''}"><h2>${title}</h2>${content}</section>\n`
}

function digest(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}
