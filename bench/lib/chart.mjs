// Bars of time and memory as an SVG that is readable on light and dark pages.

const ROW = 22
const LABEL = 236
const BAR = 250
const GAP = 110
const WIDTH = LABEL + 2 * (BAR + GAP)

/** `charts`: what `barsOf` makes. Each work has a scale of its own; the longest bar is its slowest way. */
export function chartOf(charts, caption) {
  const parts = []
  let y = 44
  for (const { title, bars } of charts) {
    parts.push(text(0, y, title, 'title'))
    y += 10
    const most = (of) => Math.max(...bars.map((bar) => bar[of] ?? 0))
    for (const { name, seconds, megabytes } of bars) {
      const kind = name.startsWith('batchwright') ? 'ours' : 'other'
      parts.push(text(LABEL - 10, y + 15, name, 'end'))
      parts.push(bar(LABEL, y, seconds / most('seconds'), kind, `${seconds.toFixed(2)} s`))
      if (megabytes !== undefined) {
        parts.push(
          bar(
            LABEL + BAR + GAP,
            y,
            megabytes / most('megabytes'),
            kind,
            `${Math.round(megabytes).toLocaleString('en-US')} MiB`,
          ),
        )
      }
      y += ROW
    }
    y += 34
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" role="img" aria-label="${escaped(caption)}">
<style>
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .title { font-weight: 600 }
  .end { text-anchor: end }
  .small { font-size: 12px; fill: #57606a }
  .ours { fill: #0969da }
  .other { fill: #8c959f }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .small { fill: #9da7b1 }
    .ours { fill: #4493f8 }
    .other { fill: #6e7781 }
  }
</style>
${text(LABEL, 14, 'time', 'title')}
${text(LABEL + BAR + GAP, 14, 'peak memory', 'title')}
${parts.join('\n')}
${text(0, y - 14, caption, 'small')}
</svg>
`
}

function bar(x, y, share, kind, label) {
  const width = Math.max(2, Math.round(share * BAR))
  return `<rect class="${kind}" x="${x}" y="${y + 3}" width="${width}" height="${ROW - 6}" rx="2"/>${text(x + width + 6, y + 15, label, '')}`
}

function text(x, y, words, kind) {
  return `<text x="${x}" y="${y}"${kind === '' ? '' : ` class="${kind}"`}>${escaped(words)}</text>`
}

function escaped(words) {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
