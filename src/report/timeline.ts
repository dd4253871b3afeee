// When each batch was at the provider and when its results were collected: inline SVG, one line a trip.

import { duration } from './figures.ts'
import { type Html, html } from './html.ts'
import type { BatchView } from './run-view.ts'

const WIDTH = 960
const LEFT = 64
const RIGHT = 70
/** Height of a line; of many batches only every fifth is named, and the picture still fits a screen or two. */
const LINE = 18
const THIN_LINE = 9
const THIN_FROM = 40
const NAMED = 5
const AXIS = 22
/** More lines than this say nothing more. */
const MAX_LINES = 120

/** @param now milliseconds since 1970: how far batches reach that are still out */
export function timeline(batches: readonly BatchView[], now: number): Html {
  const sent = batches.filter((batch) => batch.created_at !== null)
  if (sent.length === 0) return html`<p class="quiet">No batch has been sent yet.</p>`
  const shown = sent.slice(0, MAX_LINES)
  const from = Math.min(...shown.map((batch) => timeOf(batch.created_at, now)))
  const to = Math.max(from + 1, ...shown.map((batch) => endOf(batch, now)))
  const x = (time: number): number => LEFT + ((time - from) / (to - from)) * (WIDTH - LEFT - RIGHT)
  const isThin = shown.length > THIN_FROM
  const step = isThin ? THIN_LINE : LINE
  const [gap, thickness] = isThin ? [1, step - 2] : [3, step - 6]
  const height = AXIS + shown.length * step + 4
  const lines = shown.map((batch, at) => {
    const y = AXIS + at * step
    const baseline = y + (isThin ? 8 : 12)
    const isNamed = !isThin || at % NAMED === 0
    const created = timeOf(batch.created_at, now)
    const ended = timeOf(batch.ended_at, now)
    const collected = batch.collected_at === null ? ended : timeOf(batch.collected_at, now)
    const took = duration(ended - created)
    const isOut = batch.ended_at === null
    const words = `batch ${batch.index}, attempt ${batch.attempt}: ${isOut ? `out for ${took}` : `${took} at the provider, collected ${duration(collected - ended)} later`}`
    return html`<g><title>${words}</title>${isNamed ? html`<text class="tname" x="${LEFT - 8}" y="${baseline}">${batch.index}${batch.attempt > 1 ? `·${batch.attempt}` : ''}</text>` : null}
<rect class="${isOut ? 'tout' : 'tspan'}" x="${x(created).toFixed(1)}" y="${y + gap}" width="${Math.max(1.5, x(ended) - x(created)).toFixed(1)}" height="${thickness}"/>
<rect class="twait" x="${x(ended).toFixed(1)}" y="${y + gap}" width="${Math.max(0, x(collected) - x(ended)).toFixed(1)}" height="${thickness}"/>
${isNamed ? html`<text class="ttime" x="${(x(Math.max(ended, collected)) + 5).toFixed(1)}" y="${baseline}">${took}</text>` : null}</g>`
  })
  const ticks = ticksOf(to - from).map(
    (at) =>
      html`<line class="grid" x1="${x(from + at).toFixed(1)}" x2="${x(from + at).toFixed(1)}" y1="${AXIS - 4}" y2="${height}"/><text class="ttick" x="${x(from + at).toFixed(1)}" y="12">${at === 0 ? '0' : duration(at)}</text>`,
  )
  const more =
    sent.length > shown.length ? html`<p class="quiet">The first ${shown.length} of ${sent.length} trips.</p>` : null
  return html`<svg class="timeline" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="When each batch was created, ended and collected">${ticks}${lines}</svg>
<ul class="legend"><li><i class="dot b-span"></i>at the provider</li><li><i class="dot b-wait"></i>ended, not yet collected</li>${sent.some((batch) => batch.ended_at === null) ? html`<li><i class="dot b-out"></i>still out</li>` : null}<li class="quiet">batch·attempt on the left, time since the first batch was created above</li></ul>${more}`
}

const STEPS = [
  0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400,
]

/** From zero in round steps, five or so; milliseconds. */
export function ticksOf(lengthMs: number): number[] {
  const wanted = lengthMs / 1000 / 5
  const step = (STEPS.find((each) => each >= wanted) ?? Math.ceil(wanted / 86_400) * 86_400) * 1000
  return Array.from({ length: Math.floor(lengthMs / step) + 1 }, (_, at) => at * step)
}

function endOf(batch: BatchView, now: number): number {
  return Math.max(timeOf(batch.ended_at, now), batch.collected_at === null ? 0 : timeOf(batch.collected_at, now))
}

function timeOf(iso: string | null, now: number): number {
  return iso === null ? now : Date.parse(iso)
}
