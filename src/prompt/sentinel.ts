// A body is built once with stand-ins for what varies, and cut where they stand.

import { invariant } from '../core/errors.ts'

/** Where JSON text is cut: `text` with the quotes around the stand-in, `inside` between them. */
export type Cut = 'text' | 'inside'

export interface Split {
  /** One more than there are stand-ins. */
  readonly texts: readonly string[]
  /** For each gap between the texts the index of the stand-in that stood there. */
  readonly order: readonly number[]
}

/** Makes stand-ins that occur nowhere in the given texts. JSON writes them as they are. */
export function createSentinels(avoid: Iterable<string>): (index: number) => string {
  const texts = [...avoid]
  let salt = 0
  while (texts.some((text) => text.includes(`@@slot-${salt}-`))) salt += 1
  return (index) => `@@slot-${salt}-${index}@@`
}

/** Cuts JSON text at its stand-ins. Throws InvariantError unless each occurs exactly once, as a text of its own where asked. */
export function splitAtSentinels(json: string, sentinels: readonly string[], cutAt: (index: number) => Cut): Split {
  const gaps = sentinels.map((sentinel, index) => {
    const at = json.indexOf(sentinel)
    invariant(at >= 0 && json.indexOf(sentinel, at + 1) < 0, 'A part of the prompt does not occur once in the body.')
    const end = at + sentinel.length
    if (cutAt(index) === 'inside') return { index, start: at, end }
    invariant(json[at - 1] === '"' && json[end] === '"', 'A text of the prompt is not a text of its own in the body.')
    return { index, start: at - 1, end: end + 1 }
  })
  gaps.sort((a, b) => a.start - b.start)
  const texts: string[] = []
  let from = 0
  for (const { start, end } of gaps) {
    texts.push(json.slice(from, start))
    from = end
  }
  texts.push(json.slice(from))
  return { texts, order: gaps.map((gap) => gap.index) }
}
