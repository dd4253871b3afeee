// Finds, in a JSON text, what JSON.parse does not tell: where it is broken, and numbers that it would change.

export type ScanFinding =
  /** The text stops being JSON at `offset`; `expected` says what could stand there. */
  | { readonly kind: 'syntax'; readonly offset: number; readonly expected: string }
  /** A number at `path` (dotted) that a double cannot hold. */
  | { readonly kind: 'number'; readonly offset: number; readonly path: string; readonly text: string }

/** Cheap: false means that no number in the text can be changed by JSON.parse. */
export function mayChangeNumbers(text: string): boolean {
  return /\d{16}|\d[eE]\+?\d{3}/.test(text)
}

/** The first finding of the kind, undefined where there is none. Takes no more stack for deeper nesting. */
export function scanJson(text: string, kind: ScanFinding['kind']): ScanFinding | undefined {
  /** The open containers: for an object the name being read, for an array the position. */
  const open: (string | number)[] = []
  const isObject: boolean[] = []
  let at = 0
  let finding: ScanFinding | undefined

  const fail = (expected: string, offset = at): ScanFinding => ({ kind: 'syntax', offset, expected })
  const skipSpace = (): void => {
    while (/[ \t\n\r]/.test(text[at] ?? '')) at++
  }

  for (;;) {
    // A value begins here.
    skipSpace()
    const letter = text[at]
    if (letter === '{' || letter === '[') {
      at++
      skipSpace()
      if (text[at] === (letter === '{' ? '}' : ']')) at++
      else {
        isObject.push(letter === '{')
        open.push(letter === '{' ? '' : 0)
        if (letter === '{' && !readName()) return finding
        continue
      }
    } else if (letter === '"') {
      if (readString() === undefined) return finding
    } else {
      const scalar = matchAt(SCALAR, text, at)
      if (scalar === undefined) return fail('a value')
      if (kind === 'number' && isChanged(scalar))
        return { kind: 'number', offset: at, path: open.join('.'), text: scalar }
      at += scalar.length
    }
    // A value has ended here: close what ends with it, and go to the next.
    for (;;) {
      skipSpace()
      const depth = open.length
      if (depth === 0) return at < text.length ? fail('the end') : undefined
      const inObject = isObject[depth - 1] === true
      if (text[at] === ',') {
        at++
        if (inObject) {
          if (!readName()) return finding
        } else open[depth - 1] = Number(open[depth - 1]) + 1
        break
      }
      if (text[at] !== (inObject ? '}' : ']')) return fail(inObject ? '"," or "}"' : '"," or "]"')
      at++
      open.pop()
      isObject.pop()
    }
  }

  /** Reads `"name" :` of an object. */
  function readName(): boolean {
    skipSpace()
    if (text[at] !== '"') {
      finding = fail('a name in double quotes')
      return false
    }
    const name = readString()
    if (name === undefined) return false
    open[open.length - 1] = name
    skipSpace()
    if (text[at] !== ':') {
      finding = fail('":"')
      return false
    }
    at++
    return true
  }

  function readString(): string | undefined {
    const start = at
    for (at++; text[at] !== '"'; at++) {
      if (at >= text.length) {
        finding = fail('the closing quote of the text that begins here', start)
        return undefined
      }
      if (text.charCodeAt(at) < 0x20) {
        finding = fail('an escape such as \\n or \\t instead of a control character')
        return undefined
      }
      if (text[at] === '\\') {
        const escaped = matchAt(ESCAPE, text, at)
        if (escaped === undefined) {
          finding = fail('one of the escapes \\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX')
          return undefined
        }
        at += escaped.length - 1
      }
    }
    at++
    return text.slice(start + 1, at - 1)
  }
}

/** Integers past 2^53 lose digits; others past 10^308 become infinite. Fractions are rounded, as everywhere. */
function isChanged(scalar: string): boolean {
  const value = Number(scalar)
  if (Number.isNaN(value)) return false
  return !Number.isFinite(value) || (/^-?\d+$/.test(scalar) && !Number.isSafeInteger(value))
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

const SCALAR = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)/y
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y
