import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isJsonObject, type JsonObject } from '../../../src/core/json.ts'
import type { ResultLine } from '../../../src/core/result.ts'
import { decode } from '../../../src/provider/anthropic/decode.ts'
import { ResultScanner } from '../../../src/provider/anthropic/scan.ts'

/** One for all lines, which it compares with those it has read. */
const scanner = new ResultScanner()

/** What the scanner says of a line, in the words of `decode`; undefined: nothing. Other lines stand around it. */
function scanned(line: string): ResultLine | undefined {
  const before = '{"custom_id":"other"}\n'
  const bytes = Buffer.from(`${before}${line}\n{"custom_id":"next"}\n`)
  const answer = scanner.scan(bytes, before.length, before.length + Buffer.byteLength(line))
  if (answer === undefined) return undefined
  const words = (start: number, end: number): string => bytes.toString('utf8', start, end)
  const text = JSON.parse(words(answer.textStart - 1, answer.textEnd + 1)) as string
  const { inputTokens, outputTokens, cacheReadInputTokens } = answer
  const { cacheCreationInputTokens, cacheCreation1hInputTokens } = answer
  const usage = { inputTokens, outputTokens, cacheReadInputTokens, cacheCreationInputTokens }
  return {
    customId: words(answer.idStart, answer.idEnd),
    result: {
      type: 'succeeded',
      answer: {
        text,
        content: [],
        toolCalls: [],
        citations: [],
        end: 'complete',
        stopReason: words(answer.stopStart, answer.stopEnd),
        model: words(answer.modelStart, answer.modelEnd),
        billing: {
          batch: true,
          ...(answer.regionStart > 0 ? { region: words(answer.regionStart, answer.regionEnd) } : {}),
        },
      },
      usage: { ...usage, cacheCreation1hInputTokens, webSearchRequests: 0 },
    },
  }
}

/** What `decode` says; undefined: it is no line. The blocks are left out: they go back to the model, and nothing does here. */
function decoded(line: string): ResultLine | undefined {
  try {
    const { customId, result } = decode(JSON.parse(line) as JsonObject)
    if (result.type !== 'succeeded') return { customId, result }
    return { customId, result: { ...result, answer: { ...result.answer, content: [] } } }
  } catch {
    return undefined
  }
}

const USAGE = {
  input_tokens: 10,
  cache_creation_input_tokens: 7,
  cache_read_input_tokens: 3,
  cache_creation: { ephemeral_5m_input_tokens: 2, ephemeral_1h_input_tokens: 5 },
  output_tokens: 20,
  server_tool_use: null,
  service_tier: 'batch',
  inference_geo: 'not_available',
}
const MESSAGE = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-haiku-4-5',
  content: [{ type: 'text', text: 'Grüße, “東京”\n"yes"\\', citations: null }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  stop_details: null,
  usage: USAGE,
}
const lineOf = (message: object): string =>
  JSON.stringify({ custom_id: 'row-1-x7k2f9-000001', result: { type: 'succeeded', message } })
const textOf = (text: string): string => lineOf({ ...MESSAGE, content: [{ type: 'text', text }] })

