// Numbers, sizes, times and tables, as people read them.

import { stripVTControlCharacters } from 'node:util'

export function count(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ',')
}

/** `1 request`, `2,000 requests`. */
export function counted(value: number, noun: string): string {
  const plural = noun.endsWith('h') ? `${noun}es` : noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`
  return `${count(value)} ${value === 1 ? noun : plural}`
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
  if (value === null) return 'unknown'
  if (value === 0) return '0.00 USD'
  return `${value < 0.01 ? value.toPrecision(2) : value.toFixed(value < 1 ? 4 : 2)} USD`
}

export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** Columns padded to their widest cell, two spaces between; numbers to the right. */
export function table(rows: readonly (readonly (string | number)[])[]): string {
  const texts = rows.map((row) => row.map((cell) => harmless(String(cell))))
  const widths: number[] = []
  for (const row of texts) {
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, cell.length)
  }
  return texts
    .map((row, line) =>
      row
        .map((cell, at) =>
          typeof rows[line]?.[at] === 'number' ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('')
}

/** Text from outside, without anything that could move a terminal's cursor or hide what follows. */
export function harmless(text: string): string {
  return stripVTControlCharacters(text).replace(/\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu, (char) =>
    char === '\n' || char === '\t' ? char : '�',
  )
}
