// The end of a run in words: how many rows came to what, where the outputs are, what it cost, what to do next.

import type { DriveEnd, RunSummary, RunView } from '../app.ts'
import { cacheWords } from '../core/cache-hits.ts'
import { FAILURES } from '../core/result.ts'
import type { SinkReport } from '../core/run.ts'
import { visible } from '../core/safe-text.ts'
import { count, counted, oneLine, table, usd } from './print.ts'
import { stopText } from './stop-text.ts'

/** @param job `below`: the project's root as seen from here, where paths begin; empty: it is here */
export function summaryText(summary: RunSummary, job: { local: boolean; below?: string }): string {
  const { requests } = summary
  const lines = [
    `${count(requests.succeeded + requests.reused)} of ${counted(requests.total, 'row')} succeeded${reusedWords(requests.reused)}${failureWords(summary)}.\n`,
  ]
  if (summary.outputs.length > 0) {
    if (job.below !== undefined && job.below !== '') lines.push(`Below ${oneLine(job.below)}:\n`)
    lines.push(outputTable(summary.outputs))
  }
  lines.push(
    job.local
      ? 'The answers are simulated: nothing was sent to a provider, and nothing was paid.\n'
      : `Cost ${usd(summary.cost_usd)}, estimated ${usd(summary.estimated_usd)}.${receiptText(summary.receipt)}\n`,
    summary.cache === undefined ? '' : `${cacheWords(summary.cache, usd)}\n`,
  )
  return lines.join('')
}

function reusedWords(reused: number): string {
  return reused === 0 ? '' : `, ${count(reused)} of them answered by earlier runs`
}

/** What it would have cost otherwise, and where the money went. */
function receiptText(receipt: RunSummary['receipt']): string {
  const { list_usd: list, batch_usd: batch, cache_saved_usd: saved } = receipt
  if (list === null || batch === null || saved === null || list === 0) return ''
  const price = saved === 0 ? 'That is the batch price' : `Without caching the batch price is ${usd(batch)}`
  const parts = [
    { what: 'retries', spent: receipt.retries_usd },
    { what: 'repairs', spent: receipt.repairs_usd },
    { what: 'longer answers', spent: receipt.truncation_usd },
    { what: 'further rounds', spent: receipt.rounds_usd },
  ].flatMap(({ what, spent }) => (spent === null || spent === 0 ? [] : [`${usd(spent)} for ${what}`]))
  const rest = parts.length === 0 ? '' : ` Of the cost: ${parts.join(', ')}.`
  return ` ${price}; the list price is ${usd(list)}.${rest}`
}

/** The sink of many files has a template for a path: people look for the folder. */
export function placeOf({ type, path }: SinkReport): string {
  const at = path.indexOf('{{')
  if (type !== 'files' || at < 0) return path
  return path.slice(0, path.lastIndexOf('/', at) + 1) || './'
}

export function outputTable(outputs: readonly SinkReport[]): string {
  const digits = Math.max(...outputs.map(({ rows }) => count(rows).length))
  const rows = outputs.map((output) => {
    const noun = output.type === 'files' ? 'file' : 'row'
    return [placeOf(output), `${count(output.rows).padStart(digits)} ${noun}${output.rows === 1 ? '' : 's'}`]
  })
  return table(rows, '  ')
}

interface EndFacts {
  /** How commands name the run. */
  readonly run: string
  readonly below: string
  readonly local: boolean
  /** How the run stood last; undefined: nothing had begun. */
  readonly view: RunView | undefined
  /** What is said of its failures. */
  readonly failures: string
}

/** What stopped a run, and how it goes on. */
export function endText(end: DriveEnd, about: EndFacts): string {
  const { summary, message, exitCode } = end
  if (message !== undefined) {
    const more = end.needsBudget === true ? ' --max-usd USD' : ''
    const resume = exitCode === 5 ? '' : `Go on with: batchwright resume ${about.run}${more}\n`
    return `${visible(message)}\n${about.failures}${resume}`
  }
  if (exitCode === 130) return `Stopped.\n${stopText(summary, about)}`
  if (summary.status === 'detached') return `Everything is submitted.\n${stopText(summary, about)}`
  return `${summaryText(summary, about)}${about.failures}`
}

function failureWords(summary: RunSummary): string {
  const { requests } = summary
  const parts = FAILURES.filter((status) => requests[status] > 0).map(
    (status) => `${count(requests[status])} ${status}`,
  )
  if (requests.pending > 0) parts.push(`${count(requests.pending)} pending`)
  return parts.length === 0 ? '' : `; ${parts.join(', ')}`
}
