// What a person is told who leaves a run with Ctrl-C or --detach: what goes on without them, what it may cost, how to go on.

import type { RunSummary, RunView } from '../app.ts'
import { counted, usd } from './print.ts'

/** @param about `run`: how commands name it; `view`: how it stood when we left, undefined where nothing had begun */
export function stopText(
  summary: RunSummary,
  about: { readonly run: string; readonly view: RunView | undefined; readonly local: boolean },
): string {
  const { batches } = summary
  const { run, view, local: isLocal } = about
  const out = batches.filter(({ phase }) => phase === 'submitted' || phase === 'submitting')
  const unsent = batches.filter(({ phase }) => phase === 'planned')
  const lines: string[] = []
  if (out.length === 0) lines.push('Nothing is at the provider, so nothing more is paid for meanwhile.')
  else {
    const requests = out.reduce((sum, batch) => sum + batch.requests, 0)
    const goesOn = out.length === 1 ? 'goes on' : 'go on'
    lines.push(
      `${counted(out.length, 'batch')} with ${counted(requests, 'request')} ${goesOn} at ${isLocal ? 'the built-in emulator' : 'the provider'}, whether or not anyone waits.`,
      isLocal ? 'It costs nothing: the answers are simulated.' : costWords(summary, view),
    )
  }
  if (unsent.length > 0)
    lines.push(`${counted(unsent.length, 'batch')} ${unsent.length === 1 ? 'is' : 'are'} not sent yet.`)
  lines.push(`  go on with    batchwright resume ${run}`, `  give up with  batchwright cancel ${run}`)
  return `${lines.join('\n')}\n`
}

function costWords({ cost_usd: spent }: RunSummary, view: RunView | undefined): string {
  const most = view?.outUsdMax ?? 0
  const known = spent === null || spent === 0 ? '' : ` ${usd(spent)} are spent so far.`
  if (most === 0) return `What that costs is not known here: the model has no price.${known}`
  return `That may cost up to ${usd(most)} more.${known}`
}
