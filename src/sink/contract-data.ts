// The outcomes that the sink contract delivers.

import type { Json } from '../core/json.ts'
import type { Outcome } from '../core/result.ts'

/** Values that formats are known to lose or to change. */
export const HARD_VALUES: readonly (readonly [string, Json])[] = [
  ['text in many scripts', 'naïve 漢字 🧪 עברית e\u0301 \u2028 \ufeff'],
  ['quotes, delimiters and newlines', 'a "quoted", b;\tc\r\nd\re\\f'],
  ['a text that begins like a formula', '=1+1'],
  ['a text with spaces around it', '  spaced  '],
  ['a text that looks like a number', '007'],
  ['a date in a text', '2026-11-22T07:15:00.000Z'],
  ['an empty text', ''],
  ['the text null', 'null'],
  ['null', null],
  ['the NUL character', 'before\u0000after'],
  ['a text of ten megabytes', 'ten megabytes é '.repeat(620_000)],
  ['nested values', { list: [1, { deep: ['x', null, true] }], empty: {}, none: [], 'a.b': 'dotted', é: null }],
  ['a list of different things', [1, 'two', null, { three: 3 }, [4]]],
  ['the largest exact integer', Number.MAX_SAFE_INTEGER],
  ['two to the power of 53', 2 ** 53],
  ['a fraction', 0.1 + 0.2],
  ['a very small number', 5e-324],
  ['a very large number', 1.7976931348623157e308],
  ['true', true],
]

/** One answered row. */
export function outcomeOf(key: string, ordinal: number): Outcome {
  return {
    key,
    custom_id: `row-x7k2f9-${String(ordinal).padStart(6, '0')}`,
    status: 'succeeded',
    output: `answer ${ordinal} to ${key}`,
    text: `answer ${ordinal} to ${key}`,
    stop_reason: 'end_turn',
    model: 'claude-haiku-5-5',
    usage: { input_tokens: 10 + ordinal, output_tokens: 5, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 },
    cost_usd: 0.0001,
    attempts: 1,
    rounds: 1,
    batch_id: 'msgbatch_01',
    error: null,
    row: { n: ordinal, name: `name ${ordinal}` },
  }
}

/** So many bytes in some of these rows that a sink has to write before the part ends. */
export function longOutcomesOf(prefix: string, from: number, count: number): readonly Outcome[] {
  const text = 'long '.repeat(2000)
  return outcomesOf(prefix, from, count).map((outcome) => ({ ...outcome, output: text, text }))
}

export function outcomesOf(prefix: string, from: number, count: number): readonly Outcome[] {
  return Array.from({ length: count }, (_, index) => {
    const ordinal = from + index
    return outcomeOf(`${prefix}-${String(ordinal).padStart(6, '0')}`, ordinal)
  })
}
