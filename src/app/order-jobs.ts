import { UserError } from '../core/errors.ts'
import type { Job } from '../core/job.ts'
import type { Loaded } from '../job/load.ts'

/** Jobs in an order in which each comes after those whose results it reads; otherwise as they were named. */
export function orderJobs(jobs: readonly Loaded[]): Loaded[] {
  const ordered: Loaded[] = []
  const visiting = new Set<Loaded>()
  const visit = (job: Loaded): void => {
    if (ordered.includes(job)) return
    if (visiting.has(job)) {
      throw new UserError(
        `The jobs ${[...visiting].map((each) => `"${each.job.name}"`).join(', ')} read each other's results in a circle.`,
      )
    }
    visiting.add(job)
    for (const other of jobs) if (other !== job && readsFrom(job.job, other.job)) visit(other)
    visiting.delete(job)
    ordered.push(job)
  }
  for (const job of jobs) visit(job)
  return ordered
}

function readsFrom(job: Job, other: Job): boolean {
  const source = job.dataset.type === 'results' ? job.dataset.options.job : undefined
  return source === other.name || source === other.file
}
