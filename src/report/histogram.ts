// A histogram as inline SVG: one bar a bin, its count above it, the bin's bounds below.

import { count, short } from './figures.ts'
import { type Html, html } from './html.ts'
import type { LogBins } from './log-bins.ts'

const WIDTH = 320
const HEIGHT = 150
const TOP = 18
const BOTTOM = 20
/** More bins than this are taken together in pairs. */
const MAX_BARS = 12
/** As many bounds as fit below the bars without touching, dollars with many digits included. */
const MAX_LABELS = 6

/** @param unit what stands before or after a bound, as in `$0.0012` */
export function histogram(values: LogBins, label: string, unit: (bound: number) => string = short): Html {
  let bars = [...values.bins()]
  while (bars.length > MAX_BARS) bars = paired(bars)
  const all = values.zeros > 0 ? [{ from: 0, to: bars[0]?.from ?? 0, count: values.zeros }, ...bars] : bars
  if (all.length === 0) return html`<p class="quiet">Nothing to show.</p>`
  const most = Math.max(...all.map((bar) => bar.count))
  const step = Math.min(WIDTH / all.length, 60)
  const room = HEIGHT - TOP - BOTTOM
  const labelled = Math.ceil(all.length / MAX_LABELS)
  const drawn = all.map((bar, at) => {
    const height = bar.count === 0 ? 0 : Math.max(2, (bar.count / most) * room)
    const x = at * step
    const y = TOP + room - height
    const bounds = bar.from === 0 ? 'none' : `${unit(bar.from)} to ${unit(bar.to)}`
    return html`<g><title>${bounds}: ${count(bar.count)}</title><rect class="hbar" x="${(x + 2).toFixed(1)}" y="${y.toFixed(1)}" width="${(step - 4).toFixed(1)}" height="${height.toFixed(1)}"/>
${bar.count === 0 ? null : html`<text class="hcount" x="${(x + step / 2).toFixed(1)}" y="${(y - 4).toFixed(1)}">${short(bar.count)}</text>`}
 ${at % labelled !== 0 ? null : html`<text class="htick" x="${(x + 2).toFixed(1)}" y="${HEIGHT - 6}">${bar.from === 0 ? '0' : unit(bar.from)}</text>`}</g>`
  })
  return html`<svg class="histogram" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}"><line class="axis" x1="0" x2="${WIDTH}" y1="${HEIGHT - BOTTOM}" y2="${HEIGHT - BOTTOM}"/>${drawn}</svg>`
}

function paired<T extends { from: number; to: number; count: number }>(bars: readonly T[]) {
  const wide: { from: number; to: number; count: number }[] = []
  for (let at = 0; at < bars.length; at += 2) {
    const [first, second] = [bars[at], bars[at + 1]]
    if (first === undefined) break
    wide.push({ from: first.from, to: (second ?? first).to, count: first.count + (second?.count ?? 0) })
  }
  return wide
}
