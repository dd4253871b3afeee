/** Finds the place at which a text stops being JSON. `JSON.parse` tells it in words that differ with every Node. */

import { quoted } from '../core/phrase.ts'

export interface JsonSyntaxError {
  readonly offset: number
  /** A full sentence. */
  readonly message: string
}

const SPACE = /[ \t\n\r]*/y
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids exactly these in a text.
const STRING = /"(?:[^"\\\u0000-\u001f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*"/y
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y

/** undefined: the text is JSON. Without recursion, so that depth costs nothing. */
export function jsonSyntaxError(text: string): JsonSyntaxError | undefined {
  const open: ('[' | '{')[] = []
  let at = 0
  const skip = (pattern: RegExp): boolean => {
    pattern.lastIndex = at
    const found = pattern.exec(text)
    if (found !== null) at = pattern.lastIndex
    return found !== null
  }
  const wrong = (wanted: string): JsonSyntaxError => ({
    offset: Math.min(at, text.length),
    message:
      at >= text.length
        ? `The JSON ends here, but ${wanted} is missing.`
        : `This is not JSON: ${wanted} is wanted here, and there is ${quoted(text.slice(at, at + 1))}.`,
  })
  for (let wantsValue = true; ; ) {
    skip(SPACE)
    if (wantsValue) {
      const bracket = text[at]
      if (bracket === '[' || bracket === '{') {
        at++
        skip(SPACE)
        if (text[at] === (bracket === '[' ? ']' : '}')) {
          at++
        } else {
          open.push(bracket)
          if (bracket === '{' && !skip(STRING)) return wrong('a name in double quotes')
          if (bracket === '{' && !colon()) return wrong('a colon')
          continue
        }
      } else if (!skip(STRING) && !skip(SCALAR))
        return wrong(bracket === '"' ? 'a text with its closing quote' : 'a value')
      wantsValue = false
      continue
    }
    const owner = open[open.length - 1]
    if (owner === undefined) return at < text.length ? wrong('the end') : undefined
    if (text[at] === ',') {
      at++
      skip(SPACE)
      if (owner === '{' && !skip(STRING)) return wrong('a name in double quotes')
      if (owner === '{' && !colon()) return wrong('a colon')
      wantsValue = true
    } else if (text[at] === (owner === '[' ? ']' : '}')) {
      at++
      open.pop()
    } else return wrong(owner === '[' ? 'a comma or ]' : 'a comma or }')
  }

  function colon(): boolean {
    skip(SPACE)
    if (text[at] !== ':') return false
    at++
    return true
  }
}
