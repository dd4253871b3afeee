/**
 * Reads the commonest line of a results file, a finished answer of one text, in its bytes: it answers where things stand
 * and makes no object. The names may come in any order. Whatever else a line may be, it is left to JSON.parse and `decode`.
 */
import { CLOSE, COLON, COMMA, OPEN, QUOTE, skipBlanks, ValueScanner } from '../../core/scan-value.ts'
import type { AnswerScanner, PlainAnswer } from '../provider.ts'

const OPEN_LIST = 91
const CLOSE_LIST = 93
const BACKSLASH = 92
const ZERO = 48
const NINE = 57
const N = 110

/** The objects of a line that are looked into, and the names in them that decide what the line is. */
const NAMES = {
  line: ['custom_id', 'result'],
  result: ['type', 'message'],
  message: ['content', 'model', 'stop_reason', 'stop_details', 'usage'],
  block: ['type', 'text', 'citations'],
  usage: [
    'input_tokens',
    'output_tokens',
    'cache_read_input_tokens',
    'cache_creation_input_tokens',
    'cache_creation',
    'server_tool_use',
    'service_tier',
    'inference_geo',
  ],
  cache: ['ephemeral_1h_input_tokens'],
} as const
type Place = keyof typeof NAMES
type Name = (typeof NAMES)[Place][number]

/** The names of each object with their bytes. */
const ENCODED = Object.fromEntries(
  Object.entries(NAMES).map(([place, names]) => [place, names.map((name) => ({ name, bytes: Buffer.from(name) }))]),
) as unknown as Record<Place, readonly { readonly name: Name; readonly bytes: Buffer }[]>

const SUCCEEDED = Buffer.from('succeeded')
const TEXT = Buffer.from('text')
const BATCH = Buffer.from('batch')
const NO_REGION = Buffer.from('not_available')
const FINISHED = [Buffer.from('end_turn'), Buffer.from('stop_sequence')]

/** A number that fits into 32 bits is exact wherever it is kept. */
const MOST_TOKENS = 2 ** 32 - 1

export class ResultScanner implements AnswerScanner {
  readonly #value = new ValueScanner()
  readonly #answer = new Found()
  /** Where the line goes on behind what was read last. */
  #at = 0
  #hasSucceeded = false
  #isText = false

