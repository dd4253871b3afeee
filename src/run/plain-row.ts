// Rows whose answer succeeded as it stands.

import type { OutcomeText } from '../core/outcome-text.ts'
import type { StoredLine } from '../core/request-line.ts'
import type { Outcome } from '../core/result.ts'
import type { Trip } from '../core/run.ts'
import { type Carried, carriedOn } from './carried.ts'
import { type PlainAnswered, plainOutcome, plainText } from './plain-outcome.ts'
import type { RunContext } from './ports.ts'
import { customIdOfLine } from './request-file.ts'
import type { SettledRow } from './settled-row.ts'
import type { PlainResult } from './trail.ts'

abstract class PlainRow implements SettledRow {
  readonly status = 'succeeded'
  protected readonly context: RunContext
  #outcome: Outcome | undefined

  constructor(context: RunContext) {
    this.context = context
  }

  abstract readonly ordinal: number
  protected abstract get answered(): PlainAnswered

  get outcome(): Outcome {
    this.#outcome ??= plainOutcome(this.context, this.answered)
    return this.#outcome
  }

  get text(): OutcomeText {
    return plainText(this.context, this.answered)
  }
}

/** A row that was sent. */
export class PlainSentRow extends PlainRow {
  readonly planned: StoredLine
  readonly #trip: Pick<Trip, 'attempt' | 'id'>
  readonly #line: StoredLine
  readonly #before: Carried
  readonly #result: PlainResult

  /** @param before what the row carried into the attempt whose line is `line` */
  constructor(
    context: RunContext,
    planned: StoredLine,
    trip: Pick<Trip, 'attempt' | 'id'>,
    line: StoredLine,
    before: Carried,
    result: PlainResult,
  ) {
    super(context)
    this.planned = planned
    this.#trip = trip
    this.#line = line
    this.#before = before
    this.#result = result
  }

  get ordinal(): number {
    return this.planned.ordinal
  }

  get last(): NonNullable<SettledRow['last']> {
    return { line: this.#line, attempt: this.#trip.attempt, carried: this.#carried() }
  }

  protected get answered(): PlainAnswered {
    const { planned, context } = this
    const { index, position, bytes, textStart } = this.#result
    const { stopReason, model } = index.head(position)
    return {
      key: planned.key,
      customId: customIdOfLine(context.header, planned),
      batchId: this.#trip.id,
      stopReason,
      model,
      carried: this.#carried(),
      bytes,
      textStart,
      textEnd: textStart + index.textLength(position),
      row: planned.aboutBytes,
    }
  }

  #carried(): Carried {
    const { provider, model } = this.context
    const { index, position } = this.#result
    const usage = index.usage(position)
    return carriedOn(this.#before, usage, provider.cost(model, usage, index.head(position).billing), true)
  }
}

/** A row whose answer is an earlier run's. */
export class PlainReusedRow extends PlainRow {
  readonly ordinal: number
  protected readonly answered: PlainAnswered

  constructor(context: RunContext, ordinal: number, answered: PlainAnswered) {
    super(context)
    this.ordinal = ordinal
    this.answered = answered
  }
}
