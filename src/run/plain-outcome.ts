// An answer that succeeded as it stands: its outcome is made when somebody asks for it, and as JSON it is copied together.

import type { OutcomeText } from '../core/outcome-text.ts'
import { type Outcome, outcomeUsage } from '../core/result.ts'
import { unquoted } from '../core/unquoted.ts'
import { type Carried, parseRowFields } from './carried.ts'
import { outputOfText } from './check-output.ts'
import type { RunContext } from './ports.ts'

/** What such an outcome is made of. */
export interface PlainAnswered {
  readonly key: string
  readonly customId: string
  readonly batchId: string
  readonly stopReason: string
  readonly model: string
  readonly carried: Carried
  /** Memory in which its text lies, still escaped: from the first byte between the quotes to the one after the last. */
  readonly bytes: Buffer
  readonly textStart: number
  readonly textEnd: number
  /** JSON text. */
  readonly row: Buffer
}

const CLOSE = 125
/** A UTF-16 unit is at most three bytes of UTF-8, and as an escape six. */
const UNIT_BYTES = 6
/** Names, numbers and punctuation. */
const AROUND_BYTES = 1024
const BEFORE_TEXT = Buffer.from(',"text":')

export function plainOutcome(context: RunContext, answered: PlainAnswered): Outcome {
  const { bytes, textStart, textEnd, carried } = answered
  const text = unquoted(bytes, textStart, textEnd)
  return {
    key: answered.key,
    custom_id: answered.customId,
    status: 'succeeded',
    output: outputOfText(context, text),
    text,
    stop_reason: answered.stopReason,
    model: answered.model,
    usage: outcomeUsage(carried.usage),
    cost_usd: carried.costUsd,
    attempts: carried.attempts,
    rounds: carried.rounds,
    batch_id: answered.batchId,
    error: null,
    row: parseRowFields(answered.row.toString('utf8')),
  }
}

export function plainText(context: RunContext, answered: PlainAnswered): OutcomeText {
  const { key, customId, batchId, stopReason, model, bytes, textStart, textEnd, row } = answered
  const words = key.length + customId.length + batchId.length + stopReason.length + model.length
  // With a schema the output is written anew, which makes no character longer than an escape.
  const texts = (textEnd - textStart) * (context.schema === undefined ? 2 : 1 + UNIT_BYTES)
  return {
    most: texts + row.length + words * UNIT_BYTES + AROUND_BYTES,
    write(into, start) {
      const { usage, costUsd, attempts, rounds } = answered.carried
      const names = `{"key":${JSON.stringify(key)},"custom_id":${JSON.stringify(customId)}`
      let at = start + into.write(`${names},"status":"succeeded","output":`, start)
      if (context.schema === undefined) at += bytes.copy(into, at, textStart - 1, textEnd + 1)
      else at += into.write(JSON.stringify(outputOfText(context, unquoted(bytes, textStart, textEnd))), at)
      at += BEFORE_TEXT.copy(into, at)
      at += bytes.copy(into, at, textStart - 1, textEnd + 1)
      const { inputTokens, outputTokens, cacheCreationInputTokens, cacheReadInputTokens } = usage
      at += into.write(
        `,"stop_reason":"${stopReason}","model":"${model}","usage":{"input_tokens":${inputTokens},"output_tokens":${outputTokens},` +
          `"cache_creation_input_tokens":${cacheCreationInputTokens},"cache_read_input_tokens":${cacheReadInputTokens}},` +
          `"cost_usd":${costUsd},"attempts":${attempts},"rounds":${rounds},"batch_id":${JSON.stringify(batchId)},"error":null,"row":`,
        at,
      )
      at += row.copy(into, at)
      into[at] = CLOSE
      return at + 1
    },
  }
}
