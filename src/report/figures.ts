// Numbers, sizes, money and times, as the pages show them.

export { counted } from '../core/phrase.ts'

/** `1,234,567`. */
export function count(value: number): string {
  return value.toLocaleString('en-US')
}

/** `999`, `1.2k`, `34k`, `5.6M`. */
export function short(value: number): string {
  for (const [size, letter] of UNITS) {
    // Rounded up to the next unit where it would read 1,000 of this one.
    if (value >= size * 0.9995) return `${trimmed(value / size)}${letter}`
  }
  return trimmed(value)
}

const UNITS = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const

function trimmed(value: number): string {
  return String(Number(value >= 100 ? value.toFixed(0) : value.toPrecision(2)))
}

export function bytes(value: number): string {
  return value < 1000 ? `${value} B` : `${short(value).replace(/[kMGT]$/, ' $&B')}`
}

/** null: the price of the model is unknown. */
export function usd(value: number | null): string {
  if (value === null) return 'unknown'
  if (value === 0) return '$0.00'
  return `$${value < 0.01 ? plain(value) : value.toFixed(value < 1 ? 4 : 2)}`
}

/** Two significant digits, never in scientific notation. */
function plain(value: number): string {
  const digits = Math.min(20, 1 - Math.floor(Math.log10(value)))
  return value.toFixed(digits)
}

export function duration(ms: number): string {
  const seconds = Math.max(0, ms / 1000)
  if (seconds < 10) return `${Number(seconds.toFixed(1))} s`
  if (seconds < 59.5) return `${Math.round(seconds)} s`
  const rest = Math.round(seconds) % 60
  if (seconds < 599.5) return `${Math.floor(Math.round(seconds) / 60)} min${rest === 0 ? '' : ` ${rest} s`}`
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  const over = minutes % 60 === 0 ? '' : ` ${minutes % 60} min`
  return hours < 48 ? `${hours} h${over}` : `${Math.round(hours / 24)} days`
}

/** `2026-11-22 10:31`, of UTC: for tables, whose heading says so. */
export function minute(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)}`
}

/** `2026-11-22 10:31:48 to 11:02:10 UTC`; the second date only where it is another. */
export function span(from: string, to: string): string {
  const isSameDay = from.slice(0, 10) === to.slice(0, 10)
  return `${from.slice(0, 10)} ${from.slice(11, 19)} to ${isSameDay ? `${to.slice(11, 19)} UTC` : instant(to)}`
}

/** `2026-11-22 10:31:48 UTC`. */
export function instant(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`
}
