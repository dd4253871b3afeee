// What a value of a Parquet column becomes in JSON, without loss: what no JSON number can hold becomes a text.

import { isUtf8 } from 'node:buffer'
import type { Json } from '../core/json.ts'
import { exactDecimal, exactFloat, exactInteger, finiteNumber, isoDate, isoTime, isoTimestamp } from './exact.ts'
import { mayChangeNumbers, scanJson } from './json-scan.ts'

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
      return (value) => exactDecimal(unscaledOf(value), Number(leaf.logical_type?.scale ?? leaf.scale ?? 0))
    case 'date':
      return (value) => isoDate(Number(value))
    case 'time':
      return (value) => isoTime(BigInt(value as number | bigint) * (NANOS[unitOf(leaf)] ?? 1n))
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
      return (value) => exactInteger(BigInt.asUintN(leaf.type === 'INT64' ? 64 : 32, BigInt(value as number | bigint)))
    case 'float':
      return (value) => exactFloat(value as number)
    case 'bytes':
      return binary === 'text' ? (value) => textOf(bytesOf(value)) : (value) => bytesOf(value).toString('base64')
    case 'plain':
      return plainOf
    default:
      throw new ParquetValueError(`its type ${kind} is not supported`)
  }
}

/** Whether bytes of the column are texts just as they are. */
export function holdsTexts(leaf: LeafType, binary: 'base64' | 'text'): boolean {
  const kind = kindOf(leaf)
  return kind === 'text' || (kind === 'bytes' && binary === 'text')
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
  if (typeof value === 'bigint') return exactInteger(value)
  if (typeof value === 'number') return finiteNumber(value)
  return value as boolean
}

function bytesOf(value: unknown): Buffer {
  if (Buffer.isBuffer(value)) return value
  if (!(value instanceof Uint8Array)) throw new ParquetValueError('it does not hold bytes, as its type says')
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
}

function textOf(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new ParquetValueError('it holds a text that is not UTF-8')
  return bytes.toString('utf8')
}

function jsonOf(text: string): Json {
  let value: Json
  try {
    value = JSON.parse(text) as Json
  } catch (cause) {
    throw new ParquetValueError('it holds a value that is not JSON, as its type says', { cause })
  }
  if (mayChangeNumbers(text) && scanJson(text, 'number') !== undefined)
    throw new ParquetValueError('it holds JSON with a number that is too large to be kept exactly')
  return value
}

/** The whole number that a decimal is stored as: an integer, or big-endian bytes in two's complement. */
function unscaledOf(value: unknown): bigint {
  if (typeof value === 'number' || typeof value === 'bigint') return BigInt(value)
  const hex = bytesOf(value).toString('hex')
  return hex === '' ? 0n : BigInt.asIntN(hex.length * 4, BigInt(`0x${hex}`))
}

function timestampOf(nanos: bigint): string {
  try {
    return isoTimestamp(nanos)
  } catch (cause) {
    throw new ParquetValueError('it holds a time that no calendar has', { cause })
  }
}

/** Days since noon of a Julian epoch in the upper 32 bits, nanoseconds of the day below. */
function nanosOfInt96(value: bigint): bigint {
  return ((value >> 64n) - 2_440_588n) * 86_400_000_000_000n + (value & 0xffffffffffffffffn)
}
