// What a value of a Parquet column becomes in JSON, without loss: what no JSON number can hold becomes a text.

import { isUtf8 } from 'node:buffer'
import type { Json } from '../core/json.ts'

/** What we need to know of a leaf column's schema. */
export interface LeafType {
  readonly name: string
  readonly type?: string
  readonly scale?: number
  readonly converted_type?: string
  readonly logical_type?: { readonly type: string } & Readonly<Record<string, unknown>>
}

/** Thrown for a type or a value that has no JSON form; the caller adds the file and the column. */
export class ParquetValueError extends Error {}

export type ConvertValue = (value: unknown) => Json

/**
 * The conversion for a column. Bytes without a text type become base64, or a text with `binary: text`. Whole numbers
 * beyond 2^53 and decimals of more than 15 digits become texts; NaN becomes null. Throws ParquetValueError for types
 * that are not supported.
 */
export function converterFor(leaf: LeafType, binary: 'base64' | 'text'): ConvertValue {
  const kind = kindOf(leaf)
  switch (kind) {
    case 'text':
      return (value) => textOf(bytesOf(value))
    case 'json':
      return (value) => jsonOf(textOf(bytesOf(value)))
    case 'decimal':
      return (value) => decimalOf(unscaledOf(value), Number(leaf.logical_type?.scale ?? leaf.scale ?? 0))
    case 'date':
      return (value) => new Date(Number(value) * 86_400_000).toISOString().slice(0, 10)
    case 'time':
      return (value) => timeOf(BigInt(value as number | bigint) * (NANOS[unitOf(leaf)] ?? 1n))
    case 'timestamp': {
      const nanos = NANOS[unitOf(leaf)] ?? 1n
      const zone = leaf.logical_type?.isAdjustedToUTC === false ? '' : 'Z'
      return (value) => timestampOf(BigInt(value as number | bigint) * nanos) + zone
    }
    case 'int96':
      return (value) => `${timestampOf(nanosOfInt96(value as bigint))}Z`
    case 'uuid':
      return (value) =>
        bytesOf(value)
          .toString('hex')
          .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
    case 'unsigned':
      return (value) => integerOf(BigInt.asUintN(leaf.type === 'INT64' ? 64 : 32, BigInt(value as number | bigint)))
    case 'float':
      return (value) => shortestOf(value as number)
    case 'bytes':
      return binary === 'text' ? (value) => textOf(bytesOf(value)) : (value) => bytesOf(value).toString('base64')
    case 'plain':
      return plainOf
    default:
      throw new ParquetValueError(`its type ${kind} is not supported`)
  }
}

/** The logical type where there is one, else the older converted type, else what is stored. */
function kindOf({ type, converted_type: converted, logical_type: logical }: LeafType): string {
  const known = KINDS[logical?.type ?? ''] ?? KINDS[converted ?? '']
  if (known !== undefined) return known
  if (logical?.type === 'INTEGER') return logical.isSigned === false ? 'unsigned' : 'plain'
  if (type === 'INT96') return 'int96'
  if (type === 'FLOAT') return 'float'
  return type === 'BYTE_ARRAY' || type === 'FIXED_LEN_BYTE_ARRAY' ? 'bytes' : 'plain'
}

const KINDS: Readonly<Record<string, string>> = {
  STRING: 'text',
  ENUM: 'text',
  UTF8: 'text',
  JSON: 'json',
  DECIMAL: 'decimal',
  DATE: 'date',
  TIME: 'time',
  TIME_MILLIS: 'time',
  TIME_MICROS: 'time',
  TIMESTAMP: 'timestamp',
  TIMESTAMP_MILLIS: 'timestamp',
  TIMESTAMP_MICROS: 'timestamp',
  UUID: 'uuid',
  UINT_8: 'unsigned',
  UINT_16: 'unsigned',
  UINT_32: 'unsigned',
  UINT_64: 'unsigned',
  INTERVAL: 'INTERVAL',
  BSON: 'BSON',
  FLOAT16: 'FLOAT16',
}

const NANOS: Readonly<Record<string, bigint>> = { MILLIS: 1_000_000n, MICROS: 1000n, NANOS: 1n }

function unitOf({ converted_type: converted, logical_type: logical }: LeafType): string {
  return String(logical?.unit ?? converted?.split('_')[1] ?? 'NANOS')
}

function plainOf(value: unknown): Json {
  if (typeof value === 'bigint') return integerOf(value)
  if (typeof value === 'number') return finiteOf(value)
  return value as boolean
}

/** NaN is how most tools store a missing number; infinity has no other form in JSON than a text. */
function finiteOf(value: number): Json {
  if (Number.isFinite(value)) return value
  return Number.isNaN(value) ? null : String(value)
}

function integerOf(value: bigint): Json {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value.toString()
}

/** The shortest number that is the same 32-bit float: 0.1 and not 0.10000000149011612. */
function shortestOf(value: number): Json {
  for (const digits of [6, 7, 8]) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return short
  }
  return finiteOf(value)
}

function bytesOf(value: unknown): Buffer {
  if (!(value instanceof Uint8Array)) throw new ParquetValueError('it does not hold bytes, as its type says')
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
}

function textOf(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new ParquetValueError('it holds a text that is not UTF-8')
  return bytes.toString('utf8')
}

function jsonOf(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch (cause) {
    throw new ParquetValueError('it holds a value that is not JSON, as its type says', { cause })
  }
}

/** The whole number that a decimal is stored as: an integer, or big-endian bytes in two's complement. */
function unscaledOf(value: unknown): bigint {
  if (typeof value === 'number' || typeof value === 'bigint') return BigInt(value)
  const hex = bytesOf(value).toString('hex')
  return hex === '' ? 0n : BigInt.asIntN(hex.length * 4, BigInt(`0x${hex}`))
}

function decimalOf(unscaled: bigint, scale: number): Json {
  const sign = unscaled < 0n ? '-' : ''
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0')
  const whole = digits.slice(0, digits.length - scale)
  const text = scale === 0 ? sign + digits : `${sign}${whole}.${digits.slice(digits.length - scale)}`
  return digits.replace(/^0+/, '').length <= 15 ? Number(text) : text
}

function timestampOf(nanos: bigint): string {
  const millis = floorDivide(nanos, 1_000_000n)
  const date = new Date(Number(millis))
  if (Number.isNaN(date.getTime())) throw new ParquetValueError('it holds a time that no calendar has')
  return date.toISOString().slice(0, -1) + finer(nanos - millis * 1_000_000n)
}

function timeOf(nanos: bigint): string {
  return timestampOf(nanos).slice(11)
}

/** The digits after the milliseconds, where there are any. */
function finer(nanos: bigint): string {
  return nanos === 0n ? '' : String(nanos).padStart(6, '0').replace(/000$/, '')
}

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by
  return value < 0n && quotient * by !== value ? quotient - 1n : quotient
}

/** Days since noon of a Julian epoch in the upper 32 bits, nanoseconds of the day below. */
function nanosOfInt96(value: bigint): bigint {
  return ((value >> 64n) - 2_440_588n) * 86_400_000_000_000n + (value & 0xffffffffffffffffn)
}
