import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mayChangeNumbers, scanJson } from '../../src/source/json-scan.ts'

function parses(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

describe('the scan of a JSON text', () => {
  it('finds nothing in what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.integer({ min: 0, max: 2 }), (value, indent) => {
        expect(scanJson(JSON.stringify(value, null, indent), 'syntax')).toBeUndefined()
      }),
    )
  })

  it('calls a text broken exactly when JSON.parse does, whatever was changed in it', () => {
    const change = fc.record({
      at: fc.nat(),
      insert: fc.constantFrom('', '"', ',', '{', '}', '[', ']', ':', '\\', '1', 'e', '-', '\n', 'x'),
    })
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), fc.array(change, { maxLength: 3 }), (value, changes) => {
        let text = JSON.stringify(value)
        for (const { at, insert } of changes) {
          const place = at % (text.length + 1)
          text = text.slice(0, place) + insert + text.slice(insert === '' ? place + 1 : place)
        }
        expect(scanJson(text, 'syntax') !== undefined).toBe(!parses(text))
      }),
      { numRuns: 3000 },
    )
  })

  it.each([
    ['{"a": [1, {"b.c": 12345678901234567890}]}', 'a.1.b.c'],
    ['[1, 9007199254740992]', '1'],
    ['-9007199254740993', ''],
    ['{"a": "12345678901234567890", "b": 1e400}', 'b'],
  ])('names the number that would change in %s', (text, path) => {
    expect(mayChangeNumbers(text)).toBe(true)
    expect(scanJson(text, 'number')).toMatchObject({ kind: 'number', path })
  })

  it('no number that would change escapes the cheap test', () => {
    const number = fc.oneof(
      fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
      fc.tuple(fc.integer(), fc.integer({ min: -400, max: 400 })).map(([digits, power]) => `${digits}e${power}`),
    )
    fc.assert(
      fc.property(number, (text) => {
        if (scanJson(text, 'number') !== undefined) expect(mayChangeNumbers(text)).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })

  it('takes no more stack for deep nesting', () => {
    const depth = 200_000
    expect(scanJson('['.repeat(depth) + ']'.repeat(depth), 'number')).toBeUndefined()
    expect(scanJson('['.repeat(depth), 'syntax')).toMatchObject({ kind: 'syntax', offset: depth })
  })
})
