// The byte scanner agrees with JSON.parse about what is JSON, however the bytes are split; and requests are found where
// they are.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { JsonScanner } from '../../src/emulator/state/json-scanner.ts'
import type { IndexedRequest } from '../../src/emulator/state/request-index.ts'
import { RequestSplitter } from '../../src/emulator/state/request-splitter.ts'
import { JsonSyntaxError } from '../../src/emulator/state/scan-listener.ts'
import { Utf8Check } from '../../src/emulator/state/utf8-check.ts'

const SILENT = { begin: () => false, end: () => undefined, wantsKeys: () => false, key: () => undefined }

describe('the scanner', () => {
  it('accepts what JSON.parse accepts', () => {
    fc.assert(
      fc.property(fc.json(), fc.integer({ min: 1, max: 7 }), (text, size) => {
        expect(isJson(Buffer.from(text), size)).toBe(true)
      }),
    )
  })

  it('agrees with JSON.parse about texts with one byte changed', () => {
    const change = fc.tuple(fc.nat(), fc.constantFrom(...'{}[]",:\\ 0123456789-+.eEtrufalsn/bx\u0001\n'))
    fc.assert(
      fc.property(
        fc.json(),
        fc.array(change, { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 1, max: 9 }),
        (text, changes, size) => {
          const bytes = Buffer.from(text.replace(/[^\x20-\x7e]/g, 'x'))
          for (const [at, byte] of changes) bytes[at % bytes.length] = byte.charCodeAt(0)
          expect(isJson(bytes, size), bytes.toString()).toBe(isJsonByParse(bytes.toString()))
        },
      ),
      { numRuns: 2000 },
    )
  })

  it.each([
    '',
    ' ',
    '--1',
    '01',
    '1.',
    '.5',
    '1e',
    '1e+',
    '-',
    '+1',
    '"\\u12g4"',
    '"\\x"',
    '"a',
    '{"a":1,}',
    '[1,]',
    '[1 2]',
    '{} {}',
    'tru',
    'nulll',
    '{"a" 1}',
    "{'a':1}",
    '\ufeff{}',
  ])('refuses %j', (text) => {
    for (const size of [1, 100]) expect(isJson(Buffer.from(text), size)).toBe(false)
  })

  it.each([
    '0',
    '-0',
    '1e5',
    '1E-5',
    '-1.25e+10',
    '"\\u00e9\\n"',
    '[]',
    '{}',
    ' [ 1 , { "a" : [ ] } ] ',
    'true',
    '"\ud83d\ude00"',
  ])('accepts %j', (text) => {
    for (const size of [1, 2, 100]) expect(isJson(Buffer.from(text), size)).toBe(true)
  })

  it('goes as deep as the text does', () => {
    const depth = 100_000
    expect(isJson(Buffer.from('['.repeat(depth) + ']'.repeat(depth)), 65_536)).toBe(true)
    expect(isJson(Buffer.from('['.repeat(depth) + ']'.repeat(depth - 1)), 65_536)).toBe(false)
  })
})

describe('the splitter', () => {
  const any = fc.jsonValue()
  const request = fc.record({
    id: fc.stringMatching(/^[a-zA-Z0-9_-]{1,64}$/),
    params: fc.dictionary(fc.string(), any),
    swap: fc.boolean(),
  })

  it('finds every request, in any order of keys, spacing and split', () => {
    const all = fc.uniqueArray(request, { selector: (one) => one.id, minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(all, fc.integer({ min: 1, max: 50 }), fc.constantFrom('', ' ', '\n\t '), (requests, size, space) => {
        const items = requests.map(({ id, params, swap }) => {
          // Escapes in keys and ids mean the same.
          const pairs = [
            `"custom\\u005fid"${space}:${space}"${id.replace(/a/g, '\\u0061')}"`,
            `"params":${space}${JSON.stringify(params)}`,
          ]
          return `{${space}${(swap ? pairs.reverse() : pairs).join(`${space},${space}`)}${space}}`
        })
        const body = Buffer.from(`${space}{"requests"${space}:${space}[${items.join(`,${space}`)}]${space}}${space}`)
        const { found, problem } = split(body, size)
        expect(problem).toBeUndefined()
        expect(found.map((one) => one.customId)).toEqual(requests.map((one) => one.id))
        for (const [at, one] of found.entries()) {
          const slice = body.subarray(one.start, one.start + one.length).toString('utf8')
          expect(slice).toBe(JSON.stringify((requests[at] as (typeof requests)[number]).params))
        }
      }),
    )
  })

  it('looks only at the list called requests, at the right depth', () => {
    const inner = '{"custom_id":"a","params":{"requests":[{"custom_id":"b","params":{}}],"custom_id":5}}'
    const { found, problem } = split(Buffer.from(`{"requests":[${inner}]}`), 3)
    expect(problem).toBeUndefined()
    expect(found.map((one) => one.customId)).toEqual(['a'])
  })

  it('takes an id for too long that is cut inside an escape', () => {
    const id = '\\u0061'.repeat(2000)
    expect(split(Buffer.from(`{"requests":[{"custom_id":"${id}","params":{}}]}`), 1000).problem).toBe(
      'requests.0.custom_id: String should have at most 64 characters',
    )
  })
})

describe('the check for UTF-8', () => {
  it('agrees with a decoder, whatever the split', () => {
    const texts = fc
      .array(fc.constantFrom('a', 'é', '€', '😀', '\x00'), { maxLength: 20 })
      .map((parts) => Buffer.from(parts.join('')))
    const damaged = fc
      .tuple(texts, fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 2 }))
      .map(([bytes, changes]) => {
        for (const [at, byte] of changes) if (bytes.length > 0) bytes[at % bytes.length] = byte
        return bytes
      })
    fc.assert(
      fc.property(damaged, fc.integer({ min: 1, max: 5 }), (bytes, size) => {
        const check = new Utf8Check()
        let isGood = true
        for (let at = 0; at < bytes.length; at += size) isGood = isGood && check.push(bytes.subarray(at, at + size))
        expect(isGood && check.end()).toBe(isUtf8(bytes))
      }),
      { numRuns: 2000 },
    )
  })
})

function isJson(bytes: Buffer, size: number): boolean {
  const scanner = new JsonScanner(SILENT)
  try {
    for (let at = 0; at < bytes.length; at += size) scanner.push(bytes.subarray(at, at + size))
    scanner.end()
    return true
  } catch (error) {
    if (error instanceof JsonSyntaxError) return false
    throw error
  }
}

function isJsonByParse(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function isUtf8(bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}

function split(body: Buffer, size: number): { found: IndexedRequest[]; problem: string | undefined } {
  const found: IndexedRequest[] = []
  const splitter = new RequestSplitter(100_000, (request) => found.push(request))
  for (let at = 0; at < body.length; at += size) splitter.push(body.subarray(at, at + size))
  splitter.end()
  return { found, problem: splitter.problem }
}
