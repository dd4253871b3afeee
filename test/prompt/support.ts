import type { Problem } from '../../src/core/errors.ts'
import { UserError } from '../../src/core/errors.ts'
import type { TemplateText } from '../../src/core/job.ts'
import { TemplateRowError } from '../../src/prompt/template.ts'

/** A text in a .hbs file of its own. */
export function hbs(text: string, file = 'templates/main.hbs'): TemplateText {
  return { text, file, line: 1, column: 1 }
}

/** The problems that `work` throws, of a job or of a row; fails when it throws nothing. */
export function problemsOf(work: () => unknown): readonly Problem[] {
  try {
    work()
  } catch (error) {
    if (error instanceof UserError) return error.problems
    if (error instanceof TemplateRowError) return [error.problem]
    throw error
  }
  throw new Error('Nothing was thrown.')
}

/** 'file:line:column message' of each problem. */
export function placesOf(work: () => unknown): string[] {
  return problemsOf(work).map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`)
}
