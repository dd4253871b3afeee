/** What the scanner of JSON tells, and how it complains. */

export type ValueKind = 'object' | 'array' | 'string' | 'number' | 'literal'

export class JsonSyntaxError extends Error {
  constructor(reason: string, at: number) {
    super(`${reason}: byte ${at}`)
    this.name = 'JsonSyntaxError'
  }
}

/** What the scanner tells. Positions are bytes from the start of the stream; depth 0 is the value of the whole text. */
export interface ScanListener {
  /** A value begins. True: the text of this string is wanted. */
  begin(kind: ValueKind, depth: number, at: number): boolean
  /** It ended before `at`. `text` only where it was wanted: the raw bytes between the quotes, cut at 4,096. */
  end(kind: ValueKind, depth: number, at: number, text: string | undefined): void
  /** Whether the keys of objects at this depth are wanted. */
  wantsKeys(depth: number): boolean
  /** The key of the next value of the object at this depth. */
  key(depth: number, text: string): void
}
