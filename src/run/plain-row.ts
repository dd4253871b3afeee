// Rows whose answer succeeded as it stands.

import type { OutcomeText } from '../core/outcome-text.ts'
import { copyBytes, putBytes } from '../core/put-bytes.ts'
import type { StoredLine } from '../core/request-line.ts'
import type { Outcome, Usage } from '../core/result.ts'
import type { Trip } from '../core/run.ts'
import { Words } from '../core/words.ts'
import { CARRIED_NOTHING, type Carried, carriedOn } from './carried.ts'
import {
  mostNames,
  type PlainAnswered,
  type PlainWriter,
  plainOutcome,
  type Spent,
  writeNames,
} from './plain-outcome.ts'
import { customIdOfLine } from './request-file.ts'
import type { SettledRow } from './settled-row.ts'
import type { PlainResult } from './trail.ts'

const QUOTE = 34
const KEY = Buffer.from('"key":')
const CUSTOM_ID = new Words(Buffer.from(',"custom_id":"'))
/** A custom_id has at most 64 characters. */
const NAMES_BYTES = 1024
/** A byte of a key's JSON as it may be written anew, in the key and in the custom_id that may be the same. */
const KEY_BYTES = 12

/** A row that is its own text: of millions each object less counts. */
abstract class PlainRow implements SettledRow, OutcomeText {
  readonly status = 'succeeded'
  protected readonly writer: PlainWriter

  constructor(writer: PlainWriter) {
    this.writer = writer
  }

  abstract readonly ordinal: number
  protected abstract get answered(): PlainAnswered

  get outcome(): Outcome {
    return plainOutcome(this.writer.context, this.answered)
  }

  get text(): OutcomeText {
    return this
  }

  get most(): number {
    return this.writer.most(this.answered)
  }

  write(into: Buffer, at: number): number {
    return this.writer.write(this.answered, into, at)
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
    writer: PlainWriter,
    planned: StoredLine,
    trip: Pick<Trip, 'attempt' | 'id'>,
    line: StoredLine,
    before: Carried,
    result: PlainResult,
  ) {
    super(writer)
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
    return customIdOfLine(this.writer.context.header, this.planned)
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
    const usage = this.#result.index.usage(this.#result.position)
    return carriedOn(this.#before, usage, this.#cost(usage), true)
  }

  get spent(): Spent {
    // Asked once, as most rows are, a row takes no object for this.
    if (this.#before !== CARRIED_NOTHING) return this.carried
    const { spent } = this.writer
    spent.usage = this.#result.index.readUsage(this.#result.position, this.writer.usage)
    spent.costUsd = this.#cost(spent.usage)
    return spent
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

  get rowBytes(): Buffer {
    return this.planned.memory
  }

  get rowStart(): number {
    return this.planned.aboutStart
  }

  get rowEnd(): number {
    return this.planned.aboutEnd
  }

  get namesMost(): number {
    return NAMES_BYTES + (this.planned.keyEnd - this.planned.keyStart) * KEY_BYTES
  }

  writeNames(into: Buffer, at: number): number {
    return this.#copyNames(into, at) ?? writeNames(this.key, this.customId, into, at)
  }

  #cost(usage: Usage): number | null {
    const { provider, model } = this.writer.context
    const { index, position } = this.#result
    return provider.cost(model, usage, index.head(position).billing)
  }

  /** undefined: they have to be made. */
  #copyNames(into: Buffer, start: number): number | undefined {
    const { ids } = this.writer
    const { memory, keyStart, keyEnd, ordinal } = this.planned
    if (ids === undefined || memory[keyStart] !== QUOTE || memory[keyEnd - 1] !== QUOTE) return undefined
    const keyAt = putBytes(KEY, into, start)
    const id = this.writer.put(CUSTOM_ID, keyAt + keyEnd - keyStart)
    const end = ids.write(memory, keyStart + 1, keyEnd - 1, ordinal, into, id)
    if (end < 0) return undefined
    // What is an id is sound in JSON.
    copyBytes(memory, keyStart, keyEnd, into, keyAt)
    into[end] = QUOTE
    return end + 1
  }

  protected get answered(): PlainAnswered {
    return this
  }
}

/** A row whose answer is an earlier run's. */
export class PlainReusedRow extends PlainRow {
  readonly ordinal: number
  protected readonly answered: PlainAnswered

  constructor(writer: PlainWriter, ordinal: number, answered: Omit<PlainAnswered, 'namesMost' | 'writeNames'>) {
    super(writer)
    this.ordinal = ordinal
    const { key, customId } = answered
    this.answered = {
      ...answered,
      namesMost: mostNames(key, customId),
      writeNames: (into, at) => writeNames(key, customId, into, at),
    }
  }
}
