import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { unquoteInto } from '../../src/core/text-bytes.ts'
import { unquoteByWords } from '../../src/core/text-words.ts'
import { unquoted } from '../../src/core/unquoted.ts'

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
        const parsed = JSON.parse(quoted.slice(before)) as string
        expect(unquoted(bytes, before + 1, bytes.length - 1)).toBe(parsed)
        for (const write of [unquoteInto, unquoteByWords]) {
          const into = Buffer.alloc(bytes.length + 8)
          const end = write(bytes, before + 1, bytes.length - 1, into, 3)
          expect(end < 0 ? 'half a pair' : into.toString('utf8', 3, end)).toBe(
            /\p{Surrogate}/u.test(parsed) ? 'half a pair' : parsed,
          )
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('keeps half of a surrogate pair, which has no bytes', () => {
    for (const escaped of ['\\ud83d', 'a\\ude00b', '\\ud83d\\ud83d', '\\ud83dx', '\\ud83d\\n']) {
      const bytes = Buffer.from(`"${escaped}"`)
      expect(unquoted(bytes, 1, bytes.length - 1)).toBe(JSON.parse(`"${escaped}"`))
      expect(unquoteInto(bytes, 1, bytes.length - 1, Buffer.alloc(99), 0)).toBe(-1)
      expect(unquoteByWords(bytes, 1, bytes.length - 1, Buffer.alloc(99), 0)).toBe(-1)
    }
  })

  it('may be longer than what is kept for it', () => {
    const text = `${'line\n'.repeat(400_000)}é`
    const bytes = Buffer.from(JSON.stringify(text))
    expect(unquoted(bytes, 1, bytes.length - 1)).toBe(text)
  })

  it('comes to the same where it is taken apart piece by piece, wherever a piece ends', () => {
    const escapes = ['\\n', '\\u00e9', '\\ud83d\\ude00', 'é', '😀', '\\\\']
    for (let before = 0; before < 14; before += 1) {
      const text = `${'x'.repeat(before)}${escapes.join('').repeat(12_000)}`
      const bytes = Buffer.from(`"${text}"`)
      const parsed = JSON.parse(`"${text}"`) as string
      const into = Buffer.alloc(bytes.length)
      expect(unquoted(bytes, 1, bytes.length - 1)).toBe(parsed)
      expect(into.toString('utf8', 0, unquoteInto(bytes, 1, bytes.length - 1, into, 0)) === parsed).toBe(true)
    }
  })

  it('is read as UTF-8 is read everywhere, also where it is none', () => {
    const units = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes)),
    )
    fc.assert(
      fc.property(fc.array(units, { maxLength: 4 }), (given) => {
        const text = Buffer.concat(given.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)))
        const plain = text.filter((byte) => byte !== 92)
        const bytes = Buffer.concat([Buffer.from('"'), plain, Buffer.from('"')])
        expect(unquoted(bytes, 1, bytes.length - 1)).toBe(Buffer.from(plain).toString('utf8'))
      }),
      { numRuns: 3000 },
    )
  })

  it('is written to its place and leaves what stands before', () => {
    const bytes = Buffer.from('"a\\n\\"\\u00e9 東\\ud83d\\ude00 and more"')
    const into = Buffer.alloc(64, 120)
    const end = unquoteInto(bytes, 1, bytes.length - 1, into, 3)
    expect(into.toString('utf8', 0, end)).toBe('xxxa\n"é 東😀 and more')
  })
})
