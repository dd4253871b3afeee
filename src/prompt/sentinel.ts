// A body is built once with stand-ins for what varies, and cut where they stand.

import { invariant } from '../core/errors.ts'

/** A place where JSON text was cut. */
export interface Gap {
  /** The stand-in that stood there, by its index. */
  readonly slot: number
  /** Whether the stand-in was a JSON string of its own and its quotes were cut out with it. */
  readonly quoted: boolean
}

export interface Split {
  /** One more than there are gaps. */
  readonly texts: readonly string[]
  readonly gaps: readonly Gap[]
}

/** Makes stand-ins that occur nowhere in the given texts. JSON writes them as they are. */
export function createSentinels(avoid: Iterable<string>): (slot: number) => string {
  const texts = [...avoid]
  let salt = 0
  while (texts.some((text) => text.includes(`@@slot-${salt}-`))) salt += 1
  return (slot) => `@@slot-${salt}-${slot}@@`
}

/**
 * Cuts JSON text at its stand-ins. `takeQuotes`: whether a stand-in's quotes go with it where it is a string of its own;
 * one that is part of a longer string is always cut inside. Throws InvariantError unless each occurs exactly once.
 */
export function splitAtSentinels(
  json: string,
  sentinels: readonly string[],
  takeQuotes: (slot: number) => boolean,
): Split {
  const cuts = sentinels.map((sentinel, slot) => {
    const start = json.indexOf(sentinel)
    invariant(start >= 0 && json.indexOf(sentinel, start + 1) < 0, 'A part of the prompt is not once in the body.')
    const end = start + sentinel.length
    const quoted = takeQuotes(slot) && json[start - 1] === '"' && json[end] === '"'
    return quoted ? { slot, quoted, start: start - 1, end: end + 1 } : { slot, quoted, start, end }
  })
  cuts.sort((a, b) => a.start - b.start)
  const texts: string[] = []
  let from = 0
  for (const { start, end } of cuts) {
    texts.push(json.slice(from, start))
    from = end
  }
  texts.push(json.slice(from))
  return { texts, gaps: cuts.map(({ slot, quoted }) => ({ slot, quoted })) }
}
