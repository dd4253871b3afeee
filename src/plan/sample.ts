// A random choice of rows that is the same each time.

import type { SourceRow } from '../core/row.ts'

interface Numbered {
  readonly row: SourceRow
  readonly position: number
}

/**
 * Reservoir sampling (algorithm R): every row has the same chance, one pass, and the chosen ones come in the order of
 * the dataset. The same seed over the same rows chooses the same.
 */
export async function chooseSample(
  blocks: AsyncIterable<Iterable<Numbered>>,
  size: number,
  seed: number,
): Promise<Numbered[]> {
  const random = randomFrom(seed)
  const chosen: Numbered[] = []
  let seen = 0
  for await (const block of blocks) {
    for (const numbered of block) {
      seen++
      const at = chosen.length < size ? chosen.length : Math.floor(random() * seen)
      if (at < size) chosen[at] = detached(numbered)
    }
  }
  return chosen.sort((a, b) => a.position - b.position)
}

/** Without the text, which would keep the whole of its block in memory. */
function detached({ row, position }: Numbered): Numbered {
  const { fields, key, place } = row
  const named = key === undefined ? {} : { key }
  return { position, row: place === undefined ? { fields, ...named } : { fields, ...named, place } }
}

/** mulberry32: numbers in [0, 1) that depend on the seed alone. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
