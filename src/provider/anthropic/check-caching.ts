// Cache marks: at most four in a request, and none for an hour after one for five minutes.

import type { Problem } from '../../core/errors.ts'
import type { CacheTtl, Job } from '../../core/job.ts'

const MAX_MARKS = 4

export function checkCaching(job: Job): Problem[] {
  const marks = marksOf(job)
  const fifth = marks[MAX_MARKS]
  const problems: Problem[] = []
  if (fifth !== undefined) {
    const message = `A request may be cached at ${MAX_MARKS} places at most; this job does at ${marks.length}.`
    problems.push({ path: fifth.path, message, hint: 'Keep the last "cache" of each long constant part.' })
  }
  const short = marks.findIndex((mark) => mark.ttl === '5m')
  const late = marks.find((mark, index) => mark.ttl === '1h' && short !== -1 && index > short)
  if (late !== undefined) {
    const message = 'What is cached for an hour must stand before what is cached for five minutes.'
    problems.push({ path: late.path, message, hint: 'Give both the same time.' })
  }
  return problems
}

/** In the order in which they stand in a request: system, documents, then the turns. */
function marksOf({ system, documents, messages }: Job): { ttl: CacheTtl; path: string }[] {
  const all = [
    { ttl: system?.cache, path: '/system/cache' },
    ...documents.map(({ cache, path }) => ({ ttl: cache, path: `${path}/cache` })),
    ...messages.flatMap(({ content }, index) =>
      content.map(({ cache }) => ({ ttl: cache, path: `/messages/${index}` })),
    ),
  ]
  return all.flatMap(({ ttl, path }) => (ttl === undefined ? [] : [{ ttl, path }]))
}
