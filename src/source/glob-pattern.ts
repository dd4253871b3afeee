// A glob as segments that are matched one folder at a time. Pure; glob.ts walks the disk with it.

import { UserError } from '../core/errors.ts'

/** One part of a pattern between slashes; 'any-depth' is `**`. */
export type Segment = 'any-depth' | readonly Token[]

/** What one place of a name may hold. */
export type Token = 'star' | 'one' | { readonly literal: string } | { readonly set: string; readonly not: boolean }

/** `{a,b}` multiplies; a pattern that unfolds into more than this is a mistake. */
const MAX_ALTERNATIVES = 1000

/** Whether the text asks for a search at all. */
export function isGlob(text: string): boolean {
  return /[*?[{]/.test(text)
}

/** The pattern's alternatives (one for each choice of its braces), each a list of segments. */
export function parseGlob(pattern: string): Segment[][] {
  return expandBraces(pattern).map((alternative) => {
    const names = alternative.split('/').filter((name) => name !== '' && name !== '.')
    if (names.includes('..')) {
      throw new UserError({
        message: `The pattern "${pattern}" contains "..".`,
        hint: 'A pattern searches below the project root; write it relative to the root.',
      })
    }
    const segments: Segment[] = names.map((name) => (name === '**' ? 'any-depth' : parseSegment(name)))
    // `data/**` means every file below data.
    if (segments.at(-1) === 'any-depth') segments.push(['star'])
    return segments
  })
}

/** The name that a segment without wildcards stands for; undefined where it has any. */
export function literalName(segment: Segment): string | undefined {
  if (segment === 'any-depth') return undefined
  let name = ''
  for (const token of segment) {
    if (typeof token === 'string' || !('literal' in token)) return undefined
    name += token.literal
  }
  return name
}

/**
 * Whether a file or folder name fits a segment. A name that begins with a dot only fits where the pattern writes the
 * dot. Takes time in proportion to pattern × name, whatever the pattern.
 */
export function matchSegment(segment: readonly Token[], name: string): boolean {
  const letters = [...name]
  if (letters[0] === '.' && !isLiteral(segment[0], '.')) return false
  let token = 0
  let letter = 0
  let afterStar = -1
  let retryAt = 0
  while (letter < letters.length) {
    const wanted = segment[token]
    if (wanted === 'star') {
      afterStar = ++token
      retryAt = letter
    } else if (wanted !== undefined && fits(wanted, letters[letter] ?? '')) {
      token++
      letter++
    } else if (afterStar >= 0) {
      token = afterStar
      letter = ++retryAt
    } else return false
  }
  while (segment[token] === 'star') token++
  return token === segment.length
}

function fits(token: Token, letter: string): boolean {
  if (token === 'one') return true
  if (token === 'star') return false
  if ('literal' in token) return token.literal === letter
  return inSet(token.set, letter) !== token.not
}

function isLiteral(token: Token | undefined, letter: string): boolean {
  return typeof token === 'object' && 'literal' in token && token.literal === letter
}

function inSet(set: string, letter: string): boolean {
  const members = [...set]
  for (let i = 0; i < members.length; i++) {
    const from = members[i] ?? ''
    const to = members[i + 1] === '-' ? members[i + 2] : undefined
    if (to === undefined) {
      if (letter === from) return true
    } else {
      if (letter >= from && letter <= to) return true
      i += 2
    }
  }
  return false
}

function parseSegment(text: string): Token[] {
  const tokens: Token[] = []
  const letters = [...text]
  for (let i = 0; i < letters.length; i++) {
    const letter = letters[i] ?? ''
    if (letter === '*') {
      if (tokens.at(-1) !== 'star') tokens.push('star')
    } else if (letter === '?') tokens.push('one')
    else if (letter === '[') {
      const not = letters[i + 1] === '!' || letters[i + 1] === '^'
      const start = i + (not ? 2 : 1)
      // A `]` that stands first belongs to the set.
      const end = letters.indexOf(']', start + 1)
      if (end < 0) tokens.push({ literal: letter })
      else {
        tokens.push({ set: letters.slice(start, end).join(''), not })
        i = end
      }
    } else tokens.push({ literal: letter })
  }
  return tokens
}

/** 'a{b,c}d' → 'abd', 'acd'; braces may be nested; braces without a comma stand for themselves. */
function expandBraces(pattern: string): string[] {
  let done: string[] = []
  let open = [pattern]
  while (open.length > 0) {
    const next: string[] = []
    for (const text of open) {
      const brace = firstBrace(text)
      if (brace === undefined) done.push(text)
      else for (const choice of brace.choices) next.push(text.slice(0, brace.start) + choice + text.slice(brace.end))
    }
    if (done.length + next.length > MAX_ALTERNATIVES) {
      throw new UserError({
        message: `The braces of the pattern "${pattern.slice(0, 60)}" unfold into more than ${MAX_ALTERNATIVES} patterns.`,
        hint: 'Use * for part of it, or a list of patterns.',
      })
    }
    open = next
  }
  done = [...new Set(done)]
  return done
}

/** The first brace group that holds a comma at its own depth; `end` is the place after its closing brace. */
function firstBrace(text: string): { start: number; end: number; choices: string[] } | undefined {
  for (let start = text.indexOf('{'); start >= 0; start = text.indexOf('{', start + 1)) {
    const choices: string[] = []
    let depth = 0
    let from = start + 1
    for (let i = start; i < text.length; i++) {
      const letter = text[i]
      if (letter === '{') depth++
      else if (letter === ',' && depth === 1) {
        choices.push(text.slice(from, i))
        from = i + 1
      } else if (letter === '}' && --depth === 0) {
        if (choices.length === 0) break
        return { start, end: i + 1, choices: [...choices, text.slice(from, i)] }
      }
    }
  }
  return undefined
}
