/** Runs tasks several at a time and hands on the first error. */
export class InFlight {
  readonly #limit: number
  readonly #tasks = new Set<Promise<void>>()
  #failure: { readonly error: unknown } | undefined

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Starts the task once there is room. Throws what an earlier task threw. */
  async start(task: () => Promise<void>): Promise<void> {
    while (this.#tasks.size >= this.#limit) await Promise.race(this.#tasks)
    this.#throwFailure()
    const running: Promise<void> = task()
      .catch((error: unknown) => {
        this.#failure ??= { error }
      })
      .finally(() => this.#tasks.delete(running))
    this.#tasks.add(running)
  }

  /** Waits for everything that was started; then throws what one of them threw. */
  async settle(): Promise<void> {
    await Promise.all(this.#tasks)
    this.#throwFailure()
  }

  #throwFailure(): void {
    const failure = this.#failure
    this.#failure = undefined
    if (failure !== undefined) throw failure.error
  }
}
