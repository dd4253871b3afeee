import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FieldNames, type RowText } from '../../src/core/row-text.ts'
import { FIELD_ENTRY, RowWriter } from '../../src/core/write-row.ts'

const units = fc.constantFrom(
  '"',
  '\\',
  '\n',
  '\t',
  '\u0000',
  '\u001f',
  '\u007f',
  "'",
  'a',
  'bcde',
  'é',
  '東京',
  '😀',
  ' ',
)
const texts = fc.array(fc.oneof(fc.string({ unit: units, maxLength: 30 }), fc.string({ unit: 'grapheme' })), {
  minLength: 1,
  maxLength: 5,
})

/** The text, and what is said of each of its values. */
function told(row: RowText): object {
  const fields = row.names.names.map((_, field) => ({
    text: row.textOf(field),
    from: row.from(field),
    to: row.to(field),
    how: row.how(field),
    isAscii: row.isAscii(field),
    textBytes: row.textBytes(field),
  }))
  return { json: row.bytes.toString('utf8', row.start, row.end), fields }
}

describe('a row that is written', () => {
  it.each([['"'], ["'"]])('is the same of texts and of the memory they lie in, with quotes %s twice', (quote) => {
    // One for all rows: its memory is used again.
    const [writer, other] = [new RowWriter(), new RowWriter()]
    fc.assert(
      fc.property(texts, fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }), fc.nat(9), (values, twice, before) => {
        const names = new FieldNames(values.map((_, field) => `name ${field}`))
        const places = new Int32Array(values.length * FIELD_ENTRY)
        const pieces = [Buffer.alloc(before, quote)]
        let at = before
        for (const [field, value] of values.entries()) {
          const isTwice = twice[field] === true
          const bytes = Buffer.from(isTwice ? value.replaceAll(quote, quote + quote) : value)
          places.set([at, at + bytes.length, isTwice ? 1 : 0], field * FIELD_ENTRY)
          pieces.push(bytes, Buffer.from(quote))
          at += bytes.length + 1
        }
        const bytes = Buffer.concat(pieces)
        const row = writer.writeFields(names, { bytes, count: values.length, places, quote: quote.charCodeAt(0) })
        const expected = other.writeValues(names, values)
        expect(told(row)).toEqual(told(expected))
        expect(JSON.parse(row.bytes.toString('utf8', row.start, row.end))).toEqual(
          Object.fromEntries(values.map((value, field) => [`name ${field}`, value])),
        )
      }),
      { numRuns: 2000 },
    )
  })

  it('may be much longer than the one before it', () => {
    const writer = new RowWriter()
    const names = new FieldNames(['a'])
    for (const value of ['x', '\u0001'.repeat(100_000), 'é"'.repeat(50_000)]) {
      const bytes = Buffer.from(value)
      const places = Int32Array.from([0, bytes.length, 0])
      const row = writer.writeFields(names, { bytes, count: 1, places, quote: 34 })
      expect(row.bytes.toString('utf8', row.start, row.end)).toBe(JSON.stringify({ a: value }))
    }
  })
})
