// Which requests of a plan are counted by the provider, to see how good the estimate is.

/** Enough to know how a job's texts come out in tokens: its requests have one template. */
const WANTED = 8

/** One request of the sample: its position among the plan's requests, and its estimated tokens. */
export interface SampledRequest {
  readonly position: number
  readonly inputTokens: number
}

/** Every n-th request, n doubling as they come, so that WANTED to twice as many are known however many there are. */
export class CountSample {
  #every = 1
  #requests: SampledRequest[] = []

  add(position: number, inputTokens: number): void {
    if (position % this.#every !== 0) return
    this.#requests.push({ position, inputTokens })
    if (this.#requests.length < 2 * WANTED) return
    this.#every *= 2
    this.#requests = this.#requests.filter((request) => request.position % this.#every === 0)
  }

  get requests(): readonly SampledRequest[] {
    return this.#requests
  }
}
