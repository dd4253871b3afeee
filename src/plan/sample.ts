// A random choice of rows that is the same each time.

/**
 * Reservoir sampling (algorithm R): every row has the same chance, one pass, and the chosen ones come in the order of
 * the dataset. The same seed over the same rows chooses the same.
 */
export async function chooseSample<T>(rows: AsyncIterable<T>, size: number, seed: number): Promise<T[]> {
  const random = randomFrom(seed)
  const chosen: { readonly row: T; readonly position: number }[] = []
  let seen = 0
  for await (const row of rows) {
    seen++
    const numbered = { row, position: seen }
    if (chosen.length < size) chosen.push(numbered)
    else {
      const at = Math.floor(random() * seen)
      if (at < size) chosen[at] = numbered
    }
  }
  return chosen.sort((a, b) => a.position - b.position).map(({ row }) => row)
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
