// A histogram that is filled one value at a time: its bins are powers of two apart, so it needs no second look at the data.

export interface Bin {
  /** Values from here (inclusive) … */
  readonly from: number
  /** … to here (exclusive). */
  readonly to: number
  readonly count: number
}

export class LogBins {
  readonly #counts = new Map<number, number>()
  zeros = 0
  values = 0
  sum = 0
  max = 0

  /** Negative values and those that are not finite count as zero. */
  add(value: number): void {
    this.values += 1
    if (!(value > 0) || !Number.isFinite(value)) {
      this.zeros += 1
      return
    }
    this.sum += value
    if (value > this.max) this.max = value
    const exponent = exponentOf(value)
    this.#counts.set(exponent, (this.#counts.get(exponent) ?? 0) + 1)
  }

  /** Every bin between the least and the greatest value, empty ones included; zeros are in none of them. */
  bins(): Bin[] {
    const exponents = [...this.#counts.keys()]
    if (exponents.length === 0) return []
    const first = Math.min(...exponents)
    const last = Math.max(...exponents)
    return Array.from({ length: last - first + 1 }, (_, at) => {
      const exponent = first + at
      return { from: 2 ** exponent, to: 2 ** (exponent + 1), count: this.#counts.get(exponent) ?? 0 }
    })
  }

  /** The upper end of the bin in which the value of that rank lies (0.5: the median): exact to a factor of two. */
  atMost(share: number): number {
    let left = Math.ceil(share * this.values) - this.zeros
    if (left <= 0) return 0
    for (const bin of this.bins()) {
      left -= bin.count
      if (left <= 0) return Math.min(bin.to, this.max)
    }
    return this.max
  }
}

/** The power of two at or below the value; Math.log2 alone may err by one at the powers themselves. */
function exponentOf(value: number): number {
  const guess = Math.floor(Math.log2(value))
  if (2 ** guess > value) return guess - 1
  return 2 ** (guess + 1) <= value ? guess + 1 : guess
}
