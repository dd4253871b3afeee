// A body is built once with stand-ins for what varies, and cut where they stand.

import { invariant } from '../core/errors.ts'

export interface Split {
  /** One more than there are gaps. */
  readonly texts: readonly string[]
  /** Which stand-in stood in each gap, by its index. */
  readonly gaps: readonly number[]
}

/** Makes stand-ins that occur nowhere in the given texts. JSON writes them as they are. */
export function createSentinels(avoid: Iterable<string>): (slot: number) => string {
  const texts = [...avoid]
  let salt = 0
  while (texts.some((text) => text.includes(`@@slot-${salt}-`))) salt += 1
  return (slot) => `@@slot-${salt}-${slot}@@`
}

/** Cuts JSON text at its stand-ins, inside the quotes around them. Throws InvariantError unless each occurs exactly once. */
export function splitAtSentinels(json: string, sentinels: readonly string[]): Split {
  const cuts = sentinels.map((sentinel, slot) => {
    const start = json.indexOf(sentinel)
    invariant(start >= 0 && json.indexOf(sentinel, start + 1) < 0, 'A part of the prompt is not once in the body.')
    return { slot, start, end: start + sentinel.length }
  })
  cuts.sort((a, b) => a.start - b.start)
  const texts: string[] = []
  let from = 0
  for (const { start, end } of cuts) {
    texts.push(json.slice(from, start))
    from = end
  }
  texts.push(json.slice(from))
  return { texts, gaps: cuts.map(({ slot }) => slot) }
}
