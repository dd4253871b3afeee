/** What is wrong with a text as YAML, in the words of somebody who writes jobs. */

import type { Problem } from '../core/errors.ts'
import { quoted } from '../core/phrase.ts'
import { TOO_DEEP } from './content-problem.ts'

const TEMPLATE_HINT = 'A value that begins with {{ must stand in quotes, because { begins a mapping in YAML.'

/** `code` and `message` are the parser's; `given` is the piece of text it points at, `line` the line around it. */
export function syntaxProblem(code: string, message: string, given: string, line: string): Problem {
  const isTemplate = /(^|[\s:[,-])\{\{/.test(line)
  const piece = given.slice(0, 60)
  switch (code) {
    case 'DUPLICATE_KEY':
      return { message: `The key ${quoted(piece)} occurs twice here.`, hint: 'Keep one of them.' }
    case 'TAB_AS_INDENT':
      return { message: 'This line is indented with a tab, which YAML does not allow.', hint: 'Indent with spaces.' }
    case 'MULTIPLE_DOCS':
      return {
        message: 'This file holds more than one YAML document; a job file is one.',
        hint: 'Keep one job in each file, and remove the line that separates them (--- or ...).',
      }
    case 'COLLECTION_KEY':
      return isTemplate
        ? { message: `${quoted(`{${piece}}`)} is read as a mapping, not as a text.`, hint: TEMPLATE_HINT }
        : { message: 'A key must be a plain name, not a list or a mapping.' }
    case 'TAG_RESOLVE_FAILED':
      return {
        message: `The tag ${piece.split(/\s/, 1)[0]} is not known; a job needs no tags.`,
        hint: 'A value that begins with ! is a tag in YAML; write it in quotes if it is meant as a text.',
      }
    case 'BAD_SCALAR_START':
      return {
        message: `A value cannot begin with ${piece} in YAML.`,
        hint: 'Write the value in quotes.',
      }
    case 'BAD_DQ_ESCAPE':
      return {
        message: `A backslash is followed by something that means nothing in a text with double quotes.`,
        hint: 'Write \\\\ for a backslash, or put the text in single quotes.',
      }
    case 'BLOCK_AS_IMPLICIT_KEY':
      return {
        message: 'There is a second colon in this value, or the line is indented deeper than the one above allows.',
        hint: 'Write a value with a colon before a space, or at its end, in quotes; keep the keys of one mapping in one column.',
      }
    case 'MULTILINE_IMPLICIT_KEY':
    case 'MISSING_CHAR':
      return missing(message, piece)
    case 'BAD_INDENT':
      return {
        message: /Flow/.test(message)
          ? 'This bracket is not closed, or not before the next key begins.'
          : 'The indentation of this line does not fit the lines above it.',
        hint: isTemplate ? TEMPLATE_HINT : 'Keep the keys of one mapping in one column, and close every [ and {.',
      }
    case 'RESOURCE_EXHAUSTION':
      return TOO_DEEP
    case 'UNEXPECTED_TOKEN':
      return unexpected(message, isTemplate, line)
    default:
      return {
        message: `This is not valid YAML: ${lowered(message)}.`,
        hint: isTemplate
          ? TEMPLATE_HINT
          : 'Look at this line and the one above; quotes around a value help where it holds : # { [ or &.',
      }
  }
}

function missing(message: string, given: string): Problem {
  if (/quote/.test(message))
    return { message: 'This quotation mark is not closed.', hint: 'Add the same mark at the end of the text.' }
  if (/implicit|map value/i.test(message)) {
    return {
      message: `${quoted(given.split('\n', 1)[0] ?? '')} is neither a value nor a key: a colon and a space are missing.`,
      hint: 'Write `name: value`.',
    }
  }
  return { message: `This is not valid YAML: ${lowered(message)}.` }
}

function unexpected(message: string, isTemplate: boolean, line: string): Problem {
  if (isTemplate)
    return {
      message: 'A value that begins with {{ is read as a mapping, and the rest of it does not fit.',
      hint: TEMPLATE_HINT,
    }
  if (/[[{,:]\s*[^"'\s]*\$\{/.test(line)) {
    return {
      message: 'Between { } or [ ] a value that holds ${ cannot stand without quotes.',
      hint: 'Write the whole value in quotes.',
    }
  }
  if (/seq-ind/.test(message)) {
    return {
      message: 'An item of a list cannot stand on the line of its key.',
      hint: 'Begin the list on the next line, or write [a, b].',
    }
  }
  if (/end token/.test(message))
    return { message: 'This bracket closes nothing.', hint: 'Remove it, or look for the one it belongs to.' }
  return {
    message: 'This does not belong to the value before it.',
    hint: 'Write the whole value in quotes, or look at the indentation of this line and the one above.',
  }
}

function lowered(message: string): string {
  const text = message.replace(/\.$/, '').replace(/^\[.*?\]\s*/, '')
  return text.charAt(0).toLowerCase() + text.slice(1)
}
