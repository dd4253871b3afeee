// Which keys among many stand there more than once. Exact; what it holds are hashes, and the keys whose hashes are equal.

import type { KeyRecords, KeyUse, RecordBytes } from './key-record.ts'

/** A use of a key that an earlier row has. */
export interface Repetition {
  readonly key: string
  readonly first: KeyUse
  readonly second: KeyUse
}

/** Is given a record's memory, where it begins and where it ends. */
export type VisitRecord = (bytes: RecordBytes, at: number, end: number) => void

/** Records that can be gone through again, each time in the order in which they were added. */
interface RecordList {
  readonly count: number
  each(visit: VisitRecord): Promise<void> | void
}

/** Hashes that are sorted at once: 8 MB. */
const MOST_AT_ONCE = 1_000_000

/** Tells every use of a key after its first. */
export async function findRepeated(
  list: RecordList,
  records: KeyRecords,
  found: (repetition: Repetition) => void,
  mostAtOnce = MOST_AT_ONCE,
): Promise<void> {
  const suspects = await repeatedHashes(list, records, mostAtOnce)
  if (suspects.size === 0) return
  const seen = new Map<string, KeyUse>()
  await list.each((bytes, at) => {
    if (!suspects.has(records.hash(bytes, at))) return
    const { key, use } = records.read(bytes, at)
    const first = seen.get(key)
    if (first === undefined) seen.set(key, use)
    else found({ key, first, second: use })
  })
}

async function repeatedHashes(list: RecordList, records: KeyRecords, mostAtOnce: number): Promise<ReadonlySet<number>> {
  const repeated = new Set<number>()
  let hashes = new Float64Array(Math.min(list.count, mostAtOnce))
  let count = 0
  await list.each((bytes, at) => {
    if (count === hashes.length) {
      count = withoutRepeated(hashes, count, repeated)
      // Where most keys are the same, there is room again.
      if (count > hashes.length / 2) {
        const larger = new Float64Array(2 * hashes.length)
        larger.set(hashes)
        hashes = larger
      }
    }
    hashes[count++] = records.hash(bytes, at)
  })
  withoutRepeated(hashes, count, repeated)
  return repeated
}

/** Sorts hashes, keeps one of each, and answers how many are left. */
function withoutRepeated(hashes: Float64Array, count: number, repeated: Set<number>): number {
  hashes.subarray(0, count).sort()
  let kept = 0
  for (let index = 0; index < count; index += 1) {
    const hash = hashes[index] as number
    if (kept > 0 && hash === hashes[kept - 1]) repeated.add(hash)
    else hashes[kept++] = hash
  }
  return kept
}