describe('the scanner of results lines', () => {
  it.each([
    ['as the API writes it', lineOf(MESSAGE)],
    [
      'with names in another order',
      `{"result":${JSON.stringify({ message: MESSAGE, type: 'succeeded' })},"custom_id":"a"}`,
    ],
    ['with blanks', lineOf(MESSAGE).replaceAll('":', '" : ').replaceAll(',"', ', "')],
    [
      'with names that nobody knows',
      lineOf({ ...MESSAGE, added: { deeply: [1.5, { x: 'y' }] }, text: 'not this one' }),
    ],
    ['with an empty text', textOf('')],
    ['with a quote at the end of the text', textOf('He said "yes"')],
    ['with a backslash at the end of the text', textOf('C:\\')],
    ['with what looks like a line in its text', textOf(lineOf(MESSAGE))],
    ['billed for a region', lineOf({ ...MESSAGE, usage: { ...USAGE, inference_geo: 'us' } })],
    [
      'without anything that may be absent',
      lineOf({ content: [{ type: 'text', text: 'a' }], model: 'm', stop_reason: 'end_turn' }),
    ],
  ])('reads an answer %s', (_, line) => {
    expect(scanned(line)).toBeDefined()
    expect(scanned(line)).toEqual(decoded(line))
  })

  it.each([
    ['an errored request', '{"custom_id":"a","result":{"type":"errored","error":{"type":"error"}}}'],
    ['several blocks', lineOf({ ...MESSAGE, content: [...MESSAGE.content, ...MESSAGE.content] })],
    [
      'thinking before the text',
      lineOf({ ...MESSAGE, content: [{ type: 'thinking', thinking: 'Hm.' }, ...MESSAGE.content] }),
    ],
    ['a tool call', lineOf({ ...MESSAGE, content: [{ type: 'tool_use', id: 't', name: 'n', input: {} }] })],
    ['citations', lineOf({ ...MESSAGE, content: [{ type: 'text', text: 'a', citations: [] }] })],
    ['no block', lineOf({ ...MESSAGE, content: [] })],
    ['an answer that was cut off', lineOf({ ...MESSAGE, stop_reason: 'max_tokens' })],
    ['a refusal', lineOf({ ...MESSAGE, stop_reason: 'refusal' })],
    ['another price', lineOf({ ...MESSAGE, usage: { ...USAGE, service_tier: 'standard' } })],
    ['searches', lineOf({ ...MESSAGE, usage: { ...USAGE, server_tool_use: { web_search_requests: 1 } } })],
    ['a token count that is no whole number', lineOf({ ...MESSAGE, usage: { ...USAGE, input_tokens: 1.5 } })],
    ['more tokens than 32 bits hold', lineOf({ ...MESSAGE, usage: { ...USAGE, input_tokens: 2 ** 32 } })],
    ['a name with an escape', lineOf(MESSAGE).replace('"model"', '"m\\u006fdel"')],
    ['a raw control character', textOf('a').replace('"a"', '"\u0001"')],
    ['an escape that is none', textOf('a').replace('"a"', '"\\x"')],
    ['a line that is cut off', lineOf(MESSAGE).slice(0, -1)],
    ['a name that stands there twice', lineOf(MESSAGE).replace('"model"', '"model":"other","model"')],
    ['something behind it', `${lineOf(MESSAGE)}}`],
  ])('leaves %s to be parsed', (_, line) => {
    expect(scanned(line)).toBeUndefined()
  })

  it('reads lines of a frame it knows, and only those', () => {
    const line = lineOf(MESSAGE)
    scanned(line)
    const others = [
      line
        .replace('row-1', 'row-2')
        .replace('msg_1', 'msg_abc')
        .replace(/"text":".*?","c/, '"text":"\\ud83d\\ude00 \\/","c'),
      line.replace('"input_tokens":10', '"input_tokens":123456789'),
      line.replace('"input_tokens":10', '"input_tokens":1234567890'),
      line.replace('haiku', 'opus'),
      line.replace('end_turn', 'stop_sequence'),
      line.replace('not_available', 'us'),
    ]
    for (const other of others) {
      expect(scanned(other), other).toBeDefined()
      expect(scanned(other)).toEqual(decoded(other))
    }
    const wrong = [
      line.replace('"input_tokens":10', '"input_tokens":010'),
      line.replace('"input_tokens":10', '"input_tokens":'),
      line.replace('"input_tokens":10', '"input_tokens":-10'),
      line.replace('row-1', 'row\\u002d1'),
      line.replace('msg_1', 'msg_\\x'),
      line.replace('msg_1', 'msg_\\u12g4'),
      line.replace('end_turn', 'max_tokens'),
      line.replace('"batch"', '"batc"'),
    ]
    for (const other of wrong) expect(scanned(other), other).toBeUndefined()
  })

  it('finds the end of a text of any length, wherever it stands', () => {
    for (let length = 0; length < 20; length += 1) {
      for (const last of ['', 'é', '"', '\\', '\n', '\u001f', '\u0000']) {
        const line = textOf('a'.repeat(length) + last)
        expect(scanned(line)).toEqual(decoded(line))
        const raw = line.replace(/\\[n"\\u0-9f]+/, '\t')
        if (raw !== line) expect(scanned(raw)).toBeUndefined()
      }
    }
  })

  it('agrees with decode on whatever it reads', () => {
    const value = fc.jsonValue({ maxDepth: 1 })
    const some = <T>(usual: T, weight = 6) =>
      fc.oneof({ weight, arbitrary: fc.constant(usual) }, value as fc.Arbitrary<T>)
    const block = shuffled({
      type: some('text', 20),
      text: fc.oneof({ weight: 9, arbitrary: fc.string({ unit: 'binary' }) as fc.Arbitrary<unknown> }, value),
      citations: some(null, 20),
    })
    const usage = shuffled({
      input_tokens: fc.oneof({ weight: 9, arbitrary: fc.nat() as fc.Arbitrary<unknown> }, value),
      output_tokens: some(7),
      cache_creation_input_tokens: some(0),
      cache_creation: fc.oneof(shuffled({ ephemeral_1h_input_tokens: some(4) }), fc.constant(null)),
      service_tier: some('batch', 20),
      inference_geo: fc.oneof(fc.constantFrom('us', 'not_available', null), value),
    })
    const message = shuffled({
      id: value,
      model: some('claude', 20),
      content: fc.oneof(
        { weight: 20, arbitrary: block.map((text) => `[${text}]`) },
        value.map((any) => JSON.stringify(any)),
      ),
      stop_reason: fc.oneof(
        { weight: 20, arbitrary: fc.constantFrom('end_turn', 'stop_sequence') as fc.Arbitrary<unknown> },
        value,
      ),
      usage,
    })
    const line = shuffled({ custom_id: some('a', 20), result: shuffled({ type: some('succeeded', 20), message }) })
    let read = 0
    fc.assert(
      fc.property(line, (text) => {
        const found = scanned(text)
        if (found === undefined) return
        read += 1
        expect(found).toEqual(decoded(text))
      }),
      { numRuns: 600, seed: 7 },
    )
    expect(read).toBeGreaterThan(30)
  })

  it('never reads a line that was damaged into another answer', () => {
    const line = Buffer.from(lineOf(MESSAGE))
    for (let at = 0; at < line.length; at += 1) {
      for (const byte of [0x22, 0x5c, 0x7b, 0x7d, 0x2c, 0x00, 0x31]) {
        const damaged = Buffer.from(line)
        damaged[at] = byte
        const text = damaged.toString('utf8')
        const found = scanned(text)
        if (found !== undefined) expect(found, text).toEqual(decoded(text))
      }
    }
  })
})

/** JSON texts of an object with these members, some of them missing, some of them twice, in any order. */
function shuffled(members: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<string> {
  const entries = Object.entries(members).map(([name, value]) =>
    value.map((any) => `${JSON.stringify(name)}:${typeof any === 'string' && isText(any) ? any : JSON.stringify(any)}`),
  )
  return fc
    .tuple(fc.tuple(...entries), fc.nat(60))
    .chain(([texts, odd]) =>
      fc.shuffledSubarray(odd === 0 ? [...texts, ...texts] : texts, { minLength: odd === 1 ? 0 : texts.length }),
    )
    .map((texts) => `{${texts.join(',')}}`)
}

/** Whether it is the text of an object or a list, as `shuffled` makes them. */
function isText(any: string): boolean {
  if (!/^[[{]/.test(any)) return false
  try {
    const parsed: unknown = JSON.parse(any)
    return Array.isArray(parsed) || isJsonObject(parsed)
  } catch {
    return false
  }
}
