import fc from 'fast-check'
import { expect, it } from 'vitest'
import { quoted } from '../../src/core/quoted.ts'

it('quotes a text as JSON.stringify does', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), (text) => {
      expect(quoted(text)).toBe(JSON.stringify(text))
    }),
    { numRuns: 1000 },
  )
  for (const text of ['', 'a', '"', '\\', '\u007f', '\u0080', '\n', '\ud800', '\u2028'])
    expect(quoted(text)).toBe(JSON.stringify(text))
})
