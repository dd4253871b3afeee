/** Sizes, durations and ranges as a job writes them. */

export const SIZE_PATTERN = '^\\d+(\\.\\d+)?\\s*(B|KB|MB|GB|KiB|MiB|GiB)$'
export const DURATION_PATTERN = '^\\d+(\\.\\d+)?\\s*(ms|s|m|h)$'
export const POLL_PATTERN = '^\\d+(\\.\\d+)?(ms|s|m|h)(\\.\\.\\d+(\\.\\d+)?(ms|s|m|h))?$'
export const PAGES_PATTERN = '^[1-9]\\d*(-[1-9]\\d*)?(,\\s*[1-9]\\d*(-[1-9]\\d*)?)*$'

const BYTES: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
}
const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** '200MB' → 200,000,000 bytes, '1MiB' → 1,048,576; a number is bytes already. undefined: no size. */
export function parseSize(size: string | number): number | undefined {
  return typeof size === 'number' ? size : amount(size, BYTES)
}

/** '1.5s' → 1,500 milliseconds. undefined: no duration. */
export function parseDuration(duration: string): number | undefined {
  return amount(duration, MILLISECONDS)
}

/** '5s..60s' → both ends in milliseconds; '30s' is both ends. undefined: no range. */
export function parsePoll(range: string): { minMs: number; maxMs: number } | undefined {
  const [from = '', to = from] = range.split('..')
  const minMs = parseDuration(from)
  const maxMs = parseDuration(to)
  return minMs === undefined || maxMs === undefined ? undefined : { minMs, maxMs }
}

function amount(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)\s*([A-Za-z]+)$/.exec(text.trim()) ?? []
  const factor = Object.hasOwn(units, unit) ? units[unit] : undefined
  return digits === undefined || factor === undefined ? undefined : Math.round(Number(digits) * factor)
}
