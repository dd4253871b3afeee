// A row whose answer succeeded as it stands. Its outcome is made when somebody asks for it; as JSON it is copied together.

import type { OutcomeText } from '../core/outcome-text.ts'
import type { StoredLine } from '../core/request-line.ts'
import { type Outcome, outcomeUsage } from '../core/result.ts'
import type { Trip } from '../core/run.ts'
import { unquoted } from '../core/unquoted.ts'
import { type Carried, carriedOn, parseRowFields } from './carried.ts'
import { outputOfText } from './check-output.ts'
import type { SettledRow } from './outcomes.ts'
import type { RunContext } from './ports.ts'
import { customIdOfLine } from './request-file.ts'
import type { PlainResult } from './trail.ts'

const CLOSE = 125
/** A UTF-16 unit is at most three bytes of UTF-8. */
const UNIT_BYTES = 3
const BEFORE_OUTPUT = '"status":"succeeded","output":'
const BEFORE_TEXT = Buffer.from(',"text":')

export class PlainRow implements SettledRow, OutcomeText {
  readonly status = 'succeeded'
  readonly planned: StoredLine
  readonly #context: RunContext
  readonly #trip: Pick<Trip, 'attempt' | 'id'>
  readonly #line: StoredLine
  readonly #before: Carried
  readonly #result: PlainResult
  #outcome: Outcome | undefined

  /** @param before what the row carried into the attempt whose line is `line` */
  constructor(
    context: RunContext,
    planned: StoredLine,
    trip: Pick<Trip, 'attempt' | 'id'>,
    line: StoredLine,
    before: Carried,
    result: PlainResult,
  ) {
    this.#context = context
    this.planned = planned
    this.#trip = trip
    this.#line = line
    this.#before = before
    this.#result = result
  }

  get ordinal(): number {
    return this.planned.ordinal
  }

  get outcome(): Outcome {
    this.#outcome ??= this.#makeOutcome()
    return this.#outcome
  }

  get last(): NonNullable<SettledRow['last']> {
    return { line: this.#line, attempt: this.#trip.attempt, carried: this.#carried() }
  }

  get text(): OutcomeText {
    return this
  }

  get most(): number {
    const { planned } = this
    const { index, position } = this.#result
    const { model, stopReason } = index.head(position)
    const words = planned.key.length * 6 + model.length + stopReason.length + this.#trip.id.length
    // With a schema the output is written anew, which makes no character longer than an escape.
    const text = index.textLength(position) * (this.#context.schema === undefined ? 2 : 7)
    return text + planned.aboutBytes.length + words * UNIT_BYTES + AROUND_BYTES
  }

  write(into: Buffer, start: number): number {
    const { planned } = this
    const { header, schema } = this.#context
    const { index, position, bytes, textStart } = this.#result
    const textEnd = textStart + index.textLength(position)
    const { usage, costUsd, attempts, rounds } = this.#carried()
    const key = JSON.stringify(planned.key)
    const customId = JSON.stringify(customIdOfLine(header, planned))
    let at = start + into.write(`{"key":${key},"custom_id":${customId},${BEFORE_OUTPUT}`, start)
    if (schema === undefined) at += bytes.copy(into, at, textStart - 1, textEnd + 1)
    else at += into.write(JSON.stringify(outputOfText(this.#context, unquoted(bytes, textStart, textEnd))), at)
    at += BEFORE_TEXT.copy(into, at)
    at += bytes.copy(into, at, textStart - 1, textEnd + 1)
    const { stopReason, model } = index.head(position)
    const { inputTokens, outputTokens, cacheCreationInputTokens, cacheReadInputTokens } = usage
    at += into.write(
      `,"stop_reason":"${stopReason}","model":"${model}","usage":{"input_tokens":${inputTokens},"output_tokens":${outputTokens},` +
        `"cache_creation_input_tokens":${cacheCreationInputTokens},"cache_read_input_tokens":${cacheReadInputTokens}},` +
        `"cost_usd":${costUsd},"attempts":${attempts},"rounds":${rounds},"batch_id":${JSON.stringify(this.#trip.id)},"error":null,"row":`,
      at,
    )
    at += planned.aboutBytes.copy(into, at)
    into[at] = CLOSE
    return at + 1
  }

  #carried(): Carried {
    const { index, position } = this.#result
    const usage = index.usage(position)
    const costUsd = this.#context.provider.cost(this.#context.model, usage, index.head(position).billing)
    return carriedOn(this.#before, usage, costUsd, true)
  }

  #makeOutcome(): Outcome {
    const { planned } = this
    const { index, position, bytes, textStart } = this.#result
    const { stopReason, model } = index.head(position)
    const { usage, costUsd, attempts, rounds } = this.#carried()
    const text = unquoted(bytes, textStart, textStart + index.textLength(position))
    return {
      key: planned.key,
      custom_id: customIdOfLine(this.#context.header, planned),
      status: 'succeeded',
      output: outputOfText(this.#context, text),
      text,
      stop_reason: stopReason,
      model,
      usage: outcomeUsage(usage),
      cost_usd: costUsd,
      attempts,
      rounds,
      batch_id: this.#trip.id,
      error: null,
      row: parseRowFields(planned.about),
    }
  }
}

/** Names, numbers and punctuation. */
const AROUND_BYTES = 1024
