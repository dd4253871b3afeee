// Finds the JSON in an answer: the whole text, a fenced block, or the objects and lists that stand in it.

import type { Json } from '../core/json.ts'

export type FoundJson =
  | { readonly found: true; readonly value: Json }
  | { readonly found: false; readonly message: string }

/** Strict: the text is the JSON document. For the provider's structured output. */
export function parseWholeText(text: string): FoundJson {
  const trimmed = text.trim()
  if (trimmed === '') return { found: false, message: 'The answer is empty; a JSON document was asked for.' }
  try {
    return { found: true, value: JSON.parse(trimmed) as Json }
  } catch (error) {
    return { found: false, message: `The answer is not JSON: ${(error as Error).message}.` }
  }
}

export interface Candidate {
  readonly value: Json
  /** Of its text, in characters. */
  readonly length: number
}

/**
 * Lenient: prose or a code fence around the document is allowed, for answers that were only asked for JSON. The whole
 * text when it is JSON, and then nothing else; else what is fenced; then every object or list in the text, in order. The
 * message says why the text as a whole is none.
 */
export function jsonCandidates(text: string): { readonly found: readonly Candidate[]; readonly message: string } {
  const whole = parseWholeText(text)
  if (whole.found) return { found: [{ value: whole.value, length: text.length }], message: '' }
  return { found: [...fenced(text), ...embedded(text)], message: whole.message }
}

function fenced(text: string): Candidate[] {
  const fences = text.matchAll(/```[A-Za-z0-9]*[ \t]*\r?\n([\s\S]*?)```/g)
  return [...fences].flatMap((fence) => candidate(fence[1] ?? ''))
}

/** What stands inside a value that is cut off or broken is a part of the answer and would pass for the whole: passed over. */
function embedded(text: string): Candidate[] {
  const found: Candidate[] = []
  for (let at = nextOpening(text, 0); at !== -1; ) {
    const end = closingBracket(text, at)
    if (end === undefined) break
    found.push(...candidate(text.slice(at, end + 1)))
    at = nextOpening(text, end + 1)
  }
  return found
}

function candidate(text: string): Candidate[] {
  const parsed = parseWholeText(text)
  return parsed.found ? [{ value: parsed.value, length: text.length }] : []
}

/** A bracket behind which JSON goes on, as against one in prose. */
function nextOpening(text: string, from: number): number {
  const opening = /\{\s*["}]|\[\s*(?:[[{"\]\d-]|true|false|null)/g
  opening.lastIndex = from
  return opening.exec(text)?.index ?? -1
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
