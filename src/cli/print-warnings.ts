import type { Problem } from '../core/errors.ts'
import type { Io } from './io.ts'
import { formatProblems, lookOf } from './problems.ts'
import type { Flags } from './program.ts'

/** What is odd about a job and stops nothing; --quiet leaves it out. */
export function printWarnings(io: Io, flags: Flags, warnings: readonly Problem[]): void {
  if (warnings.length === 0 || flags.quiet === true) return
  io.err(formatProblems(warnings, 'pretty', { ...lookOf(io), isWarning: true }))
}
