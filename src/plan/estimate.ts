// What a request will cost before it is sent. An estimate by size: the true count comes with each answer's usage.

import type { Job } from '../core/job.ts'
import { NO_USAGE } from '../core/result.ts'
import type { Estimate } from '../core/run.ts'
import { runsTools } from '../core/runs-tools.ts'
import type { ModelSpec, Provider } from '../provider/provider.ts'

/** Bytes of UTF-8 text for one token, over English, German, Chinese and JSON alike (measured on proxies, within 30 %). */
export const BYTES_PER_TOKEN = 3.5
/** Text and picture of one PDF page (Anthropic's documentation: 1,500 to 3,000 tokens of text a page, plus its image). */
const TOKENS_PER_PDF_PAGE = 2250
/** What every request carries besides its texts. */
const TOKENS_PER_REQUEST = 8

/** What the renderer measured of one request. */
export interface Measure {
  readonly inputBytes: number
  readonly pdfPages: number
  readonly imageTokens: number
}

export function inputTokensOf(measure: Measure): number {
  return Math.ceil(
    measure.inputBytes / BYTES_PER_TOKEN +
      measure.pdfPages * TOKENS_PER_PDF_PAGE +
      measure.imageTokens +
      TOKENS_PER_REQUEST,
  )
}

/** The job's `params.max_tokens`. */
export function maxOutputTokensOf(job: Job): number {
  const value = job.params.max_tokens
  return typeof value === 'number' ? value : 0
}

/** Share of max_tokens that an answer typically uses when nothing better is known. */
const LIKELY_OUTPUT_SHARE = 0.25

/**
 * Rounds of a job whose tools are run: typically one call and then the answer, at most `max_rounds`. A round reads
 * again what all rounds before it said and were told, so its input grows with each.
 */
const LIKELY_ROUNDS = 2
/** Tokens of the results of one round. Nobody knows them before; "at most" is meant with results within this size. */
const LIKELY_RESULT_TOKENS = 300
const LARGE_RESULT_TOKENS = 2000

interface Rounds {
  readonly likely: number
  readonly most: number
}

function roundsOf(job: Job): Rounds {
  if (!runsTools(job)) return { likely: 1, most: 1 }
  return { likely: Math.min(LIKELY_ROUNDS, job.maxRounds), most: job.maxRounds }
}

/** Adds up requests; the price band of a request is chosen by its own size. */
export function createEstimator(provider: Provider, model: ModelSpec | undefined, job: Job): Estimator {
  return new Estimator(provider, model, maxOutputTokensOf(job), roundsOf(job))
}

export class Estimator {
  readonly #provider: Provider
  readonly #model: ModelSpec | undefined
  readonly maxOutputTokens: number
  readonly #rounds: Rounds
  #inputTokens = 0
  #requests = 0
  #usd = 0
  #usdMax = 0
  #priced = true

  constructor(provider: Provider, model: ModelSpec | undefined, maxOutputTokens: number, rounds: Rounds) {
    this.#provider = provider
    this.#model = model
    this.maxOutputTokens = maxOutputTokens
    this.#rounds = rounds
  }

  /** @param inputTokens of the row's first request */
  add(inputTokens: number): void {
    this.#requests += 1
    const likelyOutput = this.maxOutputTokens * LIKELY_OUTPUT_SHARE
    for (let round = 0; round < this.#rounds.likely; round += 1) {
      const input = Math.ceil(inputTokens + round * (likelyOutput + LIKELY_RESULT_TOKENS))
      this.#inputTokens += input
      this.#usd += this.#cost(input, likelyOutput)
    }
    for (let round = 0; round < this.#rounds.most; round += 1) {
      const input = inputTokens + round * (this.maxOutputTokens + LARGE_RESULT_TOKENS)
      this.#usdMax += this.#cost(input, this.maxOutputTokens)
    }
  }

  total(): Estimate {
    return {
      inputTokens: this.#inputTokens,
      outputTokensMax: this.#requests * this.maxOutputTokens * this.#rounds.most,
      usd: this.#priced ? this.#usd : null,
      usdMax: this.#priced ? this.#usdMax : null,
    }
  }

  #cost(inputTokens: number, outputTokens: number): number {
    const usd = this.#provider.cost(this.#model, { ...NO_USAGE, inputTokens, outputTokens }, true)
    if (usd === null) this.#priced = false
    return usd ?? 0
  }
}
