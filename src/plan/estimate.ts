// What a request will cost before it is sent. An estimate by size: the true count comes with each answer's usage.

import type { Job } from '../core/job.ts'
import { NO_USAGE } from '../core/result.ts'
import type { Estimate } from '../core/run.ts'
import type { ModelSpec, Provider } from '../provider/provider.ts'

/** Bytes of UTF-8 text for one token, over English, German, Chinese and JSON alike (measured on proxies, within 30 %). */
const BYTES_PER_TOKEN = 3.5
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

/** Adds up requests; the price band of a request is chosen by its own size. */
export function createEstimator(provider: Provider, model: ModelSpec | undefined, job: Job): Estimator {
  return new Estimator(provider, model, maxOutputTokensOf(job))
}

export class Estimator {
  readonly #provider: Provider
  readonly #model: ModelSpec | undefined
  readonly maxOutputTokens: number
  #inputTokens = 0
  #requests = 0
  #usd = 0
  #usdMax = 0
  #priced = true

  constructor(provider: Provider, model: ModelSpec | undefined, maxOutputTokens: number) {
    this.#provider = provider
    this.#model = model
    this.maxOutputTokens = maxOutputTokens
  }

  add(inputTokens: number): void {
    this.#inputTokens += inputTokens
    this.#requests += 1
    const likely = this.#cost(inputTokens, this.maxOutputTokens * LIKELY_OUTPUT_SHARE)
    const most = this.#cost(inputTokens, this.maxOutputTokens)
    if (likely === null || most === null) this.#priced = false
    else {
      this.#usd += likely
      this.#usdMax += most
    }
  }

  total(): Estimate {
    return {
      inputTokens: this.#inputTokens,
      outputTokensMax: this.#requests * this.maxOutputTokens,
      usd: this.#priced ? this.#usd : null,
      usdMax: this.#priced ? this.#usdMax : null,
    }
  }

  #cost(inputTokens: number, outputTokens: number): number | null {
    return this.#provider.cost(this.#model, { ...NO_USAGE, inputTokens, outputTokens }, true)
  }
}
