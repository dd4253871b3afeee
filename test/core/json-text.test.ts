import fc from 'fast-check'
import { expect, it } from 'vitest'
import { jsonText } from '../../src/core/json-text.ts'

it('quotes a text as JSON.stringify does', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), (text) => {
      expect(jsonText(text)).toBe(JSON.stringify(text))
    }),
    { numRuns: 1000 },
  )
  for (const text of ['', 'a', '"', '\\', '\u007f', '\u0080', '\n', '\ud800', '\u2028'])
    expect(jsonText(text)).toBe(JSON.stringify(text))
})
