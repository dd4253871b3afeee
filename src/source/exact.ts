// Values that JavaScript's numbers and dates cannot hold exactly, as JSON that loses nothing.

import type { Json } from '../core/json.ts'

/** A whole number; beyond 2^53 a text. */
export function exactInteger(value: bigint): Json {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value.toString()
}

/** `unscaled` / 10^`scale`; a text where it has more than the 15 digits that a double surely holds. */
export function exactDecimal(unscaled: bigint, scale: number): Json {
  const sign = unscaled < 0n ? '-' : ''
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0')
  const whole = digits.slice(0, digits.length - scale)
  const text = scale === 0 ? sign + digits : `${sign}${whole}.${digits.slice(digits.length - scale)}`
  return digits.replace(/^0+/, '').length <= 15 ? Number(text) : text
}

/** NaN is how most tools store a missing number; infinity has no other form in JSON than a text. */
export function finiteNumber(value: number): Json {
  if (Number.isFinite(value)) return value
  return Number.isNaN(value) ? null : String(value)
}

/** The shortest number that is the same 32-bit float: 0.1 and not 0.10000000149011612. */
export function exactFloat(value: number): Json {
  for (const digits of [6, 7, 8]) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return short
  }
  return finiteNumber(value)
}

/** ISO 8601 without a zone: milliseconds, and the finer digits where there are any. Throws RangeError past year 275760. */
export function isoTimestamp(nanos: bigint): string {
  const millis = floorDivide(nanos, 1_000_000n)
  return new Date(Number(millis)).toISOString().slice(0, -1) + finer(nanos - millis * 1_000_000n)
}

/** A time of day. */
export function isoTime(nanos: bigint): string {
  return isoTimestamp(nanos).slice(11)
}

/** Days since 1970. */
export function isoDate(days: number): string {
  return new Date(days * 86_400_000).toISOString().replace(/T.*$/, '')
}

function finer(nanos: bigint): string {
  return nanos === 0n ? '' : String(nanos).padStart(6, '0').replace(/000$/, '')
}

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by
  return value < 0n && quotient * by !== value ? quotient - 1n : quotient
}
