// Finds the JSON in an answer: the whole text, a fenced block, or the first object or array that parses.

import type { Json } from '../core/json.ts'

export type FoundJson =
  | { readonly found: true; readonly value: Json }
  | { readonly found: false; readonly message: string }

/** Strict: the text is the JSON document. For the provider's structured output. */
export function parseWholeText(text: string): FoundJson {
  return tryParse(text.trim())
}

/** Lenient: prose or a code fence around the document is allowed. For answers that were only asked for JSON. */
export function findJson(text: string): FoundJson {
  const whole = tryParse(text.trim())
  if (whole.found) return whole
  for (const fence of text.matchAll(/```[A-Za-z]*\s*\n([\s\S]*?)```/g)) {
    const fenced = tryParse((fence[1] ?? '').trim())
    if (fenced.found) return fenced
  }
  const embedded = firstEmbedded(text)
  return embedded === undefined ? whole : { found: true, value: embedded }
}

function tryParse(text: string): FoundJson {
  if (text === '') return { found: false, message: 'The answer is empty; a JSON document was asked for.' }
  try {
    return { found: true, value: JSON.parse(text) as Json }
  } catch (error) {
    return { found: false, message: `The answer is not JSON: ${(error as Error).message}.` }
  }
}

/** Attempts to parse from each opening bracket are bounded, so that a hostile text costs no quadratic time. */
const MAX_STARTS = 50

function firstEmbedded(text: string): Json | undefined {
  let starts = 0
  for (let at = text.search(/[{[]/); at >= 0 && at < text.length && starts < MAX_STARTS; starts += 1) {
    const end = closingBracket(text, at)
    if (end !== undefined) {
      const parsed = tryParse(text.slice(at, end + 1))
      if (parsed.found) return parsed.value
    }
    const next = text.slice(at + 1).search(/[{[]/)
    if (next < 0) return undefined
    at += 1 + next
  }
  return undefined
}

/** Index of the bracket that closes the one at `start`, strings skipped. */
function closingBracket(text: string, start: number): number | undefined {
  let depth = 0
  let inString = false
  for (let at = start; at < text.length; at += 1) {
    const char = text[at]
    if (inString) {
      if (char === '\\') at += 1
      else if (char === '"') inString = false
    } else if (char === '"') inString = true
    else if (char === '{' || char === '[') depth += 1
    else if (char === '}' || char === ']') {
      depth -= 1
      if (depth === 0) return at
    }
  }
  return undefined
}
