import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { unquoted, unquoteInto } from '../../src/core/unquoted.ts'

/** JSON of a text, some of its characters escaped that need not be. */
function quotedWith(text: string, choices: readonly number[]): string {
  const units = Array.from({ length: text.length }, (_, at) => text.charCodeAt(at))
  return units
    .map((unit, at) => {
      const choice = choices[at % Math.max(1, choices.length)] ?? 0
      if (choice % 7 === 1) return `\\u${unit.toString(16).padStart(4, '0')}`
      if (choice % 7 === 2) return `\\u${unit.toString(16).padStart(4, '0').toUpperCase()}`
      if (choice % 7 === 3 && unit === 47) return '\\/'
      return JSON.stringify(String.fromCharCode(unit)).slice(1, -1)
    })
    .join('')
}

const letters = fc.string({
  unit: fc.constantFrom(
    'a',
    'b',
    ' ',
    '"',
    '\\',
    '/',
    '\n',
    '\t',
    '\b',
    '\f',
    '\r',
    '\u0001',
    'é',
    '東',
    '😀',
    '\u2028',
  ),
  maxLength: 80,
})

describe('a quoted text', () => {
  it('is what JSON.parse makes of it, wherever it lies and however it is escaped', () => {
    fc.assert(
      fc.property(letters, fc.array(fc.nat(20), { maxLength: 9 }), fc.nat(9), (text, choices, before) => {
        const quoted = `${'x'.repeat(before)}"${quotedWith(text, choices)}"`
        const bytes = Buffer.from(quoted)
        expect(unquoted(bytes, before + 1, bytes.length - 1)).toBe(JSON.parse(quoted.slice(before)))
      }),
      { numRuns: 2000 },
    )
  })

  it('keeps half of a surrogate pair, which has no bytes', () => {
    for (const escaped of ['\\ud83d', 'a\\ude00b', '\\ud83d\\ud83d', '\\ud83dx', '\\ud83d\\n']) {
      const bytes = Buffer.from(`"${escaped}"`)
      expect(unquoted(bytes, 1, bytes.length - 1)).toBe(JSON.parse(`"${escaped}"`))
      expect(unquoteInto(bytes, 1, bytes.length - 1, Buffer.alloc(99), 0)).toBe(-1)
    }
  })

  it('may be longer than what is kept for it', () => {
    const text = `${'line\n'.repeat(400_000)}é`
    const bytes = Buffer.from(JSON.stringify(text))
    expect(unquoted(bytes, 1, bytes.length - 1)).toBe(text)
  })

  it('is written to its place and leaves what stands before', () => {
    const bytes = Buffer.from('"a\\n\\"\\u00e9 東\\ud83d\\ude00 and more"')
    const into = Buffer.alloc(64, 120)
    const end = unquoteInto(bytes, 1, bytes.length - 1, into, 3)
    expect(into.toString('utf8', 0, end)).toBe('xxxa\n"é 東😀 and more')
  })
})
