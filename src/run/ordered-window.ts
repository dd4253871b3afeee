// Work that overlaps, its results taken in the order in which it was begun.

/** Rows that may be held at once. */
const MAX_HELD = 128
/** Bytes of the requests that may be held at once. */
const MAX_HELD_BYTES = 64_000_000

export class OrderedWindow<Value> {
  readonly #take: (value: Value) => Promise<void>
  readonly #held: { readonly value: Value | Promise<Value>; readonly bytes: number }[] = []
  #heldBytes = 0

  /** @param take is given the values one at a time, each when the one before it has been taken */
  constructor(take: (value: Value) => Promise<void>) {
    this.#take = take
  }

  /** Resolves when there is room for more. Throws what the oldest work throws. */
  async add(value: Value | Promise<Value>, bytes: number): Promise<void> {
    if (value instanceof Promise) {
      // Whoever waits for it hears of its failure; until then nobody does, which is no reason to end the process.
      value.catch(() => undefined)
    } else if (this.#held.length === 0) return this.#take(value)
    this.#held.push({ value, bytes })
    this.#heldBytes += bytes
    while (this.#held.length >= MAX_HELD || this.#heldBytes > MAX_HELD_BYTES) await this.#takeFirst()
  }

  /** Takes everything that is held. */
  async drain(): Promise<void> {
    while (this.#held.length > 0) await this.#takeFirst()
  }

  /** Waits until nothing is under way any more, and takes nothing. */
  async abandon(): Promise<void> {
    await Promise.allSettled(this.#held.map(({ value }) => value))
    this.#held.length = 0
  }

  async #takeFirst(): Promise<void> {
    const [first] = this.#held
    if (first === undefined) return
    const value = await first.value
    this.#held.shift()
    this.#heldBytes -= first.bytes
    await this.#take(value)
  }
}
