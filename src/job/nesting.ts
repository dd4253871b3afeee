/** How deep a YAML text is nested, counted on its tokens before anything is built, because building is recursive. */

/** Offset of the token that goes deeper than `max`; undefined: none does. Tokens are those of the lexer of `yaml`. */
export function tooDeepAt(tokens: Iterable<string>, max: number): number | undefined {
  let offset = 0
  let brackets = 0
  // `- - - x` and `? ? ? x` nest without a bracket; indentation is bounded by the size of the file.
  let indicators = 0
  let isScalarNext = false
  for (const token of tokens) {
    if (isMark(token)) {
      isScalarNext = token === SCALAR_MARK
      continue
    }
    if (isScalarNext) isScalarNext = false
    else if (token === '[' || token === '{') brackets++
    else if (token === ']' || token === '}') brackets--
    else if (token === '-' || token === '?') indicators++
    else if (token.endsWith('\n')) indicators = 0
    if (brackets + indicators > max) return offset
    offset += token.length
  }
  return undefined
}

const SCALAR_MARK = '\u001f'

/** The lexer marks where documents, scalars and broken flow collections begin; these marks are not in the text. */
function isMark(token: string): boolean {
  return token === '\u0002' || token === '\u0018' || token === SCALAR_MARK
}
