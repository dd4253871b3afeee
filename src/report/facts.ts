// What a report says of a run's outcomes, gathered one by one: nothing here grows with their number.

import type { Outcome, Status } from '../core/result.ts'
import { LogBins } from './log-bins.ts'

/** Failures with the same status and error type. */
export interface FailureClass {
  readonly status: Status
  readonly type: string
  readonly count: number
  readonly examples: readonly { readonly key: string; readonly message: string }[]
}

/** A provider may invent error types; from here on they are gathered under one name. */
const MAX_CLASSES = 60
const MAX_EXAMPLES = 3
/** A message may quote a whole answer. */
const MAX_TEXT = 400

export class RunFacts {
  readonly inputTokens = new LogBins()
  readonly outputTokens = new LogBins()
  readonly costUsd = new LogBins()
  rows = 0
  /** Rows that were asked more than once, by answers or by trips. */
  againRows = 0
  cacheReadRows = 0
  cacheWriteRows = 0
  readonly #failures = new Map<string, { status: Status; type: string; count: number; examples: Example[] }>()

  add(outcome: Outcome): void {
    const { usage, status, error, attempts, rounds, cost_usd: cost } = outcome
    this.rows += 1
    if (attempts > 1 || rounds > 1) this.againRows += 1
    if (usage.cache_read_input_tokens > 0) this.cacheReadRows += 1
    if (usage.cache_creation_input_tokens > 0) this.cacheWriteRows += 1
    if (attempts > 0) {
      this.inputTokens.add(usage.input_tokens + usage.cache_read_input_tokens + usage.cache_creation_input_tokens)
      this.outputTokens.add(usage.output_tokens)
      if (cost !== null) this.costUsd.add(cost)
    }
    if (status !== 'succeeded') this.#fail(outcome.key, status, error)
  }

  /** The commonest first. */
  failures(): FailureClass[] {
    return [...this.#failures.values()].sort((a, b) => b.count - a.count)
  }

  #fail(key: string, status: Status, error: Outcome['error']): void {
    const type = error?.type ?? status
    let name = `${status} ${type}`
    if (!this.#failures.has(name) && this.#failures.size >= MAX_CLASSES) name = `${status} other`
    let known = this.#failures.get(name)
    if (known === undefined) {
      known = { status, type: name === `${status} ${type}` ? type.slice(0, MAX_TEXT) : 'other', count: 0, examples: [] }
      this.#failures.set(name, known)
    }
    known.count += 1
    if (known.examples.length >= MAX_EXAMPLES) return
    known.examples.push({ key: key.slice(0, MAX_TEXT), message: (error?.message ?? '').slice(0, MAX_TEXT) })
  }
}

interface Example {
  readonly key: string
  readonly message: string
}
