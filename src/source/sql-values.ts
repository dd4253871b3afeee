// What a value of DuckDB becomes in JSON, without loss. Knows DuckDB's values by their shape alone.

import { UserError } from '../core/errors.ts'
import type { Json } from '../core/json.ts'
import { exactDecimal, exactFloat, exactInteger, finiteNumber, isoDate, isoTime, isoTimestamp } from './exact.ts'
import { mayChangeNumbers, scanJson } from './json-scan.ts'

/** DuckDB's description of a type, as far as it matters here. */
export interface SqlType {
  toString(): string
  readonly alias?: string | undefined
}

interface NestedType extends SqlType {
  readonly valueType?: SqlType
  readonly entryNames?: readonly string[]
  readonly entryTypes?: readonly SqlType[]
}

export type ConvertSql = (value: unknown) => Json

/**
 * The conversion for a column: whole numbers beyond 2^53 and long decimals become texts, times ISO 8601, bytes base64,
 * JSON what it says; lists, structs and maps stay nested; types of DuckDB alone (intervals, bits …) become its text.
 */
export function sqlConverter(type: SqlType): ConvertSql {
  const convert = converterOf(type)
  return (value) => (value === null || value === undefined ? null : convert(value))
}

function converterOf(type: SqlType): ConvertSql {
  const { valueType, entryNames, entryTypes } = type as NestedType
  if (entryNames !== undefined && entryTypes !== undefined) return structConverter(entryNames, entryTypes)
  const name = type.toString()
  if (name.startsWith('MAP(')) return mapConverter(valueType)
  if (valueType !== undefined) {
    const item = sqlConverter(valueType)
    return (value) => (value as { items: readonly unknown[] }).items.map(item)
  }
  if (type.alias === 'JSON') return (value) => jsonOf(String(value))
  return SCALARS[name.replace(/\(.*$/, '')] ?? String
}

function structConverter(names: readonly string[], types: readonly SqlType[]): ConvertSql {
  const members = types.map(sqlConverter)
  return (value) => {
    const { entries } = value as { entries: Readonly<Record<string, unknown>> }
    return Object.fromEntries(names.map((name, index) => [name, members[index]?.(entries[name]) ?? null]))
  }
}

function mapConverter(valueType: SqlType | undefined): ConvertSql {
  const convert = valueType === undefined ? String : sqlConverter(valueType)
  return (value) => {
    const { entries } = value as { entries: readonly { key: unknown; value: unknown }[] }
    return Object.fromEntries(entries.map((entry) => [String(entry.key), convert(entry.value)]))
  }
}

const SCALARS: Readonly<Record<string, ConvertSql>> = {
  BOOLEAN: (value) => value as boolean,
  TINYINT: (value) => value as number,
  SMALLINT: (value) => value as number,
  INTEGER: (value) => value as number,
  UTINYINT: (value) => value as number,
  USMALLINT: (value) => value as number,
  UINTEGER: (value) => value as number,
  BIGINT: (value) => exactInteger(value as bigint),
  UBIGINT: (value) => exactInteger(value as bigint),
  HUGEINT: (value) => exactInteger(value as bigint),
  UHUGEINT: (value) => exactInteger(value as bigint),
  FLOAT: (value) => exactFloat(value as number),
  DOUBLE: (value) => finiteNumber(value as number),
  DECIMAL: (value) => {
    const { value: unscaled, scale } = value as { value: bigint; scale: number }
    return exactDecimal(unscaled, scale)
  },
  BLOB: (value) => Buffer.from((value as { bytes: Uint8Array }).bytes).toString('base64'),
  DATE: (value) => calendar(value, () => isoDate((value as { days: number }).days)),
  TIME: (value) => isoTime((value as { micros: bigint }).micros * 1000n),
  TIMESTAMP: (value) => calendar(value, () => isoTimestamp((value as { micros: bigint }).micros * 1000n)),
  'TIMESTAMP WITH TIME ZONE': (value) =>
    calendar(value, () => `${isoTimestamp((value as { micros: bigint }).micros * 1000n)}Z`),
  TIMESTAMP_S: (value) => calendar(value, () => isoTimestamp((value as { seconds: bigint }).seconds * 1_000_000_000n)),
  TIMESTAMP_MS: (value) => calendar(value, () => isoTimestamp((value as { millis: bigint }).millis * 1_000_000n)),
  TIMESTAMP_NS: (value) => calendar(value, () => isoTimestamp((value as { nanos: bigint }).nanos)),
}

/** DuckDB's infinite dates, and those past the year 275760, keep its own text. */
function calendar(value: unknown, iso: () => string): string {
  try {
    return iso()
  } catch (error) {
    if (error instanceof RangeError) return String(value)
    throw error
  }
}

function jsonOf(text: string): Json {
  if (mayChangeNumbers(text)) {
    const finding = scanJson(text, 'number')
    if (finding?.kind === 'number')
      throw new UserError({
        message: `The query gives JSON with the number ${finding.text.slice(0, 40)}, which is too large to be kept exactly.`,
        hint: "Take it out as a text: json->>'$.name'.",
      })
  }
  return JSON.parse(text) as Json
}
