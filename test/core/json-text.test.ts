import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isPlainText } from '../../src/core/json-text.ts'

it('a plain text stands in JSON as it is, a letter a byte', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom('', 'row-1', '\u007f')),
      (text) => {
        const isSame = JSON.stringify(text) === `"${text}"` && Buffer.byteLength(text) === text.length
        if (isPlainText(text)) expect(isSame).toBe(true)
        else expect(isSame && !text.includes('\u007f')).toBe(false)
      },
    ),
    { numRuns: 3000 },
  )
})
