import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../src/core/json.ts'
import { parseRequestLine } from '../../src/core/request-line.ts'
import { HOW, type RowText } from '../../src/core/row-text.ts'
import { RowScanner, trimmedEnd } from '../../src/core/scan-row.ts'
import { isSlice, mostBytesOf, type Slice, writeRequestLine } from '../../src/core/write-request-line.ts'
import { RowWriter } from '../../src/core/write-row.ts'
import type { DocumentReader } from '../../src/prompt/documents.ts'
import { createRenderer, type Rendered, type RenderedRequest, type Renderer } from '../../src/prompt/render.ts'
import type { CopiedRequest } from '../../src/prompt/row-copier.ts'
import { fakeProvider, inline, jobOf } from './jobs.ts'

const documents: DocumentReader = {
  inspect: () => Promise.reject(new Error('There are no documents.')),
  together: () => undefined,
  close: async () => undefined,
}

const JOB = jobOf('Hello {{name}},\n"{{text}}" {{vars.language}} {{n}}\\', {
  system: { text: inline('{{text}}') },
  messages: [
    { role: 'user', content: [{ text: inline('  {{name}}\n{{n}}') }, { text: inline(' ') }] },
    { role: 'assistant', content: [{ text: inline('So: {{text}}{{#if n}}{{upper name}}{{/if}}{{text}}') }] },
  ],
})

const scan = (line: string): RowText | undefined => {
  const bytes = Buffer.from(`${line}\n`)
  return new RowScanner().scan(bytes, 0, trimmedEnd(bytes, 0, bytes.length))
}

const rendererOf = (job = JOB): Renderer => createRenderer({ job, provider: fakeProvider, documents })

function renderBoth(fields: JsonObject, text: RowText, job = JOB): { copied: Rendered; rendered: Rendered } {
  const row = { ordinal: 0, key: 'k', fields }
  // Each by a renderer of its own, so that neither has the other's shapes.
  const copied = rendererOf(job).render({ ...row, text })
  const rendered = rendererOf(job).render(row)
  if (copied instanceof Promise || rendered instanceof Promise) throw new Error('Nothing is waited for.')
  return { copied, rendered }
}

/** What would be sent, from the line as the plan has it: made of texts, and copied. */
function sent(request: CopiedRequest | RenderedRequest, text: RowText, job = JOB): string[] {
  const { shape, bytes: size, parts } = request
  const line = { ordinal: 7, key: 'k', about: text, shape, bytes: size, parts }
  const bytes = Buffer.alloc(mostBytesOf(line))
  const stored = parseRequestLine(bytes.subarray(0, writeRequestLine(bytes, 0, line) - 1))
  const renderer = rendererOf(job)
  expect(renderer.render({ ordinal: 0, key: 'k', fields: { name: 'a', text: 'b', n: 1 } })).toMatchObject({ shape })
  const { texts } = renderer.shapes()[shape] ?? { texts: [] }
  const body = texts.map((each, index) => each + (stored.parts[index] ?? '')).join('')
  const copy = Buffer.alloc(size)
  const encoded = texts.map((each) => Buffer.from(each))
  const end = stored.copyBody(encoded, copy, 0)
  expect(parts.map((part) => (isSlice(part) ? stretch(text, part) : part))).toEqual(stored.parts)
  expect(stored.about).toBe(text.bytes.toString('utf8', text.start, text.end))
  return [body, copy.toString('utf8', 0, end)]
}

const escaped = (letter: string): string => {
  const units = [...Array(letter.length).keys()].map((at) => letter.charCodeAt(at))
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')
}

/** A JSON text of a string, with escapes as others write them. */
const oddString = fc
  .array(fc.tuple(fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }), fc.nat(3)), { maxLength: 6 })
  .map((letters) =>
    letters.map(([letter, how]) => {
      if (how === 0) return escaped(letter)
      if (how === 1 && letter === '/') return '\\/'
      return JSON.stringify(letter).slice(1, -1)
    }),
  )
  .map((letters) => `"${letters.join('')}"`)

const plainString = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.constantFrom('', ' ', 'Grüße\n"東京"', 'a\tb', '\\', '\u2028', 'x'.repeat(60)),
)
const value = fc.oneof(
  { weight: 4, arbitrary: plainString.map((text) => JSON.stringify(text)) },
  { weight: 2, arbitrary: oddString },
  fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })).map((number) => JSON.stringify(number)),
  fc.constantFrom('1.50', '-0', '0.0', '1e3', '1E-7', '0.000001', '0.0000001', '-0.5', '12345678901234', '1.0e+2'),
  fc.constantFrom('true', 'false', 'null', '[]', '{}', '[1, {"a": "b"}]', '{"__proto__": 1}', '{"a": [{"b": null}]}'),
)
const name = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('"other"', '"more"') },
  fc.constantFrom('"name"', '"text"', '"n\\u0061me"', '"vars"', '"__proto__"', '"1"'),
)
const blank = fc.constantFrom('', '', '', '', '', ' ', ' ', '  ', '\t', '\r')

/** Rows as all kinds of programs write them; most have the fields that the prompt reads. */
const line = fc
  .tuple(value, value, value, fc.array(fc.tuple(name, value), { maxLength: 1 }), blank, blank, fc.nat(5))
  .map(([text, called, number, others, inner, outer, turn]) => {
    const members: (readonly [string, string])[] = [['"name"', called], ['"text"', text], ['"n"', number], ...others]
    const turned = [...members.slice(turn), ...members.slice(0, turn)]
    const inside = turned.map((member) => member.join(`${inner}:${inner}`)).join(`${inner},${inner}`)
    return `{${inner}${inside}${inner}}${outer}`
  })

