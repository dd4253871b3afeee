/**
 * What a request will cost before it is sent: an estimate, for people, and a bound that no count may exceed, for the
 * budget. The true count comes with each answer's usage.
 *
 * How the estimate was calibrated, and what it cannot know, is told in docs/cost.md.
 */
import { answerRoom } from '../core/answer-room.ts'
import type { Estimate, EstimateBasis } from '../core/estimate.ts'
import type { Job } from '../core/job.ts'
import { type Billing, NO_USAGE, type Usage } from '../core/result.ts'
import type { CachedPrefix } from '../prompt/cached-prefix.ts'
import type { ReadAmount } from '../prompt/read-amount.ts'
import { usageBoundOf } from '../prompt/usage-bound.ts'
import type { ModelSpec, Provider } from '../provider/provider.ts'
import { answerSize } from './answer-size.ts'
import { CacheForecast } from './cache-forecast.ts'
import { CountSample } from './count-sample.ts'
import { KnownCosts } from './known-costs.ts'
import { LARGE_RESULT_TOKENS, likelyRoundTokens, mostTurns, type Rounds, roundsOf, type Turn } from './turns.ts'

/** Bytes of UTF-8 text for one token where the model's own rate is not known. */
export const BYTES_PER_TOKEN = 3.5
/** The picture of a PDF page; its text is counted beside it. */
const TOKENS_PER_PDF_PAGE = 1500
/** The marks around a message. */
const TOKENS_PER_MESSAGE = 4
/** Pages of a document that nobody has seen, and the text of each: a quarter of a full page, as documented. */
const UNSEEN_PAGES = 5
const UNSEEN_PAGE_TEXT_TOKENS = 750

/** How far the truth may lie below and above the estimate of input tokens. */
const LOW = 0.8
const HIGH = 1.3

/** What the renderer measured of one request. */
export interface Measure extends ReadAmount {
  readonly messages: number
  /** Bytes of the schema among `inputBytes`: providers do not say how they count it. */
  readonly schemaBytes: number
  readonly cached?: CachedPrefix
}

export interface InputTokens {
  readonly low: number
  readonly likely: number
  readonly high: number
}

export function inputTokensOf(measure: Measure, model: ModelSpec | undefined): InputTokens {
  const { inputBytes, schemaBytes, pdfPages, pdfTextBytes, unseenDocuments, messages } = measure
  const rate = model?.bytesPerToken ?? BYTES_PER_TOKEN
  const likely =
    (inputBytes - schemaBytes + pdfTextBytes) / rate +
    pdfPages * TOKENS_PER_PDF_PAGE +
    unseenDocuments * UNSEEN_PAGES * (TOKENS_PER_PDF_PAGE + UNSEEN_PAGE_TEXT_TOKENS) +
    measure.imageTokens +
    messages * TOKENS_PER_MESSAGE
  return {
    low: Math.floor(likely * LOW),
    likely: Math.ceil(likely),
    high: Math.ceil(likely * HIGH + schemaBytes / rate),
  }
}

/** Share of max_tokens that an answer typically uses when nothing says better, and where that share ends. */
const LIKELY_OUTPUT_SHARE = 0.25
const LIKELY_OUTPUT_AT_MOST = 800
/** How far a shorter answer may lie below the likely one, where no schema tells. */
const LOW_OUTPUT_SHARE = 0.25

/** Tokens of one answer: as an earlier run had them, else as the schema lets expect, else a share of max_tokens. */
function outputOf(job: Job, model: ModelSpec | undefined, usual: number | undefined): { low: number; likely: number } {
  if (usual !== undefined) return { low: usual * LOW, likely: usual }
  const most = answerRoom(job, 0)
  if (job.output === undefined) {
    const likely = Math.min(most * LIKELY_OUTPUT_SHARE, LIKELY_OUTPUT_AT_MOST)
    return { low: likely * LOW_OUTPUT_SHARE, likely }
  }
  const rate = model?.bytesPerToken ?? BYTES_PER_TOKEN
  const { low, likely } = answerSize(job.output.schema)
  return { low: low / rate, likely: Math.min(most, likely / rate) }
}

/** @param usualOutputTokens of one request, where an earlier run of the job tells */
export function createEstimator(
  provider: Provider,
  model: ModelSpec | undefined,
  job: Job,
  usualOutputTokens?: number,
): Estimator {
  return new Estimator(provider, model, job, usualOutputTokens)
}

/** What one request costs: likely, at most with all its turns, and its first trip at most. USD. */
interface Costs {
  readonly input: InputTokens
  readonly usd: number
  readonly usdMax: number
  readonly boundUsd: number
}

/** Adds up requests; the price band of a request is chosen by its own size. */
export class Estimator {
  readonly #provider: Provider
  readonly #model: ModelSpec | undefined
  readonly #billing: Billing
  readonly maxOutputTokens: number
  readonly #likelyOutput: number
  readonly #lowOutput: number
  readonly #rounds: Rounds
  readonly #mostTurns: readonly Turn[]
  readonly #boundOf: ReturnType<typeof usageBoundOf>
  readonly #cache: CacheForecast
  readonly #costs = new KnownCosts((measure) => this.#costsOf(measure))
  #low = 0
  #likely = 0
  #high = 0
  #requests = 0
  #usd = 0
  #usdMax = 0
  #mayNotFit = 0
  #priced = true
  /** Of the requests alone, without what is said and returned between rounds. */
  #sent = 0
  #sentHigh = 0
  readonly #sample = new CountSample()

