/** The middle of the values; of an even number of them the upper one of the two. */
export function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]
}

/**
 * Runs several ways of doing the same in turns, so that a busy machine slows all of them alike. Answers for each the
 * results of its rounds, and the median of the ratios to the first way, taken round by round.
 */
export async function interleaved(rounds, ways) {
  const results = Object.fromEntries(Object.keys(ways).map((name) => [name, []]))
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, way] of Object.entries(ways)) results[name].push(await way(round))
  }
  return results
}

/** The median of a divided by b, round by round. */
export function ratio(a, b, of = (result) => result.seconds) {
  return median(a.map((result, round) => of(result) / of(b[round] ?? b.at(-1))))
}

/** The processor time and peak memory of a Node.js program: medians of its rounds. */
export function usageOf(results) {
  return {
    cpu: median(results.map((result) => result.cpu)),
    megabytes: median(results.map((result) => result.megabytes)),
  }
}