describe('a row that is copied', () => {
  it('makes the same request, to the byte, as one that is rendered', () => {
    const seen = { copied: 0, left: 0 }
    fc.assert(
      fc.property(line, (row) => {
        const text = scan(row)
        if (text === undefined) {
          seen.left += 1
          return
        }
        const fields = JSON.parse(row) as JsonObject
        expect(text.parse()).toEqual(fields)
        const { copied, rendered } = renderBoth(fields, text)
        if (copied.type !== 'copied') {
          seen.left += 1
          // The copier has made the usual shape before; the request itself is the same.
          expect({ ...copied, shape: 0 }).toEqual({ ...rendered, shape: 0 })
          return
        }
        seen.copied += 1
        if (rendered.type !== 'request') throw new Error(`${row} is copied, and is rendered as ${rendered.type}.`)
        const { parts: _, type: _type, ...measure } = copied
        expect(rendered).toMatchObject(measure)
        const expected = sent(rendered, text)[0]
        expect(sent(copied, text)).toEqual([expected, expected])
        expect(copied.bytes).toBe(Buffer.byteLength(expected ?? ''))
      }),
      { numRuns: 1500 },
    )
    expect(seen.copied).toBeGreaterThan(100)
    expect(seen.left).toBeGreaterThan(100)
  })

  it('is written by us with the same places as it would be found at', () => {
    const writer = new RowWriter()
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('name', 'text', 'n', 'ä"'), fc.jsonValue()), (fields) => {
        const written = writer.write(fields as JsonObject)
        const json = written.bytes.toString('utf8', written.start, written.end)
        expect(json).toBe(JSON.stringify(fields))
        for (const [field, each] of written.names.names.entries()) {
          const member = fields[each]
          const isText = member === null || typeof member === 'object'
          expect(written.textOf(field)).toBe(isText ? undefined : String(member))
          if (!written.isReady(field)) continue
          const bytes = written.bytes.toString('utf8', written.from(field), written.to(field))
          expect(bytes).toBe(JSON.stringify(String(member)).slice(1, -1))
          expect(written.textBytes(field)).toBe(Buffer.byteLength(String(member)))
        }
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    ['{"name":"a","text":"b","n":1}', true],
    ['{ "n" : 1.25 , "text" : "\\u00e9\\/" , "name" : "a" } ', true],
    ['{"name":"a","text":"b","n":1}\r', true],
    ['{"name":"a","text":"b","n":{"x":[1]}}', true],
    ['{"name":"a","text":"b","n":1,"n":2}', false],
    ['{"name":"a","text":"b",\t"n":1}', false],
    ['{"n\\u0061me":"a","text":"b","n":1}', false],
    ['{"name":"a","text":"b","n":12345678901234567}', false],
    ['{"name":"a","text":"b","n":1e5}', false],
    ['{"name":"a","text":"b","n":01}', false],
    ['{"name":"a","text":"b","n":{"__proto__":1}}', false],
    ['{"name":"a","text":"b\\x","n":1}', false],
    ['{"name":"a","text":"b","n":1} x', false],
    ['{"name":"a","text":"b","n":1', false],
    ['[1]', false],
    ['', false],
  ])('%s is understood: %s', (row, isUnderstood) => {
    expect(scan(row) !== undefined).toBe(isUnderstood)
  })

  it('stands in other notations as JSON.stringify would write it', () => {
    const text = scan('{"name":"\\u00e9\\/\\u001f","text":"b","n":1.50}')
    if (text === undefined) throw new Error('It is not understood.')
    expect(text.how(0)).toBe(HOW.odd)
    const { copied } = renderBoth(text.parse(), text)
    expect(copied.type === 'copied' && copied.parts.filter((part) => typeof part === 'string')).toEqual([
      'é/\\u001f',
      '1.5',
      'É/\\u001f',
    ])
  })

  it.each(['{"text":"b","n":1}', '{"name":null,"text":"b","n":1}', '{"name":"a","text":" ","n":1}'])(
    '%s is left to its templates',
    (row) => {
      const text = scan(row)
      if (text === undefined) throw new Error('It is not understood.')
      expect(renderBoth(text.parse(), text).copied.type).not.toBe('copied')
    },
  )

  it('is refused like any other where a field hides a name of the job', () => {
    const text = scan('{"name":"a","text":"b","n":1,"vars":2}')
    if (text === undefined) throw new Error('It is not understood.')
    expect(() => renderBoth(text.parse(), text, jobOf('{{vars.language}} {{name}}'))).toThrow('vars')
  })

  it('is not a row with half a character, which no provider takes', () => {
    const fields = { name: 'a', text: 'cut \ud83d', n: 1 }
    const texts = [scan('{"name": "a", "text": "cut \\ud83d", "n": 1}'), new RowWriter().write(fields)]
    for (const text of texts) {
      const { copied, rendered } = renderBoth(fields, text as RowText)
      expect(copied).toEqual(rendered)
      expect(copied).toMatchObject({ type: 'rejected', reason: expect.stringContaining('half a character') })
    }
  })
})

function stretch({ bytes, start }: RowText, { from, to }: Slice): string {
  return bytes.toString('utf8', start + from, start + to)
}
