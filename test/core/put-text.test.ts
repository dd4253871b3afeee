import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { putAscii, putJson, putNumber } from '../../src/core/put-text.ts'

/** What was written behind three letters that stay. */
function written(put: (into: Buffer, at: number) => number): string {
  const into = Buffer.alloc(2000, 'x')
  const end = put(into, 3)
  expect(into.toString('latin1', 0, 3)).toBe('xxx')
  expect(into.toString('latin1', end)).toMatch(/^x*$/)
  return into.toString('utf8', 3, end)
}

describe('a short piece of JSON', () => {
  it('is quoted as JSON.stringify quotes it', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.constantFrom('', '\u007f', 'é"\n')),
        (text) => {
          expect(written((into, at) => putJson(into, at, text))).toBe(JSON.stringify(text))
        },
      ),
      { numRuns: 3000 },
    )
  })

  it('is a number as JSON.stringify writes it', () => {
    const edges = fc.constantFrom(0, -0, 9, 10, 99, 999_999_999, 1_000_000_000, 2 ** 32, 2 ** 53, -1, 1.5, 1e21, 1e-7)
    fc.assert(
      fc.property(fc.oneof(fc.nat(), edges, fc.double({ noNaN: true, noDefaultInfinity: true })), (number) => {
        expect(written((into, at) => putNumber(into, at, number))).toBe(JSON.stringify(number))
      }),
      { numRuns: 3000 },
    )
  })

  it('is a text of ASCII as it stands', () => {
    expect(written((into, at) => putAscii(into, at, ',"error":null'))).toBe(',"error":null')
  })
})