  constructor(provider: Provider, model: ModelSpec | undefined, job: Job, usualOutputTokens: number | undefined) {
    this.#provider = provider
    this.#model = model
    this.#billing = provider.billing(job.params)
    this.maxOutputTokens = answerRoom(job, 0)
    const output = outputOf(job, model, usualOutputTokens)
    this.#likelyOutput = Math.min(this.maxOutputTokens, Math.ceil(output.likely))
    this.#lowOutput = Math.min(this.#likelyOutput, Math.ceil(output.low))
    this.#rounds = roundsOf(job)
    this.#mostTurns = mostTurns(job, this.#rounds.most)
    this.#boundOf = usageBoundOf(job)
    this.#cache = new CacheForecast(provider, model, this.#billing)
  }

  /** Answers what the first trip of the request costs at most, USD; 0 where the price is unknown. */
  add(measure: Measure): { readonly inputTokens: number; readonly boundUsd: number } {
    const { input, usd, usdMax, boundUsd } = this.#costs.of(measure)
    this.#sample.add(this.#requests, input.likely)
    this.#requests += 1
    if (input.high > (this.#model?.contextTokens ?? input.high)) this.#mayNotFit += 1
    this.#sent += input.likely
    this.#sentHigh += input.high
    const calls = likelyRoundTokens(this.#likelyOutput)
    for (let round = 0; round < this.#rounds.likely; round += 1) {
      const before = round * calls
      this.#low += input.low
      this.#likely += input.likely + before
      this.#high += input.high + round * (this.maxOutputTokens + LARGE_RESULT_TOKENS)
    }
    this.#usd += usd
    this.#usdMax += usdMax
    if (measure.cached !== undefined) {
      const prefix = inputTokensOf({ ...measure.cached, schemaBytes: 0, messages: 0 }, this.#model)
      this.#cache.add(measure.cached, Math.min(prefix.likely, input.likely), input.likely)
    }
    return { inputTokens: input.likely, boundUsd }
  }

  #costsOf(measure: Measure): Costs {
    const input = inputTokensOf(measure, this.#model)
    let usd = 0
    for (let round = 0; round < this.#rounds.likely; round += 1) {
      const inputTokens = input.likely + round * likelyRoundTokens(this.#likelyOutput)
      usd += this.#cost({ ...NO_USAGE, inputTokens, outputTokens: this.#likelyOutput })
    }
    let usdMax = 0
    for (const { before, room } of this.#mostTurns) {
      usdMax += this.#cost({ ...NO_USAGE, inputTokens: input.high + before, outputTokens: room })
    }
    return { input, usd, usdMax, boundUsd: this.#cost(this.#boundOf(measure, this.maxOutputTokens)) }
  }

  total(): Estimate {
    const cache = this.#cache.total()
    return {
      inputTokens: this.#likely,
      inputTokensLow: this.#low,
      inputTokensHigh: this.#high,
      outputTokens: this.#requests * this.#likelyOutput * this.#rounds.likely,
      outputTokensLow: this.#requests * this.#lowOutput,
      outputTokensMax: this.#requests * this.maxOutputTokens * this.#rounds.most,
      usd: this.#priced ? this.#usd - (cache?.savedUsd ?? 0) : null,
      usdMax: this.#priced ? this.#usdMax + (cache?.extraUsdMax ?? 0) * this.#mostTurns.length : null,
      ...(cache === undefined ? {} : { cache }),
      ...(this.#mayNotFit === 0 ? {} : { mayNotFit: this.#mayNotFit }),
      basis: this.#basis(),
    }
  }

  #basis(): EstimateBasis {
    const output = this.#requests * this.#likelyOutput * this.#rounds.likely
    const turns = this.#mostTurns
    const inputMost =
      this.#sentHigh * turns.length + this.#requests * turns.reduce((sum, { before }) => sum + before, 0)
    const outputMost = this.#requests * turns.reduce((sum, { room }) => sum + room, 0)
    return {
      inputTokens: this.#sent * this.#rounds.likely,
      inputTokensHigh: this.#sentHigh * this.#rounds.likely,
      requestTokens: this.#sent,
      inputShare: this.#inputShare(this.#likely, output),
      inputShareMax: this.#inputShare(inputMost, outputMost),
      sample: this.#sample.requests,
    }
  }

  /** In the lowest band; in the others input and output are dearer alike. */
  #inputShare(inputTokens: number, outputTokens: number): number {
    const input = inputTokens * this.#cost({ ...NO_USAGE, inputTokens: 1000 })
    const output = outputTokens * this.#cost({ ...NO_USAGE, outputTokens: 1000 })
    return input === 0 ? 0 : input / (input + output)
  }

  #cost(usage: Usage): number {
    const usd = this.#provider.cost(this.#model, usage, this.#billing)
    if (usd === null) this.#priced = false
    return usd ?? 0
  }
}
