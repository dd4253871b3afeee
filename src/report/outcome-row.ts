// One outcome as a line of the report's table.

import type { Json } from '../core/json.ts'
import type { Outcome } from '../core/result.ts'
import { count, usd } from './figures.ts'
import { type Html, html, shortened } from './html.ts'

/** Characters of a key, an answer and an error that are embedded; a cell of a megabyte is cut. */
const MAX_KEY = 300
const MAX_ANSWER = 2000
const EXCERPT = 240

export function outcomeRow(outcome: Outcome): Html {
  const { key, status, error, usage, cost_usd: cost, attempts } = outcome
  const answer = answerOf(outcome)
  const whole =
    answer.length > EXCERPT
      ? html`<details><summary>answer</summary><pre dir="auto" tabindex="0">${shortened(answer, MAX_ANSWER)}</pre></details>`
      : null
  return html`<tr data-status="${status}"><td class="key"><bdi>${shortened(key, MAX_KEY)}</bdi></td><td><span class="tag t-${status}">${status}</span></td>
<td class="text">${error === null ? null : html`<div class="cut" dir="auto">${shortened(error.type, EXCERPT)}: ${shortened(error.message, EXCERPT)}</div>`}${answer === '' ? null : html`<div class="cut" dir="auto">${answer.slice(0, EXCERPT)}</div>`}${whole}</td>
<td class="n roomy">${count(usage.input_tokens + usage.cache_read_input_tokens + usage.cache_creation_input_tokens)}</td><td class="n roomy">${count(usage.output_tokens)}</td><td class="n">${usd(cost)}</td><td class="n roomy">${attempts}</td></tr>
`
}

/** The output where there is one, else the text: as a person reads it. */
export function answerOf({ output, text }: Pick<Outcome, 'output' | 'text'>): string {
  if (output === null || output === undefined) return text ?? ''
  return typeof output === 'string' ? output : textOfJson(output)
}

function textOfJson(value: Json): string {
  return JSON.stringify(value, null, 1)
}
