// A row of a run, and what became of it.

import type { Json } from '../core/json.ts'
import type { OutcomeText } from '../core/outcome-text.ts'
import type { RequestLine, StoredLine } from '../core/request-line.ts'
import { type Outcome, outcomeUsage, type Status } from '../core/result.ts'
import type { Carried } from './carried.ts'
import type { RunContext } from './ports.ts'
import type { Final } from './settle.ts'

/** A row whose outcome is final so far. */
export interface SettledRow {
  readonly ordinal: number
  readonly status: Status
  /** May be made when it is asked for. */
  readonly outcome: Outcome
  /** Absent: to be had from the outcome only. */
  readonly text?: OutcomeText
  /** The row's planned line; absent for a row that was rejected or reused at planning. */
  readonly planned?: StoredLine
  /** The line of its latest trip, with its attempt; absent for a row that was never sent. */
  readonly last?: { readonly line: RequestLine; readonly attempt: number; readonly carried: Carried }
}

export function settledRow(ordinal: number, outcome: Outcome): SettledRow {
  return { ordinal, status: outcome.status, outcome }
}

/** How it went at the provider. */
export interface Sent {
  readonly customId: string | null
  readonly batchId: string | null
  readonly final: Final
  readonly carried: Carried
}

export function outcomeOf(context: RunContext, key: string, row: Outcome['row'], sent: Sent): Outcome {
  const { final, carried } = sent
  return {
    key,
    custom_id: sent.customId,
    status: final.status,
    output: final.output,
    text: final.text,
    stop_reason: final.stopReason,
    model: final.model ?? context.header.job.model,
    usage: outcomeUsage(carried.usage),
    cost_usd: carried.costUsd,
    attempts: carried.attempts,
    rounds: carried.rounds,
    batch_id: sent.batchId,
    error: final.error,
    ...(final.citations.length > 0 ? { citations: final.citations } : {}),
    ...(final.toolCalls.length > 0 ? { tool_calls: final.toolCalls as unknown as readonly Json[] } : {}),
    row,
  }
}
