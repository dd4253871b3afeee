// Settles every row of a landed attempt: counts what is final and writes the request file of the next attempt.

import type { JsonObject } from '../core/json.ts'
import type { FollowUpEdit } from '../core/prompt.ts'
import type { RequestLine, StoredLine } from '../core/request-line.ts'
import { NO_USAGE, type Result } from '../core/result.ts'
import type { BatchState, Tally } from '../core/run.ts'
import { amendBody } from '../prompt/body.ts'
import { CARRIED_NOTHING, type Carried, carriedOn, parseCarried } from './carried.ts'
import { type FollowUpBody, FollowUpWriter } from './follow-up-writer.ts'
import { LandedLines } from './landed-lines.ts'
import type { Landed } from './landing.ts'
import type { FollowUpFile } from './machine.ts'
import { OrderedWindow } from './ordered-window.ts'
import { readWithdrawn, shapeOf } from './outgoing.ts'
import type { RunContext } from './ports.ts'
import { type Billed, spendingOf } from './receipt.ts'
import { readRequests } from './request-file.ts'
import type { ResultIndex } from './result-index.ts'
import { parseResultLine } from './result-line.ts'
import { RowFields } from './row-fields.ts'
import { type FollowUp, failed, type Settled, settle } from './settle.ts'
import { TallyCounter } from './tally.ts'
import type { ToolRunner } from './tools.ts'

/** What one attempt of a batch came to. */
export interface SettledAttempt {
  readonly tally: Tally
  /** Rows that failed for good on this trip. */
  readonly failed: number
  readonly followUps: FollowUpFile | null
  /** An account fault: the run has to stop. */
  readonly stop: string | null
}

/**
 * Rows whose tools run are waited for in order, a bounded window of them at once, so that slow handlers overlap and the
 * lines of the next attempt stay in the order of their ordinals.
 *
 * @param landed undefined: nothing travelled, because every request of the attempt was withdrawn
 * @param mayFollowUp false: the run is being cancelled, so everything is final as it is
 */
export async function settleAttempt(
  context: RunContext,
  state: BatchState,
  landed: Landed | undefined,
  mayFollowUp: boolean,
  runTools: ToolRunner,
  signal: AbortSignal,
): Promise<SettledAttempt> {
  const { header, artifacts, provider } = context
  const withdrawn = await readWithdrawn(context, state.index, state.attempt)
  const lines = landed === undefined ? undefined : await LandedLines.open(context, state, landed, state.attempt === 1)
  const next = new FollowUpWriter(context, state)
  const counter = new TallyCounter()
  const fields = new RowFields(context, state)
  const halt = new AbortController()
  const window = new OrderedWindow<Pending>(async ({ line, step, followUp, edit }) => {
    const body = edit === undefined ? line : amended(context, line, edit)
    // A transcript that no request can hold ends here, as it is.
    if (body.bytes > provider.limits.maxRequestBytes) counter.count(step.settled.final.status)
    else await next.add(line, followUp.kind, { ...step.carried, ...followUp.spent }, body)
  })
  let stop: string | null = null
  let seen = 0
  let position = 0
  try {
    // What a first answer comes to is known without its request, unless it is asked again.
    const counted =
      state.attempt === 1 && lines !== undefined ? await countFinal(context, counter, lines, mayFollowUp) : []
    const isDone = counted.length === state.requests && counted.every((isCounted) => isCounted === 1)
    for await (const line of isDone
      ? NO_LINES
      : readRequests(artifacts, header.run, state.index, state.attempt, state.digest)) {
      seen += 1
      if (seen % 500 === 0) signal.throwIfAborted()
      if (seen > (state.take ?? state.requests)) {
        await window.drain()
        const carried = carriedOf(state, line)
        // Why it is asked again stays: the receipt and the transcript tell it.
        await next.add(line, carried.kind ?? 'deferred', carried, line)
        continue
      }
      if (withdrawn.has(line.ordinal)) {
        counter.count('rejected')
        continue
      }
      const at = position
      position += 1
      if (counted[at] === 1) continue
      await lines?.want(at)
      const step = settleLine(context, carriedOf(state, line), lines?.line(at))
      if (step.settled.stop !== undefined) stop = step.settled.stop
      counter.spend(step.usage, step.costUsd, spendingOf(context, carriedOf(state, line), step.billed, step.costUsd))
      const followUp = mayFollowUp ? step.settled.followUp : undefined
      if (followUp === undefined) {
        counter.count(step.settled.final.status)
        continue
      }
      const { edit, tools } = followUp
      if (tools === undefined) await window.add({ line, step, followUp, edit }, line.bytes)
      else {
        const { index, attempt } = state
        const turn = { index, attempt, ordinal: line.ordinal, key: line.key, row: await fields.of(line), ...tools }
        const results = runTools(turn, halt.signal)
        await window.add(
          results.then((edit) => ({ line, step, followUp, edit })),
          line.bytes,
        )
      }
    }
    await window.drain()
    return { tally: counter.tally(), failed: counter.failed, followUps: await next.commit(), stop }
  } catch (error) {
    // Handlers that are running may finish and have their results stored; no others begin.
    halt.abort(error)
    await window.abandon()
    await next.abort()
    throw error
  } finally {
    await fields.close()
    await lines?.close()
  }
}

