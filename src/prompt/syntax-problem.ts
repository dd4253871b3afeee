import { messageOf, type Problem } from '../core/errors.ts'
import type { TemplateText } from '../core/job.ts'
import type { Location } from './template-ast.ts'
import { problemAt } from './template-error.ts'

/**
 * What is wrong with a template that cannot be parsed. Handlebars gives a place only for mistakes in the sense of a
 * template; for those in its letters it draws a picture, in which we look the place up.
 */
export function syntaxProblem(source: TemplateText, error: unknown): Problem {
  const { lineNumber, column, endLineNumber, endColumn } = error as Partial<Record<string, number>>
  const message = messageOf(error)
  if (lineNumber !== undefined && column !== undefined) {
    const end = { line: endLineNumber ?? lineNumber, column: endColumn ?? column + 1 }
    const said = message.replace(/ - \d+:\d+$/, '')
    const mismatch = /^(\S+) doesn't match (\S+)$/.exec(said)
    return problemAt(
      source,
      { start: { line: lineNumber, column }, end },
      mismatch === null ? `${said}.` : `The block {{#${mismatch[1]}}} is closed by {{/${mismatch[2]}}}.`,
      mismatch === null ? undefined : `Close it with {{/${mismatch[1]}}}, or close the blocks inside it first.`,
    )
  }
  const open = openBlock(source.text)
  if (open !== undefined && /got 'EOF'$/.test(message)) {
    return problemAt(
      source,
      open.loc,
      `The block {{#${open.name}}} that begins here is not closed.`,
      `Close it with {{/${open.name}}}.`,
    )
  }
  const [head = '', shown = '', caret = '', ...rest] = message.split('\n')
  const line = Number(/on line (\d+)/.exec(head)?.[1] ?? 1)
  const got = /got '([^']*)'$/.exec(rest.join('\n'))?.[1]
  const offset = offsetOf(source.text, shown, caret.length - 1, line)
  const start = positionIn(source.text, offset)
  const loc: Location = { start, end: { line: start.line, column: start.column + 1 } }
  const found =
    source.text
      .slice(offset, offset + 12)
      .split('\n')[0]
      ?.trimEnd() ?? ''
  return problemAt(
    source,
    loc,
    sayUnexpected(source.text.slice(offset).includes('}}') ? got : 'EOF', found, message),
    'See https://handlebarsjs.com/guide/expressions.html.',
  )
}

/** The block that was opened last of those that are never closed. */
function openBlock(text: string): { readonly name: string; readonly loc: Location } | undefined {
  const open: { name: string; from: number; to: number }[] = []
  for (let from = text.indexOf('{{'); from !== -1; from = text.indexOf('{{', from)) {
    const to = text.indexOf(text.startsWith('{{!--', from) ? '--}}' : '}}', from)
    if (to === -1) break
    const [, kind, name = ''] = BLOCK_MARK.exec(text.slice(from, to)) ?? []
    if (kind === '/') open.pop()
    else if (kind !== undefined) open.push({ name, from, to: to + 2 })
    from = to
  }
  const last = open.at(-1)
  return last && { name: last.name, loc: { start: positionIn(text, last.from), end: positionIn(text, last.to) } }
}

/** Where a block begins or ends: `{{#if`, `{{^if`, `{{#> layout`, `{{/if`. */
const BLOCK_MARK = /^\{\{~?([#^/])[>*]?\s*([^\s~]+)/

function positionIn(text: string, offset: number): Location['start'] {
  const before = text.slice(0, offset).split('\n')
  return { line: before.length, column: before.at(-1)?.length ?? 0 }
}

function sayUnexpected(got: string | undefined, found: string, message: string): string {
  if (got === 'EOF') return 'The template ends inside an expression or a block: a }} or a {{/…}} is missing.'
  if (got === 'OPEN_ENDBLOCK') return 'This closes a block that is not open.'
  if (got === 'INVERSE' || got === 'OPEN_INVERSE_CHAIN') return 'This {{else}} stands outside a block.'
  if (got?.startsWith('CLOSE')) return 'The expression ends before it says anything, or in the middle of a path.'
  if (got === undefined && !message.startsWith('Lexical')) return `The template cannot be read: ${message}.`
  return `Handlebars cannot read what begins with ${JSON.stringify(found)} here.`
}

/**
 * The parser's picture is the 20 characters before the place and the 20 after it, without line ends, and a caret; the
 * place is the first at or below the line where they stand like that.
 */
function offsetOf(text: string, shown: string, caret: number, line: number): number {
  const before = shown.slice(0, caret).replace(/^\.\.\./, '')
  const lineStart = text.split('\n', line - 1).join('\n').length
  for (let offset = Math.max(0, lineStart - 1); offset <= text.length; offset += 1) {
    const past = text.slice(Math.max(0, offset - 20), offset).replace(/\n/g, '')
    if (past !== before) continue
    const next = text.slice(offset, offset + 20).replace(/\n/g, '')
    if (shown.slice(caret).startsWith(next.slice(0, 10))) return offset
  }
  return Math.min(text.length, lineStart + (line > 1 ? 1 : 0))
}
