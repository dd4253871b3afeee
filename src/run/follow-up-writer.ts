// The request file of a batch's next attempt.

import { answerRoom } from '../core/answer-room.ts'
import type { BodyPart } from '../core/batch.ts'
import { mostUsdOfBatch } from '../core/budget-share.ts'
import { runFiles } from '../core/names.ts'
import { formatRequestLine, type RequestLine } from '../core/request-line.ts'
import type { BatchState } from '../core/run.ts'
import { LineWriter } from '../disk/line-writer.ts'
import { measureBody, usageBoundOf } from '../prompt/usage-bound.ts'
import type { Carried, FollowUpKind } from './carried.ts'
import type { FollowUpFile } from './machine.ts'
import type { RunContext } from './ports.ts'
import { customIdOfLine } from './request-file.ts'

/** A follow-up's body, in the form of a request line; shape -1: the parts are all of it. */
export interface FollowUpBody {
  readonly shape: number
  readonly bytes: number
  readonly parts: readonly BodyPart[]
}

/** Made only when a line comes. Lines come in ascending order of their ordinals. */
export class FollowUpWriter {
  readonly #context: RunContext
  readonly #state: BatchState
  #writer: LineWriter | undefined
  #requests = 0
  #bytes: number
  #take: number | null = null
  readonly #boundOf: ReturnType<typeof usageBoundOf>
  #boundUsd = 0
  #boundUsdOfOne = 0

  constructor(context: RunContext, state: BatchState) {
    this.#context = context
    this.#state = state
    this.#bytes = context.provider.limits.overhead.batch
    this.#boundOf = usageBoundOf(context.header.job)
  }

  async add(line: RequestLine, kind: FollowUpKind, carried: Carried, body: FollowUpBody): Promise<void> {
    const { artifacts, header, provider } = this.#context
    const { run } = header
    this.#writer ??= new LineWriter(
      await artifacts.create(run, runFiles.requests(this.#state.index, this.#state.attempt + 1)),
    )
    const weight = provider.limits.overhead.request + customIdOfLine(header, line).length + body.bytes
    const boundUsd = this.#boundUsdFor(body, carried)
    // A transcript that grew may no longer fit with the others, or cost too much with them: what is over travels after them.
    const isOver =
      this.#bytes + weight > provider.limits.maxBytes || this.#boundUsd + boundUsd > mostUsdOfBatch(header.job)
    if (this.#take === null && this.#requests > 0 && isOver) this.#take = this.#requests
    this.#requests += 1
    this.#bytes += weight
    this.#boundUsd += boundUsd
    this.#boundUsdOfOne = Math.max(this.#boundUsdOfOne, boundUsd)
    const about = JSON.stringify({ ...carried, kind })
    await this.#writer.add(formatRequestLine({ ordinal: line.ordinal, key: line.key, about, ...pick(body) }))
  }

  async commit(): Promise<FollowUpFile | null> {
    if (this.#writer === undefined) return null
    const digest = await this.#writer.commit()
    const bound = { boundUsd: this.#boundUsd, boundUsdOfOne: this.#boundUsdOfOne }
    return { requests: this.#requests, bytes: this.#bytes, digest, take: this.#take, ...bound }
  }

  async abort(): Promise<void> {
    await this.#writer?.abort()
  }

  /** What was said since is part of the body, and the room of the answer is what it has grown to. */
  #boundUsdFor(body: FollowUpBody, { growths }: Carried): number {
    const { header, provider, model } = this.#context
    const amount = measureBody(header.job, body, model?.maxImageTokens)
    const usage = this.#boundOf(amount, answerRoom(header.job, growths))
    return provider.cost(model, usage, provider.billing(header.job.params)) ?? 0
  }
}

function pick({ shape, bytes, parts }: FollowUpBody): FollowUpBody {
  return { shape, bytes, parts }
}
