// Short pieces of JSON written where they are to stand: a call out of JavaScript takes longer than a hundred letters.

const SPACE = 32
const QUOTE = 34
const BACKSLASH = 92
const DELETE = 127
const ZERO = 48
/** Below it all whole numbers fit into 32 bits. */
const LARGE = 1_000_000_000

/** Writes letters that are all ASCII and answers where they end. */
export function putAscii(into: Buffer, at: number, text: string): number {
  for (let index = 0; index < text.length; index += 1) into[at + index] = text.charCodeAt(index)
  return at + text.length
}

/** Writes what JSON.stringify makes of the text, and answers where it ends. */
export function putJson(into: Buffer, at: number, text: string): number {
  into[at] = QUOTE
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index)
    if (unit < SPACE || unit === QUOTE || unit === BACKSLASH || unit >= DELETE) {
      return at + into.write(JSON.stringify(text), at)
    }
    into[at + 1 + index] = unit
  }
  into[at + 1 + text.length] = QUOTE
  return at + 2 + text.length
}

/** Writes what JSON.stringify makes of the number, and answers where it ends. */
export function putNumber(into: Buffer, at: number, number: number): number {
  if (!(number >= 0 && number < LARGE && Number.isInteger(number))) return putAscii(into, at, JSON.stringify(number))
  let digits = 1
  for (let most = 10; number >= most; most *= 10) digits += 1
  let rest = number
  for (let place = at + digits - 1; place >= at; place -= 1) {
    const next = Math.floor(rest / 10)
    into[place] = ZERO + rest - next * 10
    rest = next
  }
  return at + digits
}
