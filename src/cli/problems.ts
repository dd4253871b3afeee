/** Prints problems: for people, for programs, and for the annotations of a pull request. */

import type { Problem } from '../core/errors.ts'
import { counted } from '../core/phrase.ts'
import { displayWidth, escapeControls, safeText } from '../core/safe-text.ts'
import type { Io } from './io.ts'
import { wrapped } from './print.ts'

export type ProblemFormat = 'pretty' | 'json' | 'github'

export interface ProblemOptions {
  readonly color: boolean
  /** Absolute paths below it are shown relative to it. */
  readonly cwd: string
  /** Width of the terminal on which sentences are broken between words; absent: nothing is broken. */
  readonly columns?: number
  /** They stop nothing: no closing line, and `warning` in front. */
  readonly isWarning?: boolean
}

/** How problems look on standard error. */
export function lookOf({ isPlain, columns, cwd }: Pick<Io, 'isPlain' | 'columns' | 'cwd'>): ProblemOptions {
  return isPlain ? { color: false, cwd } : { color: true, cwd, columns }
}

/** A text that ends with a newline; for `pretty` and `github` and no problems: nothing. */
export function formatProblems(problems: readonly Problem[], format: ProblemFormat, options: ProblemOptions): string {
  const own = problems.map((problem) => withShortFile(problem, options.cwd))
  if (format === 'json') return `${json(own)}\n`
  if (own.length === 0) return ''
  if (format === 'github') return own.map((problem) => `${annotation(problem, options.isWarning === true)}\n`).join('')
  return pretty(own, options)
}

function withShortFile(problem: Problem, cwd: string): Problem {
  const below = cwd.endsWith('/') ? cwd : `${cwd}/`
  const { file } = problem
  return file?.startsWith(below) === true ? { ...problem, file: file.slice(below.length) } : problem
}

function json(problems: readonly Problem[]): string {
  const errors = problems.map(({ file, line, column, path, message, hint }) => ({
    file: file === undefined ? null : safeText(file),
    line: line ?? null,
    column: column ?? null,
    path: path ?? null,
    message: safeText(message),
    hint: hint === undefined ? null : safeText(hint),
  }))
  const text = JSON.stringify({ valid: problems.length === 0, errors }, null, 2)
  return text.split('\n').map(escapeControls).join('\n')
}

/** A workflow command of GitHub Actions, escaped as its toolkit does. */
function annotation({ file, line, column, message, hint }: Problem, isWarning: boolean): string {
  const place = { file, line, col: column }
  const properties = Object.entries(place)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${property(safeText(String(value)))}`)
  const words = [message, hint ?? ''].filter((part) => part !== '').map((part) => data(safeText(part)))
  return `::${isWarning ? 'warning' : 'error'}${properties.length === 0 ? '' : ` ${properties.join(',')}`}::${words.join('%0A')}`
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}

function pretty(problems: readonly Problem[], { color, columns, isWarning = false }: ProblemOptions): string {
  /** What follows on a line that has begun. */
  const fitted = (lead: string, text: string): string => {
    if (columns === undefined || displayWidth(lead) > columns / 2) return text
    return wrapped(`${'·'.repeat(displayWidth(lead))}${text}`, columns).slice(displayWidth(lead))
  }
  const paint = (code: number, text: string): string =>
    color && text !== '' ? `\u001b[${code}m${text}\u001b[0m` : text
  const shown = problems.map((problem) => {
    const place = [problem.file, problem.line, problem.column].filter((part) => part !== undefined).join(':')
    const lead = [safeText(place), isWarning ? 'warning' : ''].filter((part) => part !== '')
    const plain = lead.map((part) => `${part}  `).join('')
    const painted = lead.map((part) => `${paint(part === 'warning' ? YELLOW : BOLD, part)}  `).join('')
    const first = `${painted}${fitted(plain, safeText(problem.message))}`
    const picture = pictureOf(problem).map(([gutter, text], index) => {
      return `  ${paint(DIM, gutter)} ${index === 0 ? text : paint(isWarning ? YELLOW : RED, text)}`
    })
    const hint = problem.hint === undefined ? [] : hintLines(safeText(problem.hint), columns)
    return `${[first, ...picture, ...hint].join('\n')}\n`
  })
  const isAboutFiles = problems.some((problem) => problem.file !== undefined)
  if (isWarning || !isAboutFiles) return shown.join('')
  return `${shown.join('\n')}\n${counted(problems.length, 'problem')}. Nothing was planned and nothing was sent.\n`
}

/** A command in it stays in one piece, so that it can be pasted. */
function hintLines(hint: string, columns: number | undefined): string[] {
  const isWhole = columns === undefined || hint.includes('batchwright ')
  return (isWhole ? hint : wrapped(hint, columns - 2)).split('\n').map((line) => `  ${line}`)
}

const BOLD = 1
const DIM = 2
const RED = 31
const YELLOW = 33

/** Columns of the source line that are shown; longer ones are cut around the place. */
const SHOWN_COLUMNS = 100

/** The line with its number, and the carets under it. */
function pictureOf({ line, column = 1, length = 1, excerpt }: Problem): (readonly [gutter: string, text: string])[] {
  if (line === undefined || excerpt === undefined) return []
  const from = Math.max(0, Math.min(column - 1, excerpt.length))
  const start = excerpt.length > SHOWN_COLUMNS && from > SHOWN_COLUMNS / 2 ? from - SHOWN_COLUMNS / 2 : 0
  const end = Math.min(excerpt.length, start + SHOWN_COLUMNS)
  const isCut = { before: start > 0, after: end < excerpt.length }
  const safe = (text: string): string => safeText(text.replaceAll('\t', ' '))
  const before = `${isCut.before ? '… ' : ''}${safe(excerpt.slice(start, from))}`
  const text = `${before}${safe(excerpt.slice(from, end))}${isCut.after ? ' …' : ''}`
  const marked = safe(excerpt.slice(from, Math.min(end, from + length)))
  const carets = '^'.repeat(Math.max(1, displayWidth(marked)))
  const gutter = `${line} |`
  return [
    [gutter, text],
    [`${' '.repeat(gutter.length - 1)}|`, `${' '.repeat(displayWidth(before))}${carets}`],
  ]
}
