// `plan JOB`: the dry run. Everything is checked and rendered, nothing is sent, nothing is kept.

import { countWords, loadJobFile, openForJob, type Planned, planJob, requestPreviews, type Workspace } from '../app.ts'
import type { CacheEstimate, Estimate } from '../core/estimate.ts'
import type { Job } from '../core/job.ts'
import { NEW_REASONS, type NewReason, type RunHeader } from '../core/run.ts'
import { escapeControls } from '../core/safe-text.ts'
import type { Io } from './io.ts'
import { jobFlags } from './job-flags.ts'
import { bytes, count, counted, oneLine, table, usd } from './print.ts'
import { printWarnings } from './print-warnings.ts'
import type { Flags } from './program.ts'
import { withProgress } from './progress.ts'
import { surroundingsOf } from './surroundings.ts'

export async function plan(io: Io, args: string[], flags: Flags): Promise<number> {
  const loaded = await loadJobFile(io, args[0] ?? '', jobFlags(flags))
  const { job, warnings } = loaded
  printWarnings(io, flags, warnings)
  return withProgress(io, flags, `Planning ${job.name}`, async (progress) => {
    const workspace = await openForJob(surroundingsOf(io, progress), loaded)
    try {
      const count = flags.exact === true ? 'all' : 'sample'
      const planned = await planJob(workspace, job, { local: flags.local === true, full: true, count })
      progress.stop()
      try {
        await print(io, flags, workspace, job, planned)
        return planned.header.rejected > 0 && job.onRejected === 'stop' ? 2 : 0
      } finally {
        await workspace.artifacts.removeRun(planned.header.run)
      }
    } finally {
      await workspace.close()
    }
  })
}

async function print(io: Io, flags: Flags, workspace: Workspace, job: Job, planned: Planned): Promise<void> {
  const isJson = flags.json === true
  await io.out(isJson ? `${JSON.stringify(planDocument(job, planned))}\n` : planText(job, planned))
  const show = typeof flags.show === 'number' ? flags.show : 0
  if (show === 0) return
  for await (const preview of requestPreviews(workspace, planned.header, show)) {
    // Line by line, so that the line ends stay.
    const text = `${JSON.stringify(preview, null, 2).split('\n').map(escapeControls).join('\n')}\n`
    if (isJson) io.err(text)
    else await io.out(text)
  }
}

/** The document of `plan --json`. */
function planDocument(job: Job, { header, rejected, priceSource }: Planned) {
  return {
    job: job.name,
    rows: header.rows,
    requests: header.requests,
    rejected: rejected.map(({ key, reason }) => ({ key, reason })),
    batches: header.batches.filter((batch) => batch.requests > 0).map(({ requests, bytes }) => ({ requests, bytes })),
    estimated: {
      input_tokens: header.estimate.inputTokens,
      output_tokens_max: header.estimate.outputTokensMax,
      usd: header.estimate.usd,
      usd_max: header.estimate.usdMax,
      input_tokens_low: header.estimate.inputTokensLow,
      input_tokens_high: header.estimate.inputTokensHigh,
      output_tokens: header.estimate.outputTokens,
      output_tokens_low: header.estimate.outputTokensLow,
      ...(header.estimate.cache === undefined ? {} : cacheDocument(header.estimate.cache)),
      ...(priceSource === undefined ? {} : { prices: { source: priceSource.name, as_of: priceSource.asOf } }),
      ...(header.estimate.counted === undefined ? {} : { counted: header.estimate.counted }),
    },
    reused: header.reused,
    fallback_rows: header.fallbackRows ?? 0,
    ...(header.newBecause === undefined ? {} : { new_because: header.newBecause }),
  }
}

function cacheDocument({ savedUsd, readTokens = 0, writeTokens = 0 }: CacheEstimate) {
  return { cache_read_tokens: readTokens, cache_write_tokens: writeTokens, cache_saved_usd: savedUsd }
}

/** Two lines that can be held against each other: what is likely, and what it cannot exceed. */
function estimateText(estimate: Estimate): string {
  const { inputTokens, inputTokensHigh = inputTokens, outputTokens, outputTokensMax } = estimate
  const cells = (input: number, output: number | undefined, cost: number | null): (string | number)[] => {
    const out = output === undefined ? ['', ''] : [output, 'output tokens,']
    return [input, 'input tokens,', ...out, usd(cost)]
  }
  return table([
    ['Likely', ...cells(inputTokens, outputTokens, estimate.usd)],
    ['At most', ...cells(inputTokensHigh, outputTokensMax, estimate.usdMax)],
  ])
}

const REASONS: Record<NewReason, string> = {
  new_row: 'new',
  row_changed: 'changed in the dataset',
  prompt_changed: 'with another prompt',
  document_changed: 'with another document',
  model_changed: 'for another model',
  params_changed: 'with other params',
  failed_before: 'that failed before',
}

/** What an earlier run has answered already, and why the rest is asked. */
function reuseText({ reused, requests }: RunHeader, because: NonNullable<RunHeader['newBecause']>): string {
  const reasons = NEW_REASONS.filter((reason) => (because[reason] ?? 0) > 0).map(
    (reason) => `${count(because[reason] ?? 0)} ${REASONS[reason]}`,
  )
  const asked = requests === 0 ? 'none is asked' : `${count(requests)} to ask: ${reasons.join(', ')}`
  return `Reused from earlier runs: ${counted(reused, 'row')}; ${asked}.`
}

/** Rejected rows shown to a person; all are counted, and --json has them. */
const SHOWN_REJECTED = 20

function planText(job: Job, { header, rejected, priceSource }: Planned): string {
  const batches = header.batches.filter((batch) => batch.requests > 0)
  const size = batches.reduce((sum, batch) => sum + batch.bytes, 0)
  const { estimate } = header
  const lines = [
    `${job.name}: ${counted(header.rows, 'row')}, ${counted(header.requests, 'request')} in ${counted(batches.length, 'batch')}, ${bytes(size)}.`,
    estimateText(estimate).trimEnd(),
  ]
  const { cache, counted: isCounted } = estimate
  if (isCounted !== undefined) lines.push(countWords(isCounted, header.requests))
  if (priceSource !== undefined) lines.push(`Prices of ${priceSource.asOf} (${priceSource.name}).`)
  if (cache !== undefined && cache.savedUsd > 0) {
    lines.push(
      `Caching likely saves ${usd(cache.savedUsd)} of that: ${counted(cache.prefixes, 'prefix')} for ${counted(cache.requests, 'request')}.`,
    )
  }
  if (header.newBecause !== undefined) lines.push(reuseText(header, header.newBecause))
  if (header.rejected > 0) {
    lines.push(`${counted(header.rejected, 'row')} rejected:`)
    for (const { key, reason } of rejected.slice(0, SHOWN_REJECTED)) lines.push(`  ${oneLine(key)}: ${oneLine(reason)}`)
    if (header.rejected > SHOWN_REJECTED)
      lines.push(`  and ${count(header.rejected - SHOWN_REJECTED)} more (--json lists them)`)
    lines.push(
      job.onRejected === 'stop'
        ? 'A run would stop before sending anything (on_rejected: stop).'
        : 'A run would send the others and deliver these as rejected (on_rejected: skip).',
    )
  }
  lines.push(isCounted === undefined ? 'Nothing was sent.' : 'Nothing was sent but what was counted, which is free.')
  return `${lines.join('\n')}\n`
}
