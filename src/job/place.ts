/** Gives what was found its place: file, line, column, and the line itself. */

import type { Problem } from '../core/errors.ts'
import type { TemplateText } from '../core/job.ts'
import { type Finding, valueAt } from './finding.ts'
import type { ParsedYaml } from './parse.ts'
import type { Setting } from './set.ts'

export interface JobText {
  /** The job file as the user would name it, and relative to the root. */
  readonly shown: string
  readonly file: string
  readonly parsed: ParsedYaml
  /** What was changed from the command line and so stands in no file. */
  readonly settings: readonly Setting[]
}

export interface Places {
  find(finding: Finding): Problem
  /** Places what has a `path` into the job and no line; leaves the rest as it is. */
  fill(problems: readonly Problem[]): readonly Problem[]
  /** Where an inline text begins. */
  text(pointer: string): Pick<TemplateText, 'file' | 'line' | 'column'>
  sorted(problems: readonly Problem[]): readonly Problem[]
}

export function placesIn({ shown, file, parsed, settings }: JobText): Places {
  const settingOf = (pointer: string): Setting | undefined =>
    settings.findLast((setting) => {
      if (pointer === setting.pointer || pointer.startsWith(`${setting.pointer}/`)) return true
      // What a setting made on its way stands in no file either.
      return setting.pointer.startsWith(`${pointer}/`) && valueAt(parsed.data, pointer) === undefined
    })
  const place = (problem: Problem, pointer: string, at: 'key' | 'value'): Problem => {
    const setting = settingOf(pointer)
    if (setting !== undefined) return { ...problem, path: pointer, file: setting.option }
    const found = parsed.locate(pointer, at)
    return { ...problem, path: pointer, file: shown, ...found, excerpt: parsed.line(found.line) }
  }
  return {
    find: ({ path, at, message, hint }) => place({ message, ...(hint === undefined ? {} : { hint }) }, path, at),
    fill: (problems) =>
      problems.map((problem) => {
        const isOurs = problem.file === undefined || problem.file === file || problem.file === shown
        if (problem.path === undefined || problem.line !== undefined || !isOurs) return problem
        return place(problem, problem.path, 'value')
      }),
    text(pointer) {
      const setting = settingOf(pointer)
      if (setting !== undefined) return { file: setting.option, line: 1, column: 1 }
      const { line, column } = parsed.locate(pointer, 'text')
      return { file, line, column }
    },
    sorted: (problems) => [...problems].sort((a, b) => rank(a, shown) - rank(b, shown) || byPlace(a, b)),
  }
}

/** The job file first, then the files it names, then the command line. */
function rank({ file }: Problem, shown: string): number {
  if (file === shown) return 0
  return file?.startsWith('--') === true ? 2 : 1
}

function byPlace(a: Problem, b: Problem): number {
  const files = (a.file ?? '').localeCompare(b.file ?? '')
  return files || (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)
}
