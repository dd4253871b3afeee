// A row's rounds as a page shows them.

import { type Round, type ToldEnd, type Turn, tellRounds } from '../core/told-round.ts'
import { type Html, html, shortened } from '../report/html.ts'

/** A turn of several megabytes would make a page that no browser likes. */
const MAX_TEXT = 200_000

export function rounds(all: readonly Round[]): Html {
  return html`${tellRounds(all).map(
    ({ round, why, turns, maxTokens, end }) =>
      html`<section class="panel"><h2>Attempt ${round.attempt}${why === undefined ? '' : ` · ${why}`}</h2><p class="quiet"><code>${round.batchId ?? 'not sent yet'}</code></p>
${maxTokens === undefined ? null : html`<p>max_tokens ${JSON.stringify(maxTokens)}</p>`}
${turns.map(turnPart)}
${endPart(end)}
<details><summary>request as sent, documents left out</summary><pre dir="auto" tabindex="0">${shortened(JSON.stringify(round.request, null, 2), MAX_TEXT)}</pre></details></section>`,
  )}`
}

function endPart(end: ToldEnd): Html {
  switch (end.type) {
    case 'answer':
      return html`${turnPart(end.turn)}<p class="quiet">stop reason: ${end.stopReason}</p>`
    case 'fault':
      return html`<div class="turn fault"><b>${end.title}</b><p dir="auto">${shortened(end.words, MAX_TEXT)}</p></div>`
    case 'waits':
      return html`<p class="quiet">${end.words}</p>`
  }
}

function turnPart({ role, texts }: Turn): Html {
  const style = role === 'assistant' || role === 'user' ? role : ''
  return html`<div class="turn ${style}"><b>${role}</b>${texts.map((text) => html`<p dir="auto">${shortened(text, MAX_TEXT)}</p>`)}</div>`
}
