// Whether a request of a large run costs more than one of a small run.
import { counted } from './table.mjs'

const MOST_GROWTH = 1.25
const FROM = 100_000

/** For each work that was measured at 100,000 and at a larger size, the cost of a request and the peak memory against each other. */
export function growthOf(figures) {
  const points = figures.flatMap(({ growth }) => (growth === undefined ? [] : [growth]))
  return points
    .filter(({ of, size }) => size > FROM && !points.some((other) => other.of === of && other.size > size))
    .flatMap((large) => {
      const small = points.find(({ of, size }) => of === large.of && size === FROM)
      if (small === undefined) return []
      const time = large.time / large.size / (small.time / small.size)
      const memory = large.megabytes / small.megabytes
      return {
        work: `growth of ${large.of} from ${counted(FROM)} to ${counted(large.size)}`,
        ours: `a request ${time.toFixed(2)} × the time, in all ${memory.toFixed(2)} × the memory`,
        wish: { id: 'G9', text: `≤ ${MOST_GROWTH} ×`, isMet: Math.max(time, memory) <= MOST_GROWTH },
      }
    })
}
