// Numbers, sizes, times and tables, as people read them.

import { dollars } from '../core/phrase.ts'
import { displayWidth, visible } from '../core/safe-text.ts'

export { counted } from '../core/phrase.ts'

export function count(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ',')
}

export function bytes(value: number): string {
  if (value < 1000) return `${value} B`
  const units = ['kB', 'MB', 'GB', 'TB']
  let size = value / 1000
  let unit = 0
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1000
    unit += 1
  }
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} ${units[unit]}`
}

export function usd(value: number | null): string {
  return value === null ? 'unknown' : dollars(value)
}

export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`
}

/** How long ago, as one number: `56 min`, `3 days`. */
export function age(ms: number): string {
  if (ms < 60_000) return duration(ms)
  const minutes = Math.floor(ms / 60_000)
  return minutes < 60 ? `${minutes} min` : minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h` : duration(ms)
}

/** Columns padded to their widest cell, two spaces between; a column with numbers stands to the right. */
export function table(rows: readonly (readonly (string | number)[])[], indent = ''): string {
  const texts = rows.map((row) => row.map((cell) => (typeof cell === 'number' ? count(cell) : unbroken(cell))))
  const widths: number[] = []
  for (const row of texts) {
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, displayWidth(cell))
  }
  const isRight = widths.map((_, at) => rows.some((row) => typeof row[at] === 'number'))
  return texts
    .map((row) => {
      const cells = row.map((cell, at) => {
        const space = ' '.repeat((widths[at] ?? 0) - displayWidth(cell))
        return isRight[at] === true ? `${space}${cell}` : `${cell}${space}`
      })
      return `${indent}${cells.join('  ')}`.trimEnd()
    })
    .map((line) => `${line}\n`)
    .join('')
}

/** The same within so many columns, without those that a narrow terminal can do without: their places, the first to go first. */
export function fittedTable(
  rows: readonly (readonly (string | number)[])[],
  columns: number,
  dispensable: readonly number[],
  indent = '',
): string {
  for (let dropped = 0; ; dropped += 1) {
    const without = new Set(dispensable.slice(0, dropped))
    const text = table(
      rows.map((row) => row.filter((_, at) => !without.has(at))),
      indent,
    )
    const isFitting = text.split('\n').every((line) => displayWidth(line) <= columns)
    if (isFitting || dropped === dispensable.length) return text
  }
}

/** Sentences broken between words. What is indented stays as it is: tables, and commands that are to be pasted. */
export function wrapped(text: string, columns: number): string {
  return text
    .split('\n')
    .flatMap((line) => (line.startsWith('  ') || displayWidth(line) <= columns ? [line] : broken(line, columns)))
    .join('\n')
}

function broken(line: string, columns: number): string[] {
  const lines: string[] = []
  let current = ''
  for (const word of line.match(/\S+\s*/g) ?? []) {
    if (current !== '' && displayWidth(current + word.trimEnd()) > columns) {
      lines.push(current.trimEnd())
      current = ''
    }
    current += word
  }
  return [...lines, current]
}

/** A word that can be pasted into a shell. */
export function shellWord(text: string): string {
  const word = visible(text)
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

/** A text from outside without line breaks: what could move a terminal's cursor or hide what follows shows as [U+001B]. */
export function unbroken(text: string): string {
  return visible(text).replace(/[\n\t]/g, ' ')
}

/** The same without the room between its words. */
export function oneLine(text: string): string {
  return visible(text).replace(/\s+/g, ' ').trim()
}
