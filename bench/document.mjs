// Puts the kept figures into docs/performance.md, between its two marks, and draws docs/performance.svg.
// npm run bench -- --keep && node bench/document.mjs
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { chartOf } from './lib/chart.mjs'
import { growthOf } from './lib/growth.mjs'
import { keptResults } from './lib/results.mjs'
import { tableOf } from './lib/table.mjs'

const BEGIN = '<!-- figures: made by bench/document.mjs -->'
const END = '<!-- end of figures -->'
const page = fileURLToPath(new URL('../docs/performance.md', import.meta.url))
const chart = fileURLToPath(new URL('../docs/performance.svg', import.meta.url))

const stages = Object.values(keptResults())
const figures = stages.flatMap((stage) => stage.figures)
const all = [...figures, ...growthOf(figures)]
const judged = all.filter(({ wish }) => wish !== undefined)
const met = judged.filter(({ wish }) => wish.isMet).length
const one = (of) => [...new Set(stages.map(({ about }) => about[of]))].join(', ')

const loads = stages.flatMap(({ about }) => about.load ?? [])
const busy = loads.some((load) => load > 1)
  ? `The machine was busy with other work: a load of up to ${Math.max(...loads)}. `
  : ''

const text = readFileSync(page, 'utf8')
const [before, rest] = text.split(BEGIN)
const [, after] = (rest ?? '').split(END)
if (after === undefined) throw new Error(`${page} has no place for the figures: ${BEGIN} and ${END}`)
writeFileSync(
  page,
  `${before}${BEGIN}
Measured on ${one('date')}, commit ${one('commit')}, Node.js ${one('node')}, ${one('machine')}. ${busy}${met} of ${judged.length} goals are met.

${tableOf(all)}
${END}${after}`,
)
const charts = figures.flatMap((figure) => (figure.chart === undefined ? [] : [figure.chart]))
writeFileSync(
  chart,
  chartOf(
    charts,
    `100,000 requests of 2.4 KB against a server on the same machine, ${one('date')}. Shorter is better.`,
  ),
)
