// The commonest failures of a run, each with an example, and what can be done about them.

import type { Failures } from '../app.ts'
import { cut } from './live-view.ts'
import { count, counted, oneLine, shellWord } from './print.ts'

const SHOWN_CLASSES = 3

/** @param columns width of the lines */
export function failureText(run: string, { classes, others }: Failures, columns: number): string {
  const [first] = classes
  if (first === undefined) return ''
  const shown = classes.slice(0, SHOWN_CLASSES)
  const rest = classes.slice(SHOWN_CLASSES).reduce((sum, { rows }) => sum + rows, others)
  const lines = [classes.length === 1 ? 'What failed:' : 'The commonest failures:']
  for (const { status, type, rows, example } of shown) {
    const name = type === status ? status : `${status} (${type})`
    const why = oneLine(example.message)
    lines.push(
      cut(
        `  ${counted(rows, 'row')} ${oneLine(name)}, such as ${oneLine(example.key)}${why === '' ? '' : ':'}`,
        columns,
      ),
    )
    if (why !== '') lines.push(cut(`    ${why}`, columns))
  }
  if (rest > 0) lines.push(`  and ${count(rest)} of other kinds`)
  const { key } = first.example
  const isShowable = first.status !== 'rejected'
  lines.push('What to do next:')
  if (isShowable) lines.push(`  see one     batchwright show ${run} ${shellWord(key)}`)
  lines.push(`  see all     batchwright export ${run} --to failed.csv --select failed`)
  if (classes.some(({ status }) => status !== 'rejected')) lines.push(`  ask again   batchwright retry ${run}`)
  return `${lines.join('\n')}\n`
}
