// An answer that succeeded as it stands: its outcome is made when somebody asks for it, and as JSON it is copied together.

import { CustomIdWriter } from '../core/custom-id.ts'
import { ViewOf } from '../core/four-bytes.ts'
import { Copier, putAscii, putNumber } from '../core/put-bytes.ts'
import { NO_USAGE, type Outcome, outcomeUsage } from '../core/result.ts'
import { unquoteInto } from '../core/text-bytes.ts'
import { unquoted } from '../core/unquoted.ts'
import { Words } from '../core/words.ts'
import { type Carried, parseRowFields } from './carried.ts'
import { outputOfText } from './check-output.ts'
import type { RunContext } from './ports.ts'

/** What a row used and cost, and how often it was asked. */
export type Spent = Pick<Carried, 'attempts' | 'rounds' | 'usage' | 'costUsd'>

/** What such an outcome is made of. */
export interface PlainAnswered {
  readonly key: string
  readonly customId: string
  /** Writes the key and the custom_id, each as JSON with its name, behind the brace that opens the outcome; answers where they end. */
  writeNames(into: Buffer, at: number): number
  /** Bytes that they take at most. */
  readonly namesMost: number
  readonly batchId: string
  readonly stopReason: string
  readonly model: string
  readonly spent: Spent
  /** Memory in which its text lies, still escaped: from the first byte between the quotes to the one after the last. */
  readonly bytes: Buffer
  readonly textStart: number
  readonly textEnd: number
  /** Whether the text is the very JSON that its output is written as. */
  readonly isOutput: boolean
  /** Memory in which the row's fields lie, JSON text, and where. */
  readonly rowBytes: Buffer
  readonly rowStart: number
  readonly rowEnd: number
}

const OPEN = 123
const CLOSE = 125
/** A UTF-16 unit is at most three bytes of UTF-8, and as an escape six. */
const UNIT_BYTES = 6
/** Names, numbers and punctuation. */
const AROUND_BYTES = 1024
const STATUS = wordsOf(',"status":"succeeded","output":')
const TEXT = wordsOf(',"text":')
const OUTPUT_TOKENS = wordsOf(',"output_tokens":')
const CACHE_CREATION = wordsOf(',"cache_creation_input_tokens":')
const CACHE_READ = wordsOf(',"cache_read_input_tokens":')
const COST = wordsOf('},"cost_usd":')
const ATTEMPTS = wordsOf(',"attempts":')
const ROUNDS = wordsOf(',"rounds":')

export function plainOutcome(context: RunContext, answered: PlainAnswered): Outcome {
  const { bytes, textStart, textEnd, spent } = answered
  const text = unquoted(bytes, textStart, textEnd)
  return {
    key: answered.key,
    custom_id: answered.customId,
    status: 'succeeded',
    output: outputOfText(context, text),
    text,
    stop_reason: answered.stopReason,
    model: answered.model,
    usage: outcomeUsage(spent.usage),
    cost_usd: spent.costUsd,
    attempts: spent.attempts,
    rounds: spent.rounds,
    batch_id: answered.batchId,
    error: null,
    row: parseRowFields(answered.rowBytes.toString('utf8', answered.rowStart, answered.rowEnd)),
  }
}

function wordsOf(text: string): Words {
  return new Words(Buffer.from(text))
}

/** `"key":…,"custom_id":…`, for `PlainAnswered`. */
export function writeNames(key: string, customId: string, into: Buffer, at: number): number {
  return at + into.write(`"key":${JSON.stringify(key)},"custom_id":${JSON.stringify(customId)}`, at)
}

/** Bytes that these take at most. */
export function mostNames(key: string, customId: string): number {
  return (key.length + customId.length) * UNIT_BYTES + AROUND_BYTES
}

/** Writes such outcomes as JSON. What many of them have in common it makes once. */
export class PlainWriter {
  readonly context: RunContext
  /** undefined: custom_ids are the keys. */
  readonly ids: CustomIdWriter | undefined
  /** What stands between the text and the numbers, of the model and the stop reason that came last. */
  #about: { readonly stopReason: string; readonly model: string; readonly text: Words } | undefined
  /** What stands before the row, of the batch that came last. */
  #end: { readonly batchId: string; readonly text: Words } | undefined
  readonly #views = new ViewOf()
  readonly #texts = new Copier()
  readonly #rows = new Copier()
  /** Of the memory that is written into, and where in it that begins. */
  #view: DataView = new DataView(new ArrayBuffer(0))
  #offset = 0
  /** What a row that was asked once has spent; good until the next one is asked for it. */
  readonly spent = { attempts: 1, rounds: 1, usage: NO_USAGE, costUsd: null as number | null }
  readonly usage = { ...NO_USAGE }

