/** A text by its lines: which line and column an offset is. */

/** Line and column count from 1; `length` is how many characters of the line belong to it. */
export interface Place {
  readonly line: number
  readonly column: number
  readonly length: number
}

export interface TextLines {
  /** The line as it stands in the text, from 1, without its end. */
  line(number: number): string
  /** From an offset to another, cut at the end of the line; at least one character. */
  place(from: number, to: number): Place
  /** As much of the line around an offset as is worth looking at. */
  around(offset: number): string
}

export function textLines(text: string): TextLines {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  const line = (number: number): string => {
    const start = starts[number - 1]
    return start === undefined ? '' : text.slice(start, (starts[number] ?? text.length + 1) - 1).replace(/\r$/, '')
  }
  return {
    line,
    place(from, to) {
      const offset = Math.min(from, text.length)
      const number = lineOf(starts, offset)
      const column = offset - (starts[number - 1] ?? 0) + 1
      const rest = line(number).length - column + 1
      return { line: number, column, length: Math.max(1, Math.min(to - from, rest)) }
    },
    around(offset) {
      const before = text.slice(Math.max(0, offset - 200), offset)
      const after = text.slice(offset, offset + 200)
      return before.slice(before.lastIndexOf('\n') + 1) + (after.split('\n', 1)[0] ?? '')
    },
  }
}

/** The number of the last line that begins at or before the offset. */
function lineOf(starts: readonly number[], offset: number): number {
  let low = 0
  let high = starts.length
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((starts[middle] ?? 0) <= offset) low = middle
    else high = middle
  }
  return low + 1
}
