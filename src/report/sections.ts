// The parts of a report above its outcomes. Each takes facts and gives HTML.

import { cacheWords } from '../core/cache-hits.ts'
import { surplusWords } from '../core/surplus.ts'
import { advice } from './advice.ts'
import type { RunFacts } from './facts.ts'
import { bytes, count, counted, duration, instant, short, span, usd } from './figures.ts'
import { histogram } from './histogram.ts'
import { type Html, html } from './html.ts'
import type { BatchView, ReceiptLine, RunView } from './run-view.ts'
import { percent } from './status-bar.ts'

export function headline(run: RunView): Html {
  const { requests } = run
  const failed = requests.total - requests.succeeded - requests.reused - requests.pending
  return html`<h1>${run.job}</h1>
<p><span class="tag t-${run.status}">${run.status}</span> <code>${run.run_id}</code> <span class="quiet">· ${run.model}${timeWords(run)}</span></p>
${run.description === undefined ? null : html`<p>${run.description}</p>`}
${run.local ? html`<p class="note"><b>Simulated.</b> The answers come from the built-in emulator. Nothing was sent to a provider and nothing was paid; costs below are what real answers of this size would have cost.</p>` : null}
${run.reason === null ? null : html`<p class="note"><b>Stopped.</b> ${run.reason} Go on with <code>batchwright resume ${run.run_id}</code>.</p>`}
${(run.surplus ?? []).map((surplus) => html`<p class="note"><b>Warning.</b> ${surplusWords(run.run_id, surplus)}</p>`)}
<div class="figures"><div><b>${count(requests.total)}</b><span>rows</span></div>
<div><b>${requests.total === 0 ? '–' : percent(requests.succeeded + requests.reused, requests.total)}</b><span>succeeded${requests.pending === 0 ? '' : ' so far'}</span></div>
<div><b>${count(failed)}</b><span>did not succeed</span></div>
${requests.pending === 0 ? null : html`<div><b>${count(requests.pending)}</b><span>pending</span></div>`}
<div><b>${usd(run.cost_usd)}</b><span>${run.local ? 'would have cost' : 'cost'}${run.estimated_usd === null ? '' : `, estimated ${usd(run.estimated_usd)}`}</span></div>
${run.started_at === null || run.finished_at === null ? null : html`<div><b>${duration(Date.parse(run.finished_at) - Date.parse(run.started_at))}</b><span>from start to finish</span></div>`}</div>`
}

function timeWords({ started_at: from, finished_at: to }: RunView): string {
  if (from === null) return ''
  return ` · ${to === null ? `started ${instant(from)}` : span(from, to)}`
}

export function receipt(run: RunView, lines: readonly ReceiptLine[]): Html {
  const isPriced = lines.some(({ usd: cost }) => cost !== null)
  const rows = lines.map(
    ({ what, tokens, usdPerMillion, usd: cost }) =>
      html`<tr><td>${what}</td><td class="n">${tokens === null ? '' : count(tokens)}</td>${isPriced ? html`<td class="n">${usdPerMillion === null ? '' : perMillion(usdPerMillion)}</td>` : null}<td class="n">${cost === null ? '' : usd(cost)}</td></tr>`,
  )
  const total = run.local ? 'Total, had it been real' : 'Total'
  const words = [
    isPriced || run.cost_usd === null
      ? ''
      : 'The price of a token depends on the length of its prompt, so only the total is told.',
    run.estimated_usd === null
      ? 'There was no estimate: the model’s price is unknown.'
      : `Estimated before it was sent: ${usd(run.estimated_usd)}.`,
    run.cache === undefined ? '' : cacheWords(run.cache, usd),
    run.budget_usd === null ? '' : `Budget: ${usd(run.budget_usd)}.`,
    'Counted from the usage in every answer, follow-ups and retries included; the provider’s invoice decides.',
  ]
  return html`<div class="scroll" tabindex="0"><table class="narrow"><thead><tr><th>what</th><th class="n">tokens</th>${isPriced ? html`<th class="n">USD per million</th>` : null}<th class="n">USD</th></tr></thead>
<tbody>${rows}<tr class="total"><td>${total}</td><td class="n"></td>${isPriced ? html`<td class="n"></td>` : null}<td class="n">${usd(run.cost_usd)}</td></tr></tbody></table></div>
<p class="quiet">${words.filter((text) => text !== '').join(' ')}</p>`
}

/** `$0.50`, `$0.125`. */
function perMillion(price: number): string {
  return `$${price.toFixed(6).replace(/(\.\d\d\d*?)0+$/, '$1')}`
}