  scan(bytes: Buffer, start: number, end: number): PlainAnswer | undefined {
    const answer = this.#answer
    answer.idStart = 0
    this.#hasSucceeded = false
    answer.forgetMessage()
    if (!this.#object('line', bytes, start) || skipBlanks(bytes, this.#at) !== end) return undefined
    const isWhole = answer.idStart > 0 && answer.textStart > 0 && answer.modelStart > 0 && answer.stopStart > 0
    return isWhole && this.#hasSucceeded ? answer : undefined
  }

  /** False: it is no object, or not as we know it. */
  #object(place: Place, bytes: Buffer, start: number): boolean {
    if (bytes[start] !== OPEN) return false
    const value = this.#value
    let at = skipBlanks(bytes, start + 1)
    while (bytes[at] !== CLOSE) {
      if (bytes[at] !== QUOTE || !value.read(bytes, at)) return false
      const { from, to } = value
      at = skipBlanks(bytes, value.at)
      if (bytes[at] !== COLON || hasEscape(bytes, from, to)) return false
      if (!this.#member(place, nameIn(place, bytes, from, to), bytes, skipBlanks(bytes, at + 1))) return false
      at = skipBlanks(bytes, this.#at)
      if (bytes[at] === CLOSE) break
      if (bytes[at] !== COMMA) return false
      at = skipBlanks(bytes, at + 1)
      if (bytes[at] === CLOSE) return false
    }
    this.#at = at + 1
    return true
  }

  /** Reads one member's value and takes from it what counts; false: it makes the line another one than we know. */
  #member(place: Place, name: Name | undefined, bytes: Buffer, at: number): boolean {
    const answer = this.#answer
    switch (name) {
      case 'custom_id':
        if (!this.#plainText(bytes, at)) return false
        answer.idStart = this.#value.from
        answer.idEnd = this.#value.to
        return true
      case 'result':
        // Of a name that stands there twice the last one counts.
        this.#hasSucceeded = false
        answer.forgetMessage()
        return this.#object('result', bytes, at)
      case 'type':
        if (!this.#plainText(bytes, at)) return false
        if (place === 'block') {
          this.#isText = this.#is(TEXT, bytes)
          return this.#isText
        }
        this.#hasSucceeded = this.#is(SUCCEEDED, bytes)
        return this.#hasSucceeded
      case 'message':
        answer.forgetMessage()
        return this.#object('message', bytes, at)
      case 'content':
        return this.#content(bytes, at)
      case 'text':
        if (bytes[at] !== QUOTE || !this.#skip(bytes, at)) return false
        answer.textStart = this.#value.from
        answer.textEnd = this.#value.to
        return true
      case 'model':
        if (!this.#plainText(bytes, at)) return false
        answer.modelStart = this.#value.from
        answer.modelEnd = this.#value.to
        return true
      case 'stop_reason':
        if (!this.#plainText(bytes, at) || !FINISHED.some((word) => this.#is(word, bytes))) return false
        answer.stopStart = this.#value.from
        answer.stopEnd = this.#value.to
        return true
      case 'usage':
        answer.forgetUsage()
        return this.#object('usage', bytes, at)
      case 'cache_creation':
        answer.cacheCreation1hInputTokens = 0
        return bytes[at] === N ? this.#skip(bytes, at) : this.#object('cache', bytes, at)
      case 'input_tokens':
        answer.inputTokens = this.#tokens(bytes, at)
        return answer.inputTokens >= 0
      case 'output_tokens':
        answer.outputTokens = this.#tokens(bytes, at)
        return answer.outputTokens >= 0
      case 'cache_read_input_tokens':
        answer.cacheReadInputTokens = this.#tokens(bytes, at)
        return answer.cacheReadInputTokens >= 0
      case 'cache_creation_input_tokens':
        answer.cacheCreationInputTokens = this.#tokens(bytes, at)
        return answer.cacheCreationInputTokens >= 0
      case 'ephemeral_1h_input_tokens':
        answer.cacheCreation1hInputTokens = this.#tokens(bytes, at)
        return answer.cacheCreation1hInputTokens >= 0
      case 'service_tier':
        // Null is none. Any other tier has another price.
        return bytes[at] === N ? this.#skip(bytes, at) : this.#plainText(bytes, at) && this.#is(BATCH, bytes)
      case 'inference_geo':
        answer.forgetRegion()
        if (bytes[at] === N) return this.#skip(bytes, at)
        if (!this.#plainText(bytes, at)) return false
        if (this.#is(NO_REGION, bytes)) return true
        answer.regionStart = this.#value.from
        answer.regionEnd = this.#value.to
        return true
      case 'citations':
      case 'server_tool_use':
      case 'stop_details':
        return bytes[at] === N && this.#skip(bytes, at)
      default:
        return this.#skip(bytes, at)
    }
  }

  /** A list of exactly one block. */
  #content(bytes: Buffer, at: number): boolean {
    const answer = this.#answer
    answer.textStart = 0
    this.#isText = false
    if (bytes[at] !== OPEN_LIST || !this.#object('block', bytes, skipBlanks(bytes, at + 1))) return false
    const end = skipBlanks(bytes, this.#at)
    this.#at = end + 1
    return bytes[end] === CLOSE_LIST && answer.textStart > 0 && this.#isText
  }

  /** Any value, which may be whatever it likes. */
  #skip(bytes: Buffer, at: number): boolean {
    const isSound = this.#value.read(bytes, at)
    this.#at = this.#value.at
    return isSound
  }

  /** A text without escapes: its bytes are its characters. */
  #plainText(bytes: Buffer, at: number): boolean {
    return bytes[at] === QUOTE && this.#skip(bytes, at) && !hasEscape(bytes, this.#value.from, this.#value.to)
  }

  #is(word: Buffer, bytes: Buffer): boolean {
    const { from, to } = this.#value
    return to - from === word.length && equals(bytes, from, word)
  }

  /** -1: not a whole number that is surely exact. Null is none. */
  #tokens(bytes: Buffer, at: number): number {
    if (!this.#skip(bytes, at)) return -1
    if (bytes[at] === N) return 0
    let count = 0
    for (let digit = at; digit < this.#at; digit += 1) {
      const byte = bytes[digit] as number
      if (byte < ZERO || byte > NINE) return -1
      count = count * 10 + byte - ZERO
    }
    return count <= MOST_TOKENS ? count : -1
  }
}

/** What a line says; 0: nothing yet. */
class Found implements PlainAnswer {
  idStart = 0
  idEnd = 0
  textStart = 0
  textEnd = 0
  modelStart = 0
  modelEnd = 0
  stopStart = 0
  stopEnd = 0
  regionStart = 0
  regionEnd = 0
  inputTokens = 0
  outputTokens = 0
  cacheReadInputTokens = 0
  cacheCreationInputTokens = 0
  cacheCreation1hInputTokens = 0

  forgetMessage(): void {
    this.textStart = 0
    this.modelStart = 0
    this.stopStart = 0
    this.forgetUsage()
  }

  forgetUsage(): void {
    this.forgetRegion()
    this.inputTokens = 0
    this.outputTokens = 0
    this.cacheReadInputTokens = 0
    this.cacheCreationInputTokens = 0
    this.cacheCreation1hInputTokens = 0
  }

  forgetRegion(): void {
    this.regionStart = 0
    this.regionEnd = 0
  }
}

/** undefined: a name that decides nothing. */
function nameIn(place: Place, bytes: Buffer, from: number, to: number): Name | undefined {
  for (const candidate of ENCODED[place]) {
    if (candidate.bytes.length === to - from && equals(bytes, from, candidate.bytes)) return candidate.name
  }
  return undefined
}

function equals(bytes: Buffer, from: number, word: Buffer): boolean {
  for (let at = 0; at < word.length; at += 1) if (bytes[from + at] !== word[at]) return false
  return true
}

function hasEscape(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (bytes[at] === BACKSLASH) return true
  return false
}
