// JSON.parse with errors that name the place, and without numbers that change in silence.

import { type Problem, UserError } from '../core/errors.ts'
import type { Json } from '../core/json.ts'
import { quoted } from '../core/phrase.ts'
import { mayChangeNumbers, scanJson } from './json-scan.ts'

/** Longer lines are not shown with the error. */
const MAX_EXCERPT = 300

export interface TextPlace {
  readonly file: string
  /** The line on which the text begins, from 1. */
  readonly line: number
  /** Said where the text may have been cut off: it is the last and has no line feed. */
  readonly isCutOff?: boolean
}

/** Throws UserError for a text that is not JSON and for integers beyond 2^53. */
export function parseJsonText(text: string, place: TextPlace): Json {
  let value: Json
  try {
    value = JSON.parse(text) as Json
  } catch (error) {
    const finding = scanJson(text, 'syntax')
    if (finding?.kind === 'syntax') throw new UserError(brokenAt(text, finding.offset, finding.expected, place))
    throw error
  }
  if (mayChangeNumbers(text)) {
    const finding = scanJson(text, 'number')
    if (finding?.kind === 'number') {
      throw new UserError({
        message: `The number ${cut(finding.text)} of the field ${quoted(finding.path)} is too large to be kept exactly.`,
        hint: `Write it as a text, in double quotes: ${cut(JSON.stringify(finding.text))}.`,
        ...positionOf(text, finding.offset, place),
      })
    }
  }
  return value
}

function brokenAt(text: string, offset: number, expected: string, place: TextPlace): Problem {
  const rest = text.slice(offset, offset + 30).split('\n')[0] ?? ''
  const isOpenQuote = expected.startsWith('the closing quote')
  const isEnd = isOpenQuote || offset >= text.trimEnd().length
  const found = isEnd ? 'the text ends' : rest.trim() === '' ? 'the line ends' : `found ${quoted(rest)}`
  const message =
    place.isCutOff === true && isEnd
      ? `The last line is not complete: expected ${expected}, but the file ends.`
      : `Not JSON: expected ${expected}, ${found}.`
  const hint =
    place.isCutOff === true && isEnd
      ? 'The file seems to be cut off; write or copy it again.'
      : 'Correct the text; a JSON tool shows the whole of it.'
  return { message, hint, ...positionOf(text, offset, place) }
}

function positionOf(text: string, offset: number, place: TextPlace): Omit<Problem, 'message'> {
  const start = text.lastIndexOf('\n', offset - 1) + 1
  const end = text.indexOf('\n', offset)
  const excerpt = text.slice(start, end < 0 ? text.length : end)
  let line = place.line
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line++
  return {
    file: place.file,
    line,
    column: offset - start + 1,
    ...(excerpt.length <= MAX_EXCERPT ? { excerpt } : {}),
  }
}

function cut(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 40)}…`
}