export function outputs(run: RunView): Html {
  if (run.outputs.length === 0) return html`<p class="quiet">Nothing has been delivered yet.</p>`
  const rows = run.outputs.map(
    ({ type, path, rows: written }) =>
      html`<tr><td><bdi>${path}</bdi></td><td>${type}</td><td class="n">${count(written)}</td></tr>`,
  )
  return html`<div class="scroll" tabindex="0"><table><thead><tr><th>where</th><th>sink</th><th class="n">rows</th></tr></thead><tbody>${rows}</tbody></table></div>`
}

export function distributions(facts: RunFacts): Html {
  if (facts.outputTokens.values === 0) return html`<p class="quiet">No row has been answered yet.</p>`
  const chart = (name: string, values: RunFacts['costUsd'], unit: (bound: number) => string): Html =>
    html`<div><h3>${name}</h3>${histogram(values, `${name}: how many rows`, unit)}
<p class="quiet">${values.values === 0 ? '' : `mean ${unit(values.sum / values.values)} · half of the rows at most ${unit(values.atMost(0.5))} · 95 % at most ${unit(values.atMost(0.95))} · greatest ${unit(values.max)}`}</p></div>`
  return html`<div class="pair">${chart('Prompt tokens a row', facts.inputTokens, short)}${chart('Output tokens a row', facts.outputTokens, short)}${facts.costUsd.values === 0 ? null : chart('Cost of a row', facts.costUsd, usd)}</div>
<p class="quiet">Each bar reaches to twice its lower bound, which stands below it; all attempts and rounds of a row are counted together.</p>`
}

export function cacheAndRounds(run: RunView, facts: RunFacts): Html {
  const { usage } = run
  const prompt = usage.input_tokens + usage.cache_read_input_tokens + usage.cache_creation_input_tokens
  const { total, reused } = run.requests
  const lines = [
    ['Rows that read from the prompt cache', facts.cacheReadRows, facts.rows],
    ['Rows that wrote to the prompt cache', facts.cacheWriteRows, facts.rows],
    ['Prompt tokens read from the cache', usage.cache_read_input_tokens, prompt],
    ['Rows taken over from an earlier run', reused, total],
    ['Rows that took more than one attempt or round', facts.againRows, facts.rows],
  ] as const
  const present = lines.filter(([, part]) => part > 0)
  if (present.length === 0) {
    return html`<p class="quiet">No row used the prompt cache, came from an earlier run, or took more than one attempt or round.</p>`
  }
  return html`<div class="scroll" tabindex="0"><table class="narrow"><tbody>${present.map(
    ([what, part, whole]) =>
      html`<tr><td>${what}</td><td class="n">${count(part)}</td><td class="n">${percent(part, whole)}</td></tr>`,
  )}</tbody></table></div>`
}

export function failures(run: RunView, facts: RunFacts): Html {
  const classes = facts.failures()
  if (classes.length === 0) return html`<p class="quiet">No row failed${run.requests.pending > 0 ? ' so far' : ''}.</p>`
  return html`${classes.map(
    ({
      status,
      type,
      count: rows,
      examples,
    }) => html`<div class="turn fault"><h3><span class="tag t-${status}">${status}</span> ${type === status ? null : html`<code>${type}</code> `}${counted(rows, 'row')}</h3>
<p>${advice(status, type, run.run_id)}</p>
${examples.map(({ key, message }) => html`<div><code><bdi>${key}</bdi></code> <span class="quiet"><bdi>${message}</bdi></span></div>`)}</div>`,
  )}`
}

const SLOWEST = 5

export function slowest(batches: readonly BatchView[]): Html {
  const timed = batches.flatMap((batch) => {
    const { created_at: from, ended_at: to } = batch
    return from === null || to === null ? [] : [{ ...batch, ms: Date.parse(to) - Date.parse(from) }]
  })
  if (timed.length === 0) return html`<p class="quiet">No batch has ended yet.</p>`
  const rows = timed
    .sort((a, b) => b.ms - a.ms)
    .slice(0, SLOWEST)
    .map(
      (batch) =>
        html`<tr><td class="n">${batch.index}</td><td class="n">${batch.attempt}</td><td class="wide"><code>${batch.batch_id}</code></td><td class="n">${count(batch.requests)}</td><td class="n">${bytes(batch.bytes)}</td><td class="n">${duration(batch.ms)}</td></tr>`,
    )
  return html`<div class="scroll" tabindex="0"><table><thead><tr><th class="n">batch</th><th class="n">attempt</th><th>id</th><th class="n">requests</th><th class="n">size</th><th class="n">took</th></tr></thead><tbody>${rows}</tbody></table></div>`
}