  constructor(context: RunContext) {
    this.context = context
    const { job, tag } = context.header
    this.ids = job.batch.customId === 'exact' ? undefined : new CustomIdWriter(tag)
  }

  /** Bytes that its JSON takes at most. */
  most(answered: PlainAnswered): number {
    const { namesMost, batchId, stopReason, model, rowStart, rowEnd } = answered
    const words = batchId.length + stopReason.length + model.length
    // With a schema the output is written anew, which makes no character longer than an escape.
    const isCopied = this.context.schema === undefined || answered.isOutput
    const texts = (answered.textEnd - answered.textStart) * (isCopied ? 2 : 1 + UNIT_BYTES)
    return namesMost + texts + rowEnd - rowStart + words * UNIT_BYTES + AROUND_BYTES
  }

  /** Answers where it ends: the bytes that JSON.stringify makes of the outcome, or an equal text. */
  write(answered: PlainAnswered, into: Buffer, start: number): number {
    this.#view = this.#views.get(into)
    this.#offset = this.#views.offset
    into[start] = OPEN
    let at = answered.writeNames(into, start + 1)
    at = this.put(STATUS, at)
    at = this.#writeTexts(answered, into, at)
    const { usage, costUsd, attempts, rounds } = answered.spent
    at = this.put(this.#aboutOf(answered.stopReason, answered.model), at)
    at = putNumber(usage.inputTokens, into, at)
    at = this.put(OUTPUT_TOKENS, at)
    at = putNumber(usage.outputTokens, into, at)
    at = this.put(CACHE_CREATION, at)
    at = putNumber(usage.cacheCreationInputTokens, into, at)
    at = this.put(CACHE_READ, at)
    at = putNumber(usage.cacheReadInputTokens, into, at)
    at = this.put(COST, at)
    at = putAscii(String(costUsd), into, at)
    at = this.put(ATTEMPTS, at)
    at = putNumber(attempts, into, at)
    at = this.put(ROUNDS, at)
    at = putNumber(rounds, into, at)
    at = this.put(this.#endOf(answered.batchId), at)
    at = this.#rows.copy(answered.rowBytes, answered.rowStart, answered.rowEnd, into, at)
    into[at] = CLOSE
    return at + 1
  }

  /** Into what is being written; answers where it ends. */
  put(text: Words, at: number): number {
    return text.put(this.#view, this.#offset + at) - this.#offset
  }

  /** The output and the text. */
  #writeTexts(answered: PlainAnswered, into: Buffer, start: number): number {
    const { bytes, textStart, textEnd } = answered
    if (this.context.schema === undefined) {
      const outputEnd = start + textEnd + 2 - textStart
      const text = this.put(TEXT, outputEnd)
      this.#texts.copyTwice(bytes, textStart - 1, textEnd + 1, into, start, text)
      return text + outputEnd - start
    }
    const outputEnd = answered.isOutput
      ? unquoteInto(bytes, textStart, textEnd, into, start)
      : start + into.write(JSON.stringify(outputOfText(this.context, unquoted(bytes, textStart, textEnd))), start)
    return this.#texts.copy(bytes, textStart - 1, textEnd + 1, into, this.put(TEXT, outputEnd))
  }

  #aboutOf(stopReason: string, model: string): Words {
    if (this.#about === undefined || stopReason !== this.#about.stopReason || model !== this.#about.model) {
      const [stop, by] = [stopReason, model].map((text) => JSON.stringify(text))
      const text = wordsOf(`,"stop_reason":${stop},"model":${by},"usage":{"input_tokens":`)
      this.#about = { stopReason, model, text }
    }
    return this.#about.text
  }

  #endOf(batchId: string): Words {
    if (batchId !== this.#end?.batchId) {
      this.#end = { batchId, text: wordsOf(`,"batch_id":${JSON.stringify(batchId)},"error":null,"row":`) }
    }
    return this.#end.text
  }
}
