// What a stage found, as rows of one Markdown table.

const COLUMNS = ['#', 'work', 'ours', 'cpu', 'peak MiB', 'against', 'theirs', 'ratio', 'goal', 'runs', '']

/**
 * A figure: `work`; `seconds` and `megabytes` of ours; optionally `against` what, its `theirs` in seconds and the `ratio`
 * ours/theirs; `wish`, such as { id: 'G3', text: '≤ 1.5', isMet }; `runs`, of which medians were taken.
 */
export function tableOf(figures) {
  const lines = figures.map(({ work, ours, cpu, megabytes, against = '', theirs = '', ratio, wish, runs = '' }) => [
    wish?.id ?? '',
    work,
    ours,
    cpu === undefined ? '' : seconds(cpu),
    megabytes === undefined ? '' : Math.round(megabytes),
    against,
    theirs,
    ratio === undefined ? '' : ratioText(ratio),
    wish?.text ?? '',
    runs,
    wish === undefined ? '' : wish.isMet ? 'pass' : '**FAIL**',
  ])
  return [COLUMNS, COLUMNS.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

/** Ours against theirs, as one says it. */
function ratioText(ratio) {
  if (ratio >= 1) return `${ratio.toFixed(2)} × the time`
  const faster = 1 / ratio
  return `${faster < 10 ? faster.toFixed(1) : Math.round(faster).toLocaleString('en-US')} × faster`
}

export function seconds(value) {
  return value < 1 ? `${Math.round(value * 1000)} ms` : `${value.toFixed(value < 10 ? 2 : 1)} s`
}

export function perSecond(count, value) {
  return `${Math.round(count / value / 1000)}k/s`
}

export function counted(count) {
  return count.toLocaleString('en-US')
}

/** A rival in Node.js, with what it used. `usage`: what `usageOf` makes. */
export function rivalText(name, { cpu, megabytes }) {
  return `${name} (${cpu === undefined ? '' : `cpu ${seconds(cpu)}, `}${Math.round(megabytes).toLocaleString('en-US')} MiB)`
}
