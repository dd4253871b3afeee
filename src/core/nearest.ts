/** Finds what somebody probably meant. */

/** Names longer than this are not compared: nobody mistypes them by a letter, and the work grows with the square. */
const COMPARED_LENGTH = 200

/**
 * The candidate nearest to `word`, or undefined when none is near: a third of the letters may be wrong, at least one.
 * A word of three letters or more also stands for a candidate that begins with it. Spelling that differs only in case, `-` or `_` (maxRequests, max_requests) counts as equal. Ties go to the first.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = plain(word)
  if (wanted === '' || wanted.length > COMPARED_LENGTH) return undefined
  let best: string | undefined
  let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1
  const all = [...candidates]
  for (const candidate of all) {
    const name = plain(candidate)
    if (candidate === word || Math.abs(name.length - wanted.length) >= bestDistance) continue
    const distance = editDistance(wanted, name)
    // One letter for another is no typo but another word.
    if (distance < bestDistance && distance < Math.max(wanted.length, name.length)) {
      best = candidate
      bestDistance = distance
    }
  }
  return best ?? (wanted.length < 3 ? undefined : all.find((name) => name !== word && plain(name).startsWith(wanted)))
}

/** Insertions, deletions, substitutions and swaps of neighbours that turn one word into the other. */
export function editDistance(from: string, to: string): number {
  const a = [...from]
  const b = [...to]
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, at(beforeLast, j - 2) + 1)
      row.push(cost)
    }
    beforeLast = last
    last = row
  }
  return at(last, b.length)
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY
}

function plain(word: string): string {
  return word.toLowerCase().replaceAll(/[-_\s]/g, '')
}
