import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PIECE_BYTES, textEnd } from '../../src/core/text-bytes.ts'
import { textEndByWords } from '../../src/core/text-words.ts'

const WAYS = [
  ['sixteen bytes at a time', textEnd],
  ['four bytes at a time', textEndByWords],
] as const

const parts = fc.constantFrom(
  ...['plain words ', 'é', '東京', '😀', '\\n', '\\"', '\\\\', '\\u00e9', '\\uD83D\\uDE00', '\\/', '/', '\u007f'],
)

describe.each(WAYS)('the end of a text, looked for %s', (_, endOf) => {
  it('is where its quote stands, wherever it begins', () => {
    fc.assert(
      fc.property(
        fc.array(parts, { maxLength: 40 }),
        fc.nat(20),
        fc.string({ maxLength: 40 }),
        (text, before, behind) => {
          const bytes = Buffer.from(`${'"'.repeat(before)}${text.join('')}"${behind}`)
          const end = before + Buffer.byteLength(text.join(''))
          expect(endOf(bytes, before, bytes.length)).toBe(end)
          expect(endOf(bytes, before, end)).toBe(-1)
        },
      ),
    )
  })

  it('is nowhere in a text that JSON does not know', () => {
    for (const wrong of ['\n', '\t', '\u0000', '\u001f', '\\x', '\\u12g4', '\\u12', '\\U1234', '\\']) {
      for (let before = 0; before < 40; before += 1) {
        const bytes = Buffer.from(`${'x'.repeat(before)}${wrong}"`)
        expect(endOf(bytes, 0, bytes.length)).toBe(-1)
      }
    }
  })

  it('may be far away, behind escapes at every place', () => {
    for (let before = 0; before < 8; before += 1) {
      const text = `${'x'.repeat(PIECE_BYTES - before)}\\u00e9\\\\${'y'.repeat(PIECE_BYTES)}`
      const bytes = Buffer.from(`${text}"and more`)
      expect(endOf(bytes, 0, bytes.length)).toBe(text.length)
    }
  })
})

it('two ways of looking come to the same for bytes of any kind', () => {
  const byte = fc.oneof(fc.constantFrom(34, 92, 92, 117, 110, 48, 102, 31, 32), fc.nat(255))
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 120 }), fc.nat(30), fc.nat(150), (given, start, cut) => {
      const bytes = Buffer.from(given)
      const end = Math.min(cut, bytes.length)
      expect(textEnd(bytes, Math.min(start, end), end)).toBe(textEndByWords(bytes, Math.min(start, end), end))
    }),
    { numRuns: 5000 },
  )
})

it('what is compiled is what stands in the source', () => {
  const script = join(import.meta.dirname, '../../scripts/wasm.mjs')
  expect(() => execFileSync(process.execPath, [script, '--check'], { stdio: 'pipe' })).not.toThrow()
})
