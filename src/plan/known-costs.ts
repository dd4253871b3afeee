import type { Measure } from './estimate.ts'

/** Lengths that are remembered. */
const REMEMBERED = 10_000

/** Among many requests of nothing but text most have a length that another had before, and cost the same. */
export class KnownCosts<Costs> {
  readonly #costsOf: (measure: Measure) => Costs
  readonly #known = new Map<
    number,
    { readonly schemaBytes: number; readonly messages: number; readonly costs: Costs }
  >()

  constructor(costsOf: (measure: Measure) => Costs) {
    this.#costsOf = costsOf
  }

  of(measure: Measure): Costs {
    const { inputBytes, schemaBytes, messages, pdfPages, pdfTextBytes, imageTokens, unseenDocuments } = measure
    if (pdfPages + pdfTextBytes + imageTokens + unseenDocuments > 0) return this.#costsOf(measure)
    const known = this.#known.get(inputBytes)
    if (known !== undefined && known.schemaBytes === schemaBytes && known.messages === messages) return known.costs
    const costs = this.#costsOf(measure)
    if (this.#known.size >= REMEMBERED) this.#known.clear()
    this.#known.set(inputBytes, { schemaBytes, messages, costs })
    return costs
  }
}
