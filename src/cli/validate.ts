// `validate JOB…`: loads every job, compiles every template, and prints all that is wrong with them at once.

import { findJobFiles, loadJobFile } from '../app/jobs.ts'
import { type Problem, UserError } from '../core/errors.ts'
import type { Io } from './io.ts'
import { jobFlags } from './job-flags.ts'
import { counted } from './print.ts'
import { printWarnings } from './print-warnings.ts'
import { formatProblems, lookOf, type ProblemFormat } from './problems.ts'
import type { Flags } from './program.ts'

export async function validate(io: Io, args: string[], flags: Flags): Promise<number> {
  const format = (flags.format ?? (flags.json === true ? 'json' : 'pretty')) as ProblemFormat
  const problems: Problem[] = []
  const warnings: Problem[] = []
  const files = await filesOf(io, args, problems)
  for (const file of files) {
    try {
      const loaded = await loadJobFile(io, file, jobFlags(flags))
      warnings.push(...loaded.warnings)
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      problems.push(...error.problems)
    }
  }
  if (format === 'pretty') printWarnings(io, flags, warnings)
  const text = formatProblems(problems, format, lookOf(io))
  if (format === 'pretty') io.err(problems.length > 0 ? text : '')
  else await io.out(text.endsWith('\n') || text === '' ? text : `${text}\n`)
  if (problems.length === 0 && flags.quiet !== true) io.err(`${counted(files.length, 'job')} checked: all is well.\n`)
  return problems.length > 0 ? 2 : 0
}

async function filesOf(io: Io, args: readonly string[], problems: Problem[]): Promise<string[]> {
  try {
    return [...(await findJobFiles(args, io.cwd))]
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    problems.push(...error.problems)
    return []
  }
}
