// The request file of a batch's next attempt.

import type { BodyPart } from '../core/batch.ts'
import { runFiles } from '../core/names.ts'
import { formatRequestLine, type RequestLine } from '../core/request-line.ts'
import type { BatchState } from '../core/run.ts'
import { LineWriter } from '../disk/line-writer.ts'
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

  constructor(context: RunContext, state: BatchState) {
    this.#context = context
    this.#state = state
    this.#bytes = context.provider.limits.overhead.batch
  }

  async add(line: RequestLine, kind: FollowUpKind, carried: Carried, body: FollowUpBody): Promise<void> {
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

function pick({ shape, bytes, parts }: FollowUpBody): FollowUpBody {
  return { shape, bytes, parts }
}
