import type { Job } from './job.ts'

/** Whether any tool of the job has a handler, so that rows may go several rounds. */
export function runsTools({ tools }: Pick<Job, 'tools'>): boolean {
  return tools.some((tool) => tool.type === 'client' && tool.handler !== undefined)
}
