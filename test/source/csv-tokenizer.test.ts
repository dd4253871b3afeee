import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CsvError, type CsvRecord, CsvTokenizer } from '../../src/source/csv-tokenizer.ts'

const plain = { delimiter: ',', quote: '"', maxRecordBytes: 1_000_000 }

/** The records of the text, given to the tokenizer in pieces that end at `cuts`, in memory that is used again. */
function tokenized(text: string | Buffer, cuts: readonly number[] = [], dialect = plain): CsvRecord[] {
  const bytes = Buffer.from(text)
  const tokenizer = new CsvTokenizer(dialect)
  const records: CsvRecord[] = []
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b)
  let start = 0
  for (const end of [...ends, bytes.length]) {
    const piece = Buffer.from(bytes.subarray(start, end))
    for (const { values, line } of tokenizer.push(piece)) records.push({ values, line })
    piece.fill('#')
    start = end
  }
  for (const { values, line } of tokenizer.finish()) records.push({ values, line })
  return records
}

function written(rows: readonly (readonly string[])[], delimiter: string, lineEnd: string, quoteAll: boolean): string {
  const field = (value: string): string =>
    quoteAll || value === '' || /["\r\n,;\t]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value
  return rows.map((row) => row.map(field).join(delimiter) + lineEnd).join('')
}

const value = fc.oneof(
  fc.string({ maxLength: 6 }),
  fc.string({ unit: 'grapheme', maxLength: 4 }),
  fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', '\r\n', ';', '\t', 'a', 'é', '😀', ' '), maxLength: 8 }),
)
const rows = fc.array(fc.array(value, { minLength: 1, maxLength: 4 }), { maxLength: 12 })
const cuts = fc.array(fc.nat(), { maxLength: 12 })

describe('the tokenizer of CSV', () => {
  it('gives back what was written, wherever the bytes are cut', () => {
    fc.assert(
      fc.property(
        rows,
        cuts,
        fc.constantFrom(',', ';', '\t'),
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        (data, at, delimiter, lineEnd, quoteAll) => {
          const text = written(data, delimiter, lineEnd, quoteAll)
          const records = tokenized(text, at, { ...plain, delimiter })
          expect(records.map(({ values }) => values)).toEqual(data)
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('agrees with csv-parse on any text that csv-parse accepts, and counts lines', () => {
    const text = fc.string({ unit: fc.constantFrom('"', '""', ',', '\n', '\r\n', 'a', 'b', 'é', ' '), maxLength: 25 })
    let accepted = 0
    fc.assert(
      fc.property(text, cuts, (given, at) => {
        let expected: string[][]
        try {
          expected = parse(given, {
            record_delimiter: ['\n', '\r\n'],
            relax_column_count: true,
            skip_empty_lines: true,
          })
        } catch {
          return
        }
        accepted++
        const records = tokenized(given, at)
        expect(records.map(({ values }) => values)).toEqual(expected)
        for (const { values, line } of records) {
          const first = (given.split('\n')[line - 1] ?? '').replace(/\r$/, '')
          const begin = (values[0] ?? '').replaceAll('"', '""').split('\n')[0]?.replace(/\r$/, '') ?? ''
          expect(first.startsWith(begin) || first.startsWith(`"${begin}`)).toBe(true)
        }
      }),
      { numRuns: 5000 },
    )
    expect(accepted).toBeGreaterThan(1000)
  })

  it('finds the same fault wherever the bytes are cut', () => {
    const text = fc.string({ unit: fc.constantFrom('"', ',', '\n', 'a', 'é'), maxLength: 20 })
    const outcome = (given: string, at: readonly number[]): unknown => {
      try {
        return tokenized(given, at)
      } catch (error) {
        if (error instanceof CsvError) return [error.fault.kind, error.fault.line]
        throw error
      }
    }
    fc.assert(
      fc.property(text, cuts, (given, at) => {
        expect(outcome(given, at)).toEqual(outcome(given, []))
      }),
      { numRuns: 3000 },
    )
  })

  it.each([
    ['a,b', [['a', 'b']]],
    ['a,b\n', [['a', 'b']]],
    [
      'a,\n,b',
      [
        ['a', ''],
        ['', 'b'],
      ],
    ],
    ['\n\na\n\n', [['a']]],
    ['""\n', [['']]],
    ['"a""b"', [['a"b']]],
    ['a"b,"c"', [['a"b', 'c']]],
    ['a\rb,c', [['a\rb', 'c']]],
    ['"a"\r', [['a']]],
    ['a\r', [['a']]],
    ['', []],
  ])('%j', (text, expected) => {
    expect(tokenized(text).map(({ values }) => values)).toEqual(expected)
    for (let cut = 0; cut <= text.length; cut++)
      expect(tokenized(text, [cut]).map(({ values }) => values)).toEqual(expected)
  })

  it('takes quotes as letters where quoting is off', () => {
    expect(tokenized('"a,b"\n"', [], { ...plain, quote: '' }).map(({ values }) => values)).toEqual([
      ['"a', 'b"'],
      ['"'],
    ])
  })

  it.each([
    ['"a', { kind: 'unclosed', line: 1 }],
    ['x\n"a\nb","c', { kind: 'unclosed', line: 3 }],
    ['x\n"a"b\n', { kind: 'after-quote', line: 2, found: 'b\n' }],
    ['x\n"a\n" ,b\n', { kind: 'after-quote', line: 3, found: ' ,b\n' }],
  ])('%j has a fault', (text, fault) => {
    expect(() => tokenized(text)).toThrow(expect.objectContaining({ fault }))
  })

  it('names the line that is not UTF-8', () => {
    const text = Buffer.from('a,b\n"x\ny",1\n\xff,2\n', 'latin1')
    expect(() => tokenized(text, [5])).toThrow(
      expect.objectContaining({ fault: { kind: 'encoding', line: 4, bytes: Buffer.from('\xff,2', 'latin1') } }),
    )
  })

  it('refuses a long record also where the file ends with it', () => {
    const text = `a,b\n1,${'x'.repeat(1090)}`
    expect(() => tokenized(text, [600], { ...plain, maxRecordBytes: 1000 })).toThrow(
      expect.objectContaining({ fault: { kind: 'too-long', line: 2 } }),
    )
  })

  it('refuses a record that grows without end, and reads a long one in proportion to its length', () => {
    const long = `a\n"${'x\n'.repeat(100_000)}"\nb\n`
    const pieces = Array.from({ length: 400 }, (_, index) => index * 500)
    expect(tokenized(long, pieces).map(({ line }) => line)).toEqual([1, 2, 100_003])
    expect(() => tokenized(long, pieces, { ...plain, maxRecordBytes: 1000 })).toThrow(
      expect.objectContaining({ fault: { kind: 'too-long', line: 2 } }),
    )
  })
})
