import { type Problem, UserError } from '../core/errors.ts'
import type { TemplateText } from '../core/job.ts'
import type { Location } from './template-ast.ts'

/**
 * A template that could not be rendered for one row; the problem's place is in the template or partial that failed. Who
 * renders rows makes data of it; where nobody does, it is the user's error.
 */
export class TemplateRowError extends UserError {
  readonly problem: Problem
  constructor(problem: Problem, cause?: unknown) {
    super(problem)
    this.name = 'TemplateRowError'
    this.problem = problem
    if (cause !== undefined) this.cause = cause
  }
}

/** What a helper throws; whoever called it knows the place. */
export class HelperError extends Error {
  readonly hint: string | undefined
  constructor(message: string, hint?: string) {
    super(message)
    this.name = 'HelperError'
    this.hint = hint
  }
}

/**
 * A problem at a place of a template. The excerpt of an inline text is padded to where the text stands in its file, so
 * that a caret under the column is under the right letter.
 */
export function problemAt(source: TemplateText, loc: Location, message: string, hint?: string): Problem {
  const { start, end } = loc
  const line = source.text.split('\n')[start.line - 1]?.replace(/\r$/, '') ?? ''
  const length = end.line === start.line ? end.column - start.column : line.length - start.column
  return {
    message,
    ...(hint === undefined ? {} : { hint }),
    ...placeAt(source, loc),
    length: Math.max(1, length),
    excerpt: ' '.repeat(source.column - 1) + line,
  }
}

/** Without a look at the text: a template may have many thousand places. */
export function placeAt(source: TemplateText, { start }: Location): { file: string; line: number; column: number } {
  // Handlebars counts columns from 0. In a block scalar every line is indented like the first.
  return { file: source.file, line: start.line + source.line - 1, column: start.column + source.column }
}

export const START: Location = { start: { line: 1, column: 0 }, end: { line: 1, column: 1 } }

export function rowErrorAt(source: TemplateText, loc: Location, error: HelperError): TemplateRowError {
  return new TemplateRowError(problemAt(source, loc, error.message, error.hint), error)
}

/** As much text as one request may weigh at any provider. */
const MAX_CHARACTERS = 32 * 1024 * 1024

/** The text as it is; throws TemplateRowError when it is too long to be sent by anyone. */
export function checkLength(text: string, source: TemplateText): string {
  if (text.length <= MAX_CHARACTERS) return text
  throw new TemplateRowError(
    problemAt(
      source,
      START,
      `The template makes a text of more than ${MAX_CHARACTERS.toLocaleString('en-US')} characters.`,
      'No provider takes a request of that size; cut the values with the helper truncate.',
    ),
  )
}
