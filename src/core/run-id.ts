import type { RunId } from './batch.ts'
import { UserError } from './errors.ts'

/** Nothing that a file system or a database could read as more than a name. */
const RUN_ID = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,199}$/

export function isRunId(text: string): boolean {
  return RUN_ID.test(text)
}

/** A run id can come from the command line and becomes a part of paths, so it is checked before each such use. */
export function checkedRunId(run: RunId): RunId {
  if (isRunId(run)) return run
  throw new UserError({
    message: `"${run}" is no run id: a run id consists of letters, digits, ".", "_" and "-".`,
    hint: 'List the runs with "batchwright runs".',
  })
}
