// The outcomes of one part as the bodies of POST requests.

import { createHash } from 'node:crypto'
import type { RunId } from '../core/batch.ts'
import type { Outcome } from '../core/result.ts'
import { type Column, objectOf } from './columns.ts'
import type { PartId, SinkPart } from './sink.ts'

export interface WebhookPartOptions {
  readonly part: PartId
  readonly run: RunId
  readonly jobName: string
  readonly columns: readonly Column[] | undefined
  readonly maxBytes: number
  readonly isByRow: boolean
  readonly send: (body: string, idempotencyKey: string) => Promise<void>
}

/**
 * A piece is sent when the next outcome would make it too large, the last one with the commit. The same part gives the
 * same pieces and the same keys every time, so that the receiver can tell a repetition.
 */
export class WebhookPart implements SinkPart {
  readonly #options: WebhookPartOptions
  #outcomes: string[] = []
  #bytes = 0
  #piece = 0

  constructor(options: WebhookPartOptions) {
    this.#options = options
  }

  async write(outcome: Outcome): Promise<void> {
    const { columns, isByRow, maxBytes } = this.#options
    const text = JSON.stringify(columns === undefined ? outcome : objectOf(columns, outcome))
    if (isByRow) return this.#options.send(text, this.#keyOf(digestOf(outcome.key)))
    const bytes = Buffer.byteLength(text)
    if (this.#outcomes.length > 0 && this.#bytes + bytes > maxBytes) await this.#send()
    this.#outcomes.push(text)
    this.#bytes += bytes
  }

  async commit(): Promise<void> {
    if (this.#outcomes.length > 0) await this.#send()
  }

  async abort(): Promise<void> {
    this.#outcomes = []
  }

  async #send(): Promise<void> {
    const { run, jobName, part, send } = this.#options
    const head = JSON.stringify({ run, job: jobName, part: part.index, attempt: part.attempt, piece: this.#piece })
    const body = `${head.slice(0, -1)},"outcomes":[${this.#outcomes.join(',')}]}`
    await send(body, this.#keyOf(String(this.#piece)))
    this.#outcomes = []
    this.#bytes = 0
    this.#piece += 1
  }

  /** Only what a header may hold: a run's name may be in any script. */
  #keyOf(what: string): string {
    const { run, part } = this.#options
    return `${encodeURIComponent(run)}.${part.index}.${part.attempt}.${what}`
  }
}

/** Names a row whose key may be in any script and of any length. */
function digestOf(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 16)
}
