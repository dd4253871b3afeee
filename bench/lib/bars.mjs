import { median } from './stats.mjs'

/** The size at which all rivals still take part: one full batch. */
export const CHARTED = 100_000

/** What the chart draws of one work: for each way its name, seconds and megabytes. `names` gives the ways their titles. */
export function barsOf(title, results, names) {
  const ways = Object.entries(names).filter(([way]) => results[way] !== undefined)
  return {
    title,
    bars: ways.map(([way, name]) => ({
      name,
      seconds: median(results[way].map((result) => result.seconds)),
      megabytes:
        results[way][0].megabytes === undefined ? undefined : median(results[way].map((result) => result.megabytes)),
    })),
  }
}
