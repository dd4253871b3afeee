// An answer that succeeded as it stands: its outcome is made when somebody asks for it, and as JSON it is copied together.

import { isPlainText } from '../core/json-text.ts'
import { type Outcome, outcomeUsage } from '../core/result.ts'
import { unquoteInto } from '../core/text-bytes.ts'
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
  readonly carried: Pick<Carried, 'attempts' | 'rounds' | 'usage' | 'costUsd'>
  /** Memory in which its text lies, still escaped: from the first byte between the quotes to the one after the last. */
  readonly bytes: Buffer
  readonly textStart: number
  readonly textEnd: number
  /** Whether the text is the very JSON that its output is written as. */
  readonly isOutput: boolean
  /** JSON text. */
  readonly row: Buffer
}

const CLOSE = 125
/** A UTF-16 unit is at most three bytes of UTF-8, and as an escape six. */
const UNIT_BYTES = 6
/** Names, numbers and punctuation. */
const AROUND_BYTES = 1024
/** A custom_id has at most 64 characters. */
const MOST_ID_UNITS = 64
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

/** Bytes that its JSON takes at most. */
export function mostBytes(context: RunContext, answered: PlainAnswered): number {
  const { key, batchId, stopReason, model, row } = answered
  // The custom_id is made of the key, is the key, or is that of an earlier run.
  const words = 2 * key.length + MOST_ID_UNITS + batchId.length + stopReason.length + model.length
  // With a schema the output is written anew, which makes no character longer than an escape.
  const isCopied = context.schema === undefined || answered.isOutput
  const texts = (answered.textEnd - answered.textStart) * (isCopied ? 2 : 1 + UNIT_BYTES)
  return texts + row.length + words * UNIT_BYTES + AROUND_BYTES
}

/** Writes its JSON and answers where it ends: the bytes that JSON.stringify makes of the outcome, or an equal text. */
export function writePlain(context: RunContext, answered: PlainAnswered, into: Buffer, start: number): number {
  const { bytes, textStart, textEnd, row, carried, key, customId } = answered
  let at = start
  // What is all ASCII is written a byte a letter, in a fraction of the time of UTF-8.
  if (isPlainText(key) && isPlainText(customId)) {
    at += into.write(`{"key":"${key}","custom_id":"${customId}","status":"succeeded","output":`, at, 'latin1')
  } else {
    const [quotedKey, quotedId] = [JSON.stringify(key), JSON.stringify(customId)]
    at += into.write(`{"key":${quotedKey},"custom_id":${quotedId},"status":"succeeded","output":`, at)
  }
  const output = at
  const isText = context.schema === undefined
  if (isText) at += bytes.copy(into, at, textStart - 1, textEnd + 1)
  else if (answered.isOutput) at = unquoteInto(bytes, textStart, textEnd, into, at)
  else at += into.write(JSON.stringify(outputOfText(context, unquoted(bytes, textStart, textEnd))), at)
  const outputEnd = at
  into.set(BEFORE_TEXT, at)
  at += BEFORE_TEXT.length
  if (isText) {
    // The same once more, from where it stands in the processor's cache.
    into.copyWithin(at, output, outputEnd)
    at += outputEnd - output
  } else at += bytes.copy(into, at, textStart - 1, textEnd + 1)
  const { usage, costUsd, attempts, rounds } = carried
  const { inputTokens, outputTokens, cacheCreationInputTokens, cacheReadInputTokens } = usage
  const { stopReason, model, batchId } = answered
  const about =
    `,"usage":{"input_tokens":${inputTokens},"output_tokens":${outputTokens},"cache_creation_input_tokens":${cacheCreationInputTokens},` +
    `"cache_read_input_tokens":${cacheReadInputTokens}},"cost_usd":${costUsd},"attempts":${attempts},"rounds":${rounds},"batch_id":`
  if (isPlainText(stopReason) && isPlainText(model) && isPlainText(batchId)) {
    at += into.write(
      `,"stop_reason":"${stopReason}","model":"${model}"${about}"${batchId}","error":null,"row":`,
      at,
      'latin1',
    )
  } else {
    const [stop, by, batch] = [stopReason, model, batchId].map((text) => JSON.stringify(text))
    at += into.write(`,"stop_reason":${stop},"model":${by}${about}${batch},"error":null,"row":`, at)
  }
  at += row.copy(into, at)
  into[at] = CLOSE
  return at + 1
}
