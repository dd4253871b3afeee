import { describe, expect, test } from 'vitest'
import { parseYaml } from '../../src/job/parse.ts'

function at(text: string, pointer: string, what: 'key' | 'value' | 'text'): string {
  const { line, column, length } = parseYaml(text).locate(pointer, what)
  return `${line}:${column}+${length}`
}

describe('every value has its place', () => {
  const text = 'a: 1\nb:\n  - x: "y"\n    z:\n  - *here\nc: &here { d/e: f }\n'.replace(
    '  - *here\nc: &here { d/e: f }',
    '  - &here { d/e: f }\nc: *here',
  )

  test.each([
    ['/a', 'key', '1:1+1'],
    ['/a', 'value', '1:4+1'],
    ['/b/0/x', 'value', '3:8+3'],
    ['/b/0/x', 'text', '3:9+2'],
    ['/b/0/z', 'value', '4:5+1'],
    ['/b/1/d~1e', 'key', '5:13+3'],
    ['/c/d~1e', 'value', '5:18+1'],
    ['/b/0/missing', 'value', '3:5+6'],
    ['/nowhere/at/all', 'value', '1:1+4'],
    ['/b/7', 'key', '2:1+1'],
    ['', 'key', '1:1+1'],
  ] as const)('%s as %s is at %s', (pointer, what, place) => {
    expect(at(text, pointer, what)).toBe(place)
  })

  test('what a mapping took over with << is found where it was written', () => {
    const merged = 'base: &base { a: 1 }\nmore: &more { b: 2 }\nx: { <<: [*base, *more], c: 3 }\ny:\n  <<: *base\n'
    expect([at(merged, '/x/a', 'value'), at(merged, '/x/b', 'key'), at(merged, '/x/c', 'value')]).toEqual([
      '1:18+1',
      '2:15+1',
      '3:29+1',
    ])
    expect(at(merged, '/y/a', 'key')).toBe('1:15+1')
  })

  test('columns count characters as editors do, also behind other scripts', () => {
    expect(at('"é": { "日本": "🎉", x: 1 }\n', '/é/x', 'key')).toBe('1:20+1')
  })
})

test('data is plain JSON: YAML 1.2, where only true and false are switches and dates are texts', () => {
  expect(parseYaml('a: no\nb: on\nc: 012\nd: 1e3\ne: 2024-01-01\nf: ~\ng: 0x10\n1: one\nh: !!str 5\n').data).toEqual({
    '1': 'one',
    a: 'no',
    b: 'on',
    c: 12,
    d: 1000,
    e: '2024-01-01',
    f: null,
    g: 16,
    h: '5',
  })
})

test('a key called __proto__ is refused and pollutes nothing', () => {
  const { data, problems } = parseYaml('a: { "__proto__": { polluted: 1 } }\n')
  expect([data, problems[0]?.message]).toEqual([undefined, 'The name "__proto__" is not allowed.'])
  expect(({} as { polluted?: number }).polluted).toBeUndefined()
})

describe('a hostile text is refused in bounded time', () => {
  const deep = (levels: number): string =>
    Array.from({ length: levels }, (_, level) => `${' '.repeat(level)}a:\n`).join('')
  const bomb = `a: &a [x, x, x, x, x, x, x, x, x]\n${[...'bcdefghi'].map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(', ')}]`).join('\n')}`
  test.each([
    ['10 MB', 'a'.repeat(10_000_000), /larger than 1 MB/],
    ['100,000 nested brackets', '['.repeat(100_000), /nested more than 100 levels/],
    ['100,000 nested mappings', '{a: '.repeat(100_000), /nested more than 100 levels/],
    ['100,000 nested dashes', '- '.repeat(100_000), /nested more than 100 levels/],
    ['100,000 question marks', '? '.repeat(100_000), /nested more than 100 levels/],
    ['indentation 150 deep', deep(150), /nested more than 100 levels/],
    ['indentation 1,300 deep', deep(1300), /nested more than 100 levels/],
    ['an alias bomb', bomb, /aliases .* multiply/],
    [
      'a thousand aliases',
      `a: &a 1\n${Array.from({ length: 1000 }, (_, i) => `b${i}: *a`).join('\n')}`,
      /aliases .* multiply/,
    ],
    ['an alias of itself', 'a: &a [*a]', /stands inside its own anchor/],
    ['100,000 equal keys', 'a: 1\n'.repeat(100_000), /"a" occurs twice/],
    ['half a million quotes', '"'.repeat(500_000), /./],
    ['a long line of errors', 'a: "x", '.repeat(50_000), /./],
  ])('%s', (_, text, message) => {
    const started = performance.now()
    const { data, problems } = parseYaml(text)
    expect(data).toBeUndefined()
    expect(problems[0]?.message).toMatch(message)
    // Five, and that there are more.
    expect(problems.length).toBeLessThanOrEqual(6)
    expect(performance.now() - started).toBeLessThan(20_000)
  })

  test('60,000 different keys are only large', () => {
    const started = performance.now()
    const { problems } = parseYaml(Array.from({ length: 60_000 }, (_, index) => `k${index}: 1`).join('\n'))
    expect(problems).toEqual([])
    expect(performance.now() - started).toBeLessThan(20_000)
  })
})
