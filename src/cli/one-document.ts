import type { Problem } from '../core/errors.ts'
import type { Job } from '../core/job.ts'
import type { Flags } from './program.ts'

/** With --json nothing but one document is on standard output: a sink that prints rows there is in the way. */
export function stdoutProblems(flags: Flags, { file, sinks }: Pick<Job, 'file' | 'sinks'>): Problem[] {
  if (flags.json !== true) return []
  return sinks.flatMap(({ type }, position) =>
    type === 'stdout'
      ? [
          {
            file,
            path: `/sinks/${position}`,
            message: `sinks[${position}] prints rows on standard output, where --json prints one document and nothing else.`,
            hint: 'Leave out --json, or give the rows a file: a path that ends in .jsonl.',
          },
        ]
      : [],
  )
}
