// What a person should know of the money, and of prompts that are too long, before anything is sent.

import { type Problem, UserError } from '../core/errors.ts'
import type { CacheEstimate, Estimate } from '../core/estimate.ts'
import type { Job } from '../core/job.ts'
import { counted, dollars } from '../core/phrase.ts'
import type { RunHeader } from '../core/run.ts'
import type { ModelSpec } from '../provider/provider.ts'
import { readStates } from '../run/desk.ts'
import { latestRunOf } from './runs.ts'
import type { Workspace } from './workspace.ts'

/** A budget cannot be kept where nobody knows what an answer costs. */
export function unpricedBudget(job: Job, model: ModelSpec | undefined): readonly Problem[] {
  if (job.budget === undefined || (model !== undefined && model.prices.length > 0)) return []
  return [
    {
      path: '/budget',
      message: `The price of ${job.model} is not known to this package, so a budget of ${job.budget.maxUsd} USD cannot be kept.`,
      hint: `Say what it costs in USD per million tokens, as in prices: { ${job.model}: { input: 1, output: 5 } }, or leave out the budget.`,
    },
  ]
}

/** Full sentences; none where all is well. */
export function moneyWarnings({ job, estimate, local }: RunHeader, model: ModelSpec | undefined): string[] {
  const warnings: string[] = []
  if (model?.state === 'deprecated') {
    const successor = model.successor === undefined ? '' : `; use ${model.successor} instead`
    warnings.push(`The model ${job.model} is deprecated and retires on ${model.retiresOn}${successor}.`)
  }
  if (!local && estimate.usd === null) {
    warnings.push(
      `What ${job.model} costs is not known, so costs are told as unknown. The job can give its price under "prices".`,
    )
  }
  const maxUsd = job.budget?.maxUsd
  if (maxUsd !== undefined && estimate.usd !== null && estimate.usd > maxUsd) {
    warnings.push(
      `The run will likely cost ${dollars(estimate.usd)}, more than budget.max_usd ${maxUsd}: it will stop before its end.`,
    )
  }
  if (estimate.mayNotFit !== undefined && model !== undefined) {
    const prompts = estimate.mayNotFit === 1 ? '1 prompt may be' : `${estimate.mayNotFit} prompts may be`
    const most = model.contextTokens.toLocaleString('en-US')
    warnings.push(
      `${prompts} longer than the ${most} tokens that ${job.model} can hold, by the upper end of the estimate: such a request fails, without cost.`,
    )
  }
  if (estimate.cache !== undefined) warnings.push(...cacheWarnings(estimate.cache, job))
  return warnings
}

function cacheWarnings(cache: CacheEstimate, { model }: Job): string[] {
  const { requests, prefixes, tooShort, meanTokens, minTokens, readsToPay } = cache
  if (tooShort === requests && requests > 0) {
    return [
      `The part marked with "cache" has about ${meanTokens} tokens, and ${model} caches none shorter than ${minTokens}: the mark does nothing.`,
    ]
  }
  const reads = prefixes === 0 ? 0 : (requests - tooShort - prefixes) / prefixes
  if (readsToPay === null || reads >= readsToPay) return []
  const share =
    reads === 0 ? 'no other row shares it' : `it is shared so by only ${round(reads)} further rows on average`
  return [
    `"cache" cannot pay here: a prefix that is written must be read ${times(readsToPay)} before it has paid, and ${share}. ` +
      `Without "cache" the run costs about ${dollars(Math.max(0, -cache.savedUsd))} less.`,
  ]
}

/** What the provider counted, as a sentence. */
export function countWords({ requests, factor }: NonNullable<Estimate['counted']>, all: number): string {
  const found = `${factor.toFixed(2)} times the tokens that their sizes let expect`
  return `The provider counted ${requests} of ${counted(all, 'request')}: ${found}.`
}

/** Output tokens of one request in the job's latest run with this model and these params; undefined: there is none. */
export async function usualOutputTokens(workspace: Workspace, job: Job, local: boolean): Promise<number | undefined> {
  const latest = await latestRunOf(workspace, job.name, local)
  if (latest === undefined || latest.job.model !== job.model) return undefined
  if (JSON.stringify(latest.job.params) !== JSON.stringify(job.params)) return undefined
  let answers = 0
  let tokens = 0
  for (const { trips, tally } of await readStates({ header: latest, store: workspace.store })) {
    for (const trip of trips) answers += trip.requests
    tokens += tally.usage.outputTokens
  }
  return answers === 0 || tokens === 0 ? undefined : tokens / answers
}

/** Above this many USD a run asks where its job says nothing of money at all. */
const ASK_ABOVE_USD = 10

/**
 * Asks before an expensive run is started. Throws UserError when the answer is no.
 *
 * @param confirm absent: nobody can be asked, so it is only said
 */
export async function confirmCost(
  workspace: Workspace,
  { job, estimate, local }: RunHeader,
  confirm: ((question: string) => Promise<boolean>) | undefined,
): Promise<void> {
  const above = job.budget === undefined ? ASK_ABOVE_USD : (job.budget.confirmAboveUsd ?? Number.POSITIVE_INFINITY)
  if (local || estimate.usd === null || estimate.usd <= above) return
  const most = estimate.usdMax === null ? '' : `, at most ${dollars(estimate.usdMax)}`
  const text = `This run will likely cost ${dollars(estimate.usd)}${most}.`
  if (confirm === undefined) {
    workspace.surroundings.notify({ type: 'warning', text })
    return
  }
  if (await confirm(`${text} Go on?`)) return
  throw new UserError({ message: 'Not started, as you said. No batch was sent.', hint: 'With --yes nothing is asked.' })
}

function times(count: number): string {
  return count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`
}

function round(value: number): string {
  return value < 10 ? value.toFixed(1) : value.toFixed(0)
}
