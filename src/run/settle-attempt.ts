// Settles every row of a landed attempt: counts what is final and writes the request file of the next attempt.

import type { BodyPart } from '../core/batch.ts'
import type { JsonObject } from '../core/json.ts'
import { runFiles } from '../core/names.ts'
import type { FollowUpEdit } from '../core/prompt.ts'
import { formatRequestLine, type RequestLine } from '../core/request-line.ts'
import { NO_USAGE, type Result } from '../core/result.ts'
import type { BatchState, Tally } from '../core/run.ts'
import { LineWriter } from '../disk/line-writer.ts'
import { amendBody } from '../prompt/body.ts'
import { CARRIED_NOTHING, type Carried, carriedOn, type FollowUpKind, parseCarried } from './carried.ts'
import type { Landed } from './landing.ts'
import { openLines } from './landing.ts'
import type { FollowUpFile } from './machine.ts'
import { readWithdrawn, shapeOf } from './outgoing.ts'
import type { RunContext } from './ports.ts'
import { customIdOfLine, readRequests } from './request-file.ts'
import { type FollowUp, failed, type Settled, settle } from './settle.ts'
import { TallyCounter } from './tally.ts'

/** What one attempt of a batch came to. */
export interface SettledAttempt {
  readonly tally: Tally
  /** Rows that failed for good on this trip. */
  readonly failed: number
  readonly followUps: FollowUpFile | null
  /** An account fault: the run has to stop. */
  readonly stop: string | null
}

/** Runs tool calls and answers with the turn that carries their results; stored before it is sent. */
export type ToolRunner = (line: RequestLine, followUp: FollowUp) => Promise<FollowUpEdit>

/**
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
  const { header, artifacts } = context
  const withdrawn = await readWithdrawn(context, state.index, state.attempt)
  const lines = landed === undefined ? undefined : await openLines(artifacts, header.run, state, landed)
  const next = new FollowUpWriter(context, state)
  const counter = new TallyCounter()
  let stop: string | null = null
  let seen = 0
  let position = 0
  try {
    for await (const line of readRequests(artifacts, header.run, state.index, state.attempt, state.digest)) {
      seen += 1
      if (seen % 500 === 0) signal.throwIfAborted()
      if (seen > (state.take ?? state.requests)) {
        await next.add(line, 'deferred', carriedOf(state, line), line)
        continue
      }
      if (withdrawn.has(line.ordinal)) {
        counter.count('rejected')
        continue
      }
      const raw = await lines?.line(position)
      position += 1
      const step = settleLine(context, state, line, raw)
      if (step.settled.stop !== undefined) stop = step.settled.stop
      counter.spend(step.usage, step.costUsd)
      const followUp = mayFollowUp ? step.settled.followUp : undefined
      if (followUp === undefined) {
        counter.count(step.settled.final.status)
        continue
      }
      const edit = followUp.kind === 'tools' ? await runTools(line, followUp) : followUp.edit
      const body = edit === undefined ? line : amended(context, line, edit)
      await next.add(line, followUp.kind, { ...step.carried, ...followUp.spent }, body)
    }
    return { tally: counter.tally(), failed: counter.failed, followUps: await next.commit(), stop }
  } catch (error) {
    await next.abort()
    throw error
  } finally {
    await lines?.close()
  }
}

/** A row's result, decoded and settled; a row without a line is `missing`. */
export function settleLine(
  context: Pick<RunContext, 'header' | 'provider' | 'schema' | 'model'>,
  state: { readonly attempt: number },
  line: RequestLine,
  raw: JsonObject | undefined,
): SettledResult & { readonly result: Result | undefined } {
  const before = carriedOf(state, line)
  if (raw === undefined) {
    const settled: Settled = { final: failed('errored', 'missing_result', MISSING_RESULT) }
    return { settled, result: undefined, carried: carriedOn(before, undefined, 0, false), usage: NO_USAGE, costUsd: 0 }
  }
  const { result } = context.provider.decode(raw)
  return { ...settleResult(context, before, result), result }
}

export interface SettledResult {
  readonly settled: Settled
  /** What the row carries after this result. */
  readonly carried: Carried
  readonly usage: Tally['usage']
  readonly costUsd: number | null
}

export function settleResult(
  context: Pick<RunContext, 'header' | 'provider' | 'schema' | 'model'>,
  before: Carried,
  result: Result,
): SettledResult {
  const answered = result.type === 'succeeded'
  const usage = answered ? result.usage : NO_USAGE
  const costUsd = answered ? context.provider.cost(context.model, usage, result.answer.batchPriced) : 0
  return {
    settled: settle({ job: context.header.job, schema: context.schema }, before, result),
    carried: carriedOn(before, usage, costUsd, answered),
    usage,
    costUsd,
  }
}

const MISSING_RESULT =
  'The batch has ended, but its results hold no line for this request, however often they were downloaded. It may have been billed, so it is not sent again by itself.'

/** What the row carries into this attempt. */
export function carriedOf(state: { readonly attempt: number }, line: RequestLine): Carried {
  return state.attempt === 1 ? CARRIED_NOTHING : parseCarried(line.about)
}

interface Body {
  readonly shape: number
  readonly bytes: number
  readonly parts: readonly BodyPart[]
}

function amended(context: RunContext, line: RequestLine, edit: FollowUpEdit): Body {
  const parts = amendBody(shapeOf(context, line), line.parts, (body) => context.provider.amend(body, edit))
  const bytes = parts.reduce((sum, part) => sum + (typeof part === 'string' ? Buffer.byteLength(part) : part.bytes), 0)
  return { shape: -1, bytes, parts }
}

/** The next attempt's request file, made only when a line comes. */
export class FollowUpWriter {
  readonly #context: RunContext
  readonly #state: BatchState
  #writer: LineWriter | undefined
  #requests = 0
  #bytes: number
  #take: number | null = null

  constructor(context: RunContext, state: BatchState) {
    this.#context = context
    this.#state = state
    this.#bytes = context.provider.limits.overhead.batch
  }

  async add(line: RequestLine, kind: FollowUpKind, carried: Carried, body: Body): Promise<void> {
    const { artifacts, header, provider } = this.#context
    const { run } = header
    this.#writer ??= new LineWriter(
      await artifacts.create(run, runFiles.requests(this.#state.index, this.#state.attempt + 1)),
    )
    const weight = provider.limits.overhead.request + customIdOfLine(header, line).length + body.bytes
    // A transcript that grew may no longer fit with the others: what is over travels after them.
    if (this.#take === null && this.#requests > 0 && this.#bytes + weight > provider.limits.maxBytes) {
      this.#take = this.#requests
    }
    this.#requests += 1
    this.#bytes += weight
    const about = JSON.stringify({ ...carried, kind })
    await this.#writer.add(formatRequestLine({ ordinal: line.ordinal, key: line.key, about, ...pick(body) }))
  }

  async commit(): Promise<FollowUpFile | null> {
    if (this.#writer === undefined) return null
    const digest = await this.#writer.commit()
    return { requests: this.#requests, bytes: this.#bytes, digest, take: this.#take }
  }

  async abort(): Promise<void> {
    await this.#writer?.abort()
  }
}

function pick({ shape, bytes, parts }: Body): Body {
  return { shape, bytes, parts }
}
