import { describeValue } from '../core/phrase.ts'
import { HelperError } from './template-error.ts'

const MONTHS = 'January February March April May June July August September October November December'.split(' ')
const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ')

/** A date, or a date with a time; a time without a zone is UTC, because no machine's zone may change a prompt. */
const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)\s*(Z|[+-]\d{2}:?\d{2})?)?$/i

/**
 * Formats an ISO 8601 text or milliseconds since 1970 in UTC. The format knows YYYY YY MMMM MMM MM M DD D dddd ddd HH H
 * mm ss; anything in [brackets] stands as it is. Throws HelperError.
 */
export function formatDate(value: unknown, format: string): string {
  const date = dateOf(value)
  const two = (number: number): string => String(number).padStart(2, '0')
  const month = MONTHS[date.getUTCMonth()] ?? ''
  const day = DAYS[date.getUTCDay()] ?? ''
  const pieces: Record<string, string> = {
    YYYY: String(date.getUTCFullYear()).padStart(4, '0'),
    YY: two(date.getUTCFullYear() % 100),
    MMMM: month,
    MMM: month.slice(0, 3),
    MM: two(date.getUTCMonth() + 1),
    M: String(date.getUTCMonth() + 1),
    DD: two(date.getUTCDate()),
    D: String(date.getUTCDate()),
    dddd: day,
    ddd: day.slice(0, 3),
    HH: two(date.getUTCHours()),
    H: String(date.getUTCHours()),
    mm: two(date.getUTCMinutes()),
    ss: two(date.getUTCSeconds()),
  }
  return format.replace(/\[([^\]]*)\]|YYYY|YY|M{1,4}|DD|D|d{3,4}|HH|H|mm|ss/g, (piece, literal?: string) =>
    literal === undefined ? (pieces[piece] ?? piece) : literal,
  )
}

function dateOf(value: unknown): Date {
  const date =
    typeof value === 'number' ? new Date(value) : typeof value === 'string' ? parseIso(value.trim()) : undefined
  if (date !== undefined && !Number.isNaN(date.getTime())) return date
  throw new HelperError(
    `The helper date needs an ISO 8601 date such as 2026-11-22 or milliseconds since 1970; it was given ${describeValue(value)}.`,
  )
}

function parseIso(text: string): Date | undefined {
  const match = ISO.exec(text)
  if (match === null) return undefined
  const [, year, month, day, time = '00:00', zone = 'Z'] = match
  const offset = zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone.toUpperCase()
  const midnight = new Date(`${year}-${month}-${day}T00:00Z`)
  // JavaScript takes 31 February for 3 March.
  if (midnight.getUTCDate() !== Number(day)) return undefined
  return new Date(`${year}-${month}-${day}T${time}${offset}`)
}
