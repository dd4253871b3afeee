// A text that a regular expression matches, for the expressions that people write into schemas. Best effort: what the
// expression looks ahead to is not understood, and the caller checks the result.

type Node =
  | { readonly type: 'text'; readonly choices: readonly string[] }
  | { readonly type: 'sequence'; readonly parts: readonly Node[] }
  | { readonly type: 'either'; readonly branches: readonly Node[] }
  | { readonly type: 'repeat'; readonly part: Node; readonly least: number; readonly most: number }

const NOTHING: Node = { type: 'sequence', parts: [] }
const LETTERS = [...'abcdefghijklmnopqrstuvwxyz']
const CAPITALS = LETTERS.map((letter) => letter.toUpperCase())
const DIGITS = [...'0123456789']
const WORD = [...LETTERS, ...CAPITALS, ...DIGITS, '_']
const PRINTABLE = Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at))

/**
 * `choose` draws a whole number below its argument; `extra` is how often a repetition goes beyond its least. Undefined
 * where the expression uses what is not understood here.
 */
export function textForPattern(pattern: string, choose: (count: number) => number, extra: number): string | undefined {
  try {
    return render(new PatternReader(pattern).read(), choose, extra)
  } catch {
    return undefined
  }
}

function render(node: Node, choose: (count: number) => number, extra: number): string {
  switch (node.type) {
    case 'text':
      return node.choices[choose(node.choices.length)] ?? ''
    case 'sequence':
      return node.parts.map((part) => render(part, choose, extra)).join('')
    case 'either':
      return render(node.branches[choose(node.branches.length)] ?? NOTHING, choose, extra)
    default: {
      const times = Math.min(node.most, node.least + extra)
      return Array.from({ length: times }, () => render(node.part, choose, extra)).join('')
    }
  }
}

class PatternReader {
  readonly #pattern: string
  #at = 0

  constructor(pattern: string) {
    this.#pattern = pattern
  }

  read(): Node {
    const node = this.#either()
    if (this.#at < this.#pattern.length) throw new Error('unbalanced')
    return node
  }

  #either(): Node {
    const branches = [this.#sequence()]
    while (this.#take('|')) branches.push(this.#sequence())
    return branches.length === 1 ? (branches[0] ?? NOTHING) : { type: 'either', branches }
  }

  #sequence(): Node {
    const parts: Node[] = []
    while (this.#at < this.#pattern.length && !'|)'.includes(this.#peek())) parts.push(this.#repeated(this.#atom()))
    return { type: 'sequence', parts }
  }

  #repeated(part: Node): Node {
    const next = this.#peek()
    let repeat: Node = part
    if (next === '*' || next === '+' || next === '?') {
      this.#at++
      const least = next === '+' ? 1 : 0
      repeat = { type: 'repeat', part, least, most: next === '?' ? 1 : Number.POSITIVE_INFINITY }
    } else {
      const counts = /^\{(\d+)(,(\d*))?\}/.exec(this.#pattern.slice(this.#at))
      if (counts === null) return part
      this.#at += counts[0].length
      const least = Number(counts[1])
      const most = counts[2] === undefined ? least : counts[3] === '' ? Number.POSITIVE_INFINITY : Number(counts[3])
      repeat = { type: 'repeat', part, least, most }
    }
    this.#take('?')
    return repeat
  }

  #atom(): Node {
    const character = this.#next()
    if (character === '^' || character === '$') return NOTHING
    if (character === '.') return { type: 'text', choices: LETTERS }
    if (character === '(') return this.#group()
    if (character === '[') return { type: 'text', choices: this.#class() }
    if (character === '\\') return this.#escape()
    return { type: 'text', choices: [character] }
  }

  #group(): Node {
    const look = /^\?(=|!|<=|<!)/.exec(this.#pattern.slice(this.#at))
    const opening = /^\?(:|=|!|<=|<!|<[^>]*>)/.exec(this.#pattern.slice(this.#at))
    if (opening !== null) this.#at += opening[0].length
    const inner = this.#either()
    if (!this.#take(')')) throw new Error('unbalanced')
    return look === null ? inner : NOTHING
  }

  #escape(): Node {
    const character = this.#next()
    if (character === 'b' || character === 'B') return NOTHING
    return { type: 'text', choices: this.#escaped(character) }
  }

  #escaped(character: string): readonly string[] {
    switch (character) {
      case 'd':
        return DIGITS
      case 'D':
        return LETTERS
      case 'w':
        return LETTERS
      case 'W':
        return ['-']
      case 's':
        return [' ']
      case 'S':
        return LETTERS
      case 'n':
        return ['\n']
      case 't':
        return ['\t']
      case 'r':
        return ['\r']
      case 'p':
      case 'P':
        return this.#property(character === 'P')
      case 'u':
      case 'x':
        return [this.#codePoint(character)]
      default:
        if (/[0-9k]/.test(character)) throw new Error('a reference to a group')
        return [character]
    }
  }

  #property(isNegated: boolean): readonly string[] {
    const name = /^\{([^}]*)\}/.exec(this.#pattern.slice(this.#at))
    if (name === null) throw new Error('no property')
    this.#at += name[0].length
    const test = new RegExp(`\\${isNegated ? 'P' : 'p'}{${name[1]}}`, 'u')
    return PRINTABLE.filter((one) => test.test(one))
  }

  #codePoint(kind: string): string {
    const rest = this.#pattern.slice(this.#at)
    const digits =
      /^\{([0-9a-fA-F]+)\}/.exec(rest) ?? (kind === 'u' ? /^([0-9a-fA-F]{4})/ : /^([0-9a-fA-F]{2})/).exec(rest)
    if (digits === null) throw new Error('no code point')
    this.#at += digits[0].length
    return String.fromCodePoint(Number.parseInt(digits[1] ?? '0', 16))
  }

  #class(): readonly string[] {
    const isNegated = this.#take('^')
    const members = new Set<string>()
    while (this.#peek() !== ']') {
      let first = this.#next()
      if (first === '\\') {
        const choices = this.#classEscape(members)
        if (choices === undefined) continue
        first = choices
      }
      if (this.#peek() === '-' && this.#pattern[this.#at + 1] !== ']') {
        this.#at++
        let last = this.#next()
        if (last === '\\') last = this.#next()
        const end = last.codePointAt(0) ?? 0
        for (let code = first.codePointAt(0) ?? 0; code <= end && members.size < 300; code++) {
          members.add(String.fromCodePoint(code))
        }
      } else members.add(first)
    }
    this.#at++
    const choices = isNegated ? [...WORD, ...PRINTABLE].filter((one) => !members.has(one)) : [...members]
    if (choices.length === 0) throw new Error('an empty class')
    return choices
  }

  /** An escape in a class: a single character that may begin a range, or several that are added at once. */
  #classEscape(members: Set<string>): string | undefined {
    const character = this.#next()
    if (character === 'b') return '\b'
    const choices = character === 'w' ? WORD : this.#escaped(character)
    if (choices.length === 1) return choices[0]
    for (const choice of choices) members.add(choice)
    return undefined
  }

  #peek(): string {
    return this.#pattern[this.#at] ?? ''
  }

  #next(): string {
    const code = this.#pattern.codePointAt(this.#at)
    if (code === undefined) throw new Error('unexpected end')
    const character = String.fromCodePoint(code)
    this.#at += character.length
    return character
  }

  #take(character: string): boolean {
    if (this.#peek() !== character || character === '') return false
    this.#at++
    return true
  }
}
