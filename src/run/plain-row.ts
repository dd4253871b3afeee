// Rows whose answer succeeded as it stands.

import type { OutcomeText } from '../core/outcome-text.ts'
import type { StoredLine } from '../core/request-line.ts'
import type { Outcome } from '../core/result.ts'
import type { Trip } from '../core/run.ts'
import { type Carried, carriedOn } from './carried.ts'
import { mostBytes, type PlainAnswered, plainOutcome, writePlain } from './plain-outcome.ts'
import type { RunContext } from './ports.ts'
import { customIdOfLine } from './request-file.ts'
import type { SettledRow } from './settled-row.ts'
import type { PlainResult } from './trail.ts'

/** A row that is its own text: of millions each object less counts. */
abstract class PlainRow implements SettledRow, OutcomeText {
  readonly status = 'succeeded'
  protected readonly context: RunContext

  constructor(context: RunContext) {
    this.context = context
  }

  abstract readonly ordinal: number
  protected abstract get answered(): PlainAnswered

  get outcome(): Outcome {
    return plainOutcome(this.context, this.answered)
  }

  get text(): OutcomeText {
    return this
  }

  get most(): number {
    return mostBytes(this.context, this.answered)
  }

  write(into: Buffer, at: number): number {
    return writePlain(this.context, this.answered, into, at)
  }
}

/** A row that was sent. */
export class PlainSentRow extends PlainRow implements PlainAnswered {
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
    return { line: this.#line, attempt: this.#trip.attempt, carried: this.carried }
  }

  get key(): string {
    return this.planned.key
  }

  get customId(): string {
    return customIdOfLine(this.context.header, this.planned)
  }

  get batchId(): string {
    return this.#trip.id
  }

  get stopReason(): string {
    return this.#result.index.head(this.#result.position).stopReason
  }

  get model(): string {
    return this.#result.index.head(this.#result.position).model
  }

  get carried(): Carried {
    const { provider, model } = this.context
    const { index, position } = this.#result
    const usage = index.usage(position)
    return carriedOn(this.#before, usage, provider.cost(model, usage, index.head(position).billing), true)
  }

  get bytes(): Buffer {
    return this.#result.bytes
  }

  get textStart(): number {
    return this.#result.textStart
  }

  get textEnd(): number {
    return this.#result.textStart + this.#result.index.textLength(this.#result.position)
  }

  get isOutput(): boolean {
    return this.#result.index.isOutput(this.#result.position)
  }

  get row(): Buffer {
    return this.planned.aboutBytes
  }

  protected get answered(): PlainAnswered {
    return this
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
