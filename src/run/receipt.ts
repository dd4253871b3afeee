// What the answers would have cost otherwise, and what was paid for answers that were not the last word.

import type { Billing, Usage } from '../core/result.ts'
import type { Spending } from '../core/run.ts'
import type { ModelSpec, Provider } from '../provider/provider.ts'
import type { Carried, FollowUpKind } from './carried.ts'

export const NO_SPENDING: Spending = Object.freeze({
  listUsd: 0,
  batchUsd: 0,
  retriesUsd: 0,
  repairsUsd: 0,
  truncationUsd: 0,
  roundsUsd: 0,
})

export function addSpending(a: Spending, b: Spending): Spending {
  return {
    listUsd: a.listUsd + b.listUsd,
    batchUsd: a.batchUsd + b.batchUsd,
    retriesUsd: a.retriesUsd + b.retriesUsd,
    repairsUsd: a.repairsUsd + b.repairsUsd,
    truncationUsd: a.truncationUsd + b.truncationUsd,
    roundsUsd: a.roundsUsd + b.roundsUsd,
  }
}

/** Under which heading an answer to a line of this kind is put; a first answer has none. */
const HEADINGS: Readonly<Partial<Record<FollowUpKind, keyof Spending>>> = {
  again: 'retriesUsd',
  retry: 'retriesUsd',
  repair: 'repairsUsd',
  more_room: 'truncationUsd',
  tools: 'roundsUsd',
  continue: 'roundsUsd',
}

/** What of an answer decides its price. */
export interface Billed {
  readonly usage: Usage
  readonly billing: Billing
}

/** One result's part of the receipt; undefined: it cost nothing, or its price is unknown. */
export function spendingOf(
  context: { readonly provider: Pick<Provider, 'cost'>; readonly model: ModelSpec | undefined },
  { kind }: Pick<Carried, 'kind'>,
  answer: Billed | undefined,
  costUsd: number | null,
): Spending | undefined {
  if (answer === undefined || costUsd === null) return undefined
  const { usage, billing } = answer
  const { cacheCreationInputTokens, cacheReadInputTokens } = usage
  const uncached: Usage = {
    inputTokens: usage.inputTokens + cacheCreationInputTokens + cacheReadInputTokens,
    outputTokens: usage.outputTokens,
    cacheCreationInputTokens: 0,
    cacheReadInputTokens: 0,
    cacheCreation1hInputTokens: 0,
    webSearchRequests: usage.webSearchRequests,
  }
  const { cost } = context.provider
  const heading = kind === null ? undefined : HEADINGS[kind]
  const spending: Spending = {
    listUsd: cost(context.model, uncached, atListPrice(billing)) ?? 0,
    batchUsd: cost(context.model, uncached, billing) ?? 0,
    retriesUsd: 0,
    repairsUsd: 0,
    truncationUsd: 0,
    roundsUsd: 0,
  }
  return heading === undefined ? spending : { ...spending, [heading]: costUsd }
}

/** Of each billing what it would be at list price: millions of answers share a few. */
const LIST_PRICED = new WeakMap<Billing, Billing>()

function atListPrice(billing: Billing): Billing {
  const known = LIST_PRICED.get(billing)
  if (known !== undefined) return known
  const listed = { ...billing, batch: false }
  LIST_PRICED.set(billing, listed)
  return listed
}
