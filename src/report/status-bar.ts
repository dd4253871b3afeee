// Counts by status as one bar: inline SVG and a legend that says the same in words.

import { FAILURES } from '../core/result.ts'
import { count } from './figures.ts'
import { type Html, html } from './html.ts'

/** Also the order of the segments, good news first. */
export const SHOWN_STATUSES = ['succeeded', 'reused', ...FAILURES, 'pending'] as const

const WIDTH = 1000
const HEIGHT = 18
/** One row of a million must still be seen. */
const MIN_WIDTH = 4

export function statusBar(counts: Readonly<Record<(typeof SHOWN_STATUSES)[number], number>>): Html {
  const present = SHOWN_STATUSES.filter((status) => counts[status] > 0)
  const total = present.reduce((sum, status) => sum + counts[status], 0)
  if (total === 0) return html`<p class="quiet">No rows.</p>`
  const shares = present.map((status) => Math.max(MIN_WIDTH, (counts[status] / total) * WIDTH))
  const scale = WIDTH / shares.reduce((sum, share) => sum + share, 0)
  let x = 0
  const segments = present.map((status, at) => {
    const width = (shares[at] ?? 0) * scale
    const segment = html`<rect class="s-${status}" x="${x.toFixed(1)}" y="0" width="${width.toFixed(1)}" height="${HEIGHT}"><title>${status}: ${count(counts[status])}</title></rect>`
    x += width
    return segment
  })
  return html`<svg class="bar" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="Rows by status">${segments}</svg>
<ul class="legend">${present.map((status) => html`<li><i class="dot b-${status}"></i>${status} <b>${count(counts[status])}</b> <span class="quiet">${percent(counts[status], total)}</span></li>`)}</ul>`
}

/** Never 0 % of something, and never 100 % of not quite all. */
export function percent(part: number, whole: number): string {
  const share = (part / whole) * 100
  if (part > 0 && share < 0.1) return '< 0.1 %'
  if (part < whole && share > 99.9) return '> 99.9 %'
  return `${Number(share.toFixed(1))} %`
}
