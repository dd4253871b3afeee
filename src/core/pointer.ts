/** JSON pointers (RFC 6901) and how we show them to people. */

/** '/a~1b/0' → ['a/b', '0']; '' → []. */
export function pointerParts(pointer: string): string[] {
  if (pointer === '') return []
  return pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

export function pointerOf(parts: readonly (string | number)[]): string {
  return parts.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/** '/sinks/1/path' → 'sinks[1].path', the way a person would write it; '' → ''. */
export function dottedName(pointer: string): string {
  return pointerParts(pointer)
    .map((part) => {
      if (/^\d+$/.test(part)) return `[${part}]`
      return /^[\w$-]+$/.test(part) ? `.${part}` : `[${JSON.stringify(part)}]`
    })
    .join('')
    .replace(/^\./, '')
}

/** Percent-encoding taken off; a text that is not properly encoded stays as it is. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
