import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonPiece, textEnd } from '../../src/core/text-bytes.ts'
import { PIECE_BYTES } from '../../src/core/text-machine.ts'
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

describe('a text that is JSON', () => {
  const isWritten = (json: string): boolean => {
    const bytes = Buffer.from(JSON.stringify(json))
    const read = jsonPiece(bytes, 1, bytes.length - 1)
    expect(read?.text).toBe(json)
    return read?.isWritten === true
  }
  const name = fc.oneof(fc.string({ maxLength: 12 }), fc.constantFrom('a', 'b', '__proto__', '', '-1', '01', '7', '"'))
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.oneof(
        fc.constantFrom<unknown>(true, false, null, 0, -0, 1.5, 1e-7, 1e21, 0.1 + 0.2, -0.5, 100, 999_999_999_999_999),
        fc.integer(),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.string({ unit: 'binary', maxLength: 40 }),
        fc.string({ maxLength: 40 }),
      ),
      fc.array(tie('any'), { maxLength: 4 }),
      fc.dictionary(name, tie('any'), { maxKeys: 5 }),
    ),
  })).any

  it('is told to be as it is written only where it is, however it was changed', () => {
    const change = fc.record({
      at: fc.double({ min: 0, max: 0.999, noNaN: true }),
      text: fc.constantFrom('', ' ', '0', '"', ',', '\\', 'e', '-', '.', '}', '/'),
    })
    let written = 0
    let changed = 0
    fc.assert(
      fc.property(value, fc.array(change, { maxLength: 2 }), (given, changes) => {
        let json = JSON.stringify(given)
        for (const { at, text } of changes) {
          const place = Math.floor(at * json.length)
          json = json.slice(0, place) + text + json.slice(place + (text.length === 0 ? 1 : 0))
        }
        let again: string | undefined
        try {
          again = JSON.stringify(JSON.parse(json))
        } catch {
          // No JSON.
        }
        if (/\p{Surrogate}/u.test(json)) return
        const told = isWritten(json)
        if (told) expect(again).toBe(json)
        written += told ? 1 : 0
        changed += again === json ? 0 : 1
      }),
      { numRuns: 5000 },
    )
    expect(written).toBeGreaterThan(500)
    expect(changed).toBeGreaterThan(500)
  })

  it.each([
    '{"summary":"Ships wait; größere Züge, \\"quoted\\" and 東京 tides.\\n","stars":3,"tags":["a",{"b":null}],"n":-0.25}',
    '[]',
    '{}',
    '"x"',
    '0',
    '[true,false,null,12.5,-3]',
    '{"__proto__":1,"-1":2}',
  ])('is told to be as it is written: %s', (json) => {
    expect(JSON.stringify(JSON.parse(json))).toBe(json)
    expect(isWritten(json)).toBe(true)
  })

  it.each([
    ['blanks', '{"a": 1}'],
    ['a name twice', '{"a":1,"b":2,"a":3}'],
    ['a name twice in an object within', '[{"ab":{"c":1,"c":2}}]'],
    ['names in an order that numbers change', '{"b":1,"1":2}'],
    ['an escape that nobody needs', '"\\u00e9"'],
    ['a slash that is escaped', '"\\/"'],
    ['an exponent', '1e3'],
    ['a zero at its end', '1.50'],
    ['a negative zero', '-0'],
    ['a number that is too small', '0.0000001'],
    ['a number that is too long', '12345678901234567890'],
    ['something behind it', '{}x'],
    ['no end', '{"a":1'],
    ['a comma too many', '[1,]'],
    ['a depth beyond reason', '['.repeat(500) + ']'.repeat(500)],
  ])('is not, where it has %s', (_, json) => {
    expect(isWritten(json)).toBe(false)
  })

  it('may have the same name in two objects, and many names', () => {
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`name ${at}`, { name: at }]))
    expect(isWritten(JSON.stringify([many, many]))).toBe(true)
    const more = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`name ${at}`, at]))
    expect(isWritten(JSON.stringify(more))).toBe(false)
  })
})

it('what is compiled is what stands in the source', () => {
  const script = join(import.meta.dirname, '../../scripts/wasm.mjs')
  expect(() => execFileSync(process.execPath, [script, '--check'], { stdio: 'pipe' })).not.toThrow()
})