const NO_LINES: readonly StoredLine[] = []

/** Counts the results of a first attempt that are final; 1 for each position that is counted. */
async function countFinal(
  context: RunContext,
  counter: TallyCounter,
  lines: LandedLines,
  mayFollowUp: boolean,
): Promise<Uint8Array> {
  const { index } = lines
  const counted = new Uint8Array(index.size)
  for (let position = 0; position < index.size; position += 1) {
    if (index.isPlain(position)) countPlain(context, counter, index, position)
    else {
      const reading = lines.want(position)
      if (reading !== undefined) await reading
      const step = settleLine(context, CARRIED_NOTHING, lines.line(position))
      const { followUp, stop, final } = step.settled
      if (stop !== undefined || (mayFollowUp && followUp !== undefined)) continue
      counter.spend(step.usage, step.costUsd, spendingOf(context, CARRIED_NOTHING, step.billed, step.costUsd))
      counter.count(final.status)
    }
    counted[position] = 1
  }
  return counted
}

function countPlain(context: RunContext, counter: TallyCounter, index: ResultIndex, position: number): void {
  const usage = index.usage(position)
  const { billing } = index.head(position)
  const costUsd = context.provider.cost(context.model, usage, billing)
  counter.spend(usage, costUsd, spendingOf(context, CARRIED_NOTHING, { usage, billing }, costUsd))
  counter.count('succeeded')
}

/** A row that is asked again, once its tools have run. */
interface Pending {
  readonly line: RequestLine
  readonly step: SettledResult
  readonly followUp: FollowUp
  readonly edit: FollowUpEdit | undefined
}

/** A row's landed line, decoded and settled; a row without one is `missing`. */
export function settleLine(
  context: Pick<RunContext, 'header' | 'provider' | 'schema' | 'model'>,
  before: Carried,
  raw: Uint8Array | undefined,
): SettledResult {
  if (raw !== undefined) return settleResult(context, before, context.provider.decode(parseResultLine(raw)).result)
  const settled: Settled = { final: failed('errored', 'missing_result', MISSING_RESULT) }
  const carried = carriedOn(before, undefined, 0, false)
  return { settled, billed: undefined, carried, usage: NO_USAGE, costUsd: 0 }
}

export interface SettledResult {
  readonly settled: Settled
  /** What the row carries after this result. */
  readonly carried: Carried
  readonly usage: Tally['usage']
  readonly costUsd: number | null
  /** What was paid for; undefined: there is no answer. */
  readonly billed: Billed | undefined
}

export function settleResult(
  context: Pick<RunContext, 'header' | 'provider' | 'schema' | 'model'>,
  before: Carried,
  result: Result,
): SettledResult {
  const answered = result.type === 'succeeded'
  const usage = answered ? result.usage : NO_USAGE
  const costUsd = answered ? context.provider.cost(context.model, usage, result.answer.billing) : 0
  return {
    settled: settle({ job: context.header.job, schema: context.schema }, before, result),
    carried: carriedOn(before, usage, costUsd, answered),
    usage,
    costUsd,
    billed: answered ? { usage, billing: result.answer.billing } : undefined,
  }
}

const MISSING_RESULT =
  'The batch has ended, but its results hold no line for this request, however often they were downloaded. It may have been billed, so it is not sent again by itself.'

/** What the row carries into this attempt. */
export function carriedOf(state: { readonly attempt: number }, line: RequestLine): Carried {
  return state.attempt === 1 ? CARRIED_NOTHING : parseCarried(line.about)
}

function amended(context: RunContext, line: RequestLine, edit: FollowUpEdit): FollowUpBody {
  const change = (body: JsonObject): JsonObject => context.provider.amend(body, edit)
  // What a model or a tool said may be anything, a stand-in for a document included.
  const parts = amendBody(shapeOf(context, line), line.parts, change, [JSON.stringify(edit)])
  const bytes = parts.reduce((sum, part) => sum + (typeof part === 'string' ? Buffer.byteLength(part) : part.bytes), 0)
  return { shape: -1, bytes, parts }
}
