/**
 * Reads the commonest line of a results file, a finished answer of one text, in its bytes: it answers where things stand
 * and makes no object. The names may come in any order. Whatever else a line may be, it is left to JSON.parse and `decode`.
 */

import { ViewOf } from '../../core/four-bytes.ts'
import { takeLine } from '../../core/line-frame.ts'
import { CLOSE, COLON, COMMA, OPEN, QUOTE, skipBlanks, ValueScanner } from '../../core/scan-value.ts'
import type { AnswerScanner, PlainAnswer } from '../provider.ts'
import { Found } from './found.ts'
import { Frame, isDigit, type Leaf, type Slot } from './frame.ts'
import { equals, knownName, type Name, type Place } from './line-names.ts'

const OPEN_LIST = 91
const CLOSE_LIST = 93
const BACKSLASH = 92
const N = 110

const SUCCEEDED = Buffer.from('succeeded')
const TEXT = Buffer.from('text')
const BATCH = Buffer.from('batch')
const NO_REGION = Buffer.from('not_available')
const FINISHED = [Buffer.from('end_turn'), Buffer.from('stop_sequence')]

/** Frames that are kept: models, stop reasons and the like make several. */
const REMEMBERED = 8

/** A number that fits into 32 bits is exact wherever it is kept. */
const MOST_TOKENS = 2 ** 32 - 1

export class ResultScanner implements AnswerScanner {
  readonly #value = new ValueScanner()
  readonly #answer = new Found()
  /** Where the line goes on behind what was read last. */
  #at = 0
  #hasSucceeded = false
  #isText = false
  /** Of the line that is being read, in order. */
  #leaves: Leaf[] = []
  /** Of lines that were read, the last one first. */
  readonly #frames: Frame[] = []
  readonly #views = new ViewOf()

  scan(bytes: Buffer, start: number, end: number): PlainAnswer | undefined {
    const answer = this.#answer
    answer.forget()
    const isTaken = takeLine(bytes, start, end)
    for (let index = 0; index < this.#frames.length; index += 1) {
      const frame = this.#frames[index] as Frame
      const isKnown = isTaken ? frame.readTaken(start, end, answer) : undefined
      if (isKnown ?? frame.read(bytes, this.#views.get(bytes), start, end, answer)) {
        if (index > 0) this.#remember(frame, index)
        answer.alike = frame
        return answer
      }
      answer.forget()
    }
    if (!this.#read(bytes, start, end)) return undefined
    const frame = new Frame(bytes, start, end, this.#leaves)
    this.#remember(frame, this.#frames.length)
    answer.alike = frame
    return answer
  }

  #remember(frame: Frame, from: number): void {
    this.#frames.splice(from, 1)
    this.#frames.unshift(frame)
    if (this.#frames.length > REMEMBERED) this.#frames.pop()
  }

  /** Reads a line name by name. */
  #read(bytes: Buffer, start: number, end: number): boolean {
    const answer = this.#answer
    this.#hasSucceeded = false
    this.#leaves = []
    if (!this.#object('line', bytes, start) || this.#at !== end) return false
    const isWhole = answer.idStart > 0 && answer.textStart > 0 && answer.modelStart > 0 && answer.stopStart > 0
    return isWhole && this.#hasSucceeded
  }

  #leaf(slot: Slot): void {
    this.#leaves.push({ slot, from: this.#value.from, to: this.#value.to })
  }

  /** False: it is no object, or not as we know it. */
  #object(place: Place, bytes: Buffer, start: number): boolean {
    if (bytes[start] !== OPEN) return false
    const value = this.#value
    let seen = 0
    let at = skipBlanks(bytes, start + 1)
    while (bytes[at] !== CLOSE) {
      if (bytes[at] !== QUOTE || !value.read(bytes, at)) return false
      const { from, to } = value
      at = skipBlanks(bytes, value.at)
      if (bytes[at] !== COLON || hasEscape(bytes, from, to)) return false
      const known = knownName(place, bytes, from, to)
      // A name that stands there twice is not for us to understand.
      if (known !== undefined && (seen & known.bit) !== 0) return false
      seen |= known?.bit ?? 0
      if (!this.#member(place, known?.name, bytes, skipBlanks(bytes, at + 1))) return false
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
        this.#leaf('id')
        return true
      case 'result':
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
        return this.#object('message', bytes, at)
      case 'content':
        return this.#content(bytes, at)
      case 'text':
        if (bytes[at] !== QUOTE || !this.#skip(bytes, at)) return false
        answer.textStart = this.#value.from
        answer.textEnd = this.#value.to
        this.#leaf('text')
        return true
      case 'model':
        if (!this.#plainText(bytes, at)) return false
        answer.modelStart = this.#value.from
        answer.modelEnd = this.#value.to
        this.#leaf('model')
        return true
      case 'stop_reason':
        if (!this.#plainText(bytes, at) || !FINISHED.some((word) => this.#is(word, bytes))) return false
        answer.stopStart = this.#value.from
        answer.stopEnd = this.#value.to
        this.#leaf('stop')
        return true
      case 'usage':
        return this.#object('usage', bytes, at)
      case 'cache_creation':
        return bytes[at] === N ? this.#skip(bytes, at) : this.#object('cache', bytes, at)
      case 'input_tokens':
        return this.#tokens('inputTokens', bytes, at)
      case 'output_tokens':
        return this.#tokens('outputTokens', bytes, at)
      case 'cache_read_input_tokens':
        return this.#tokens('cacheReadInputTokens', bytes, at)
      case 'cache_creation_input_tokens':
        return this.#tokens('cacheCreationInputTokens', bytes, at)
      case 'ephemeral_1h_input_tokens':
        return this.#tokens('cacheCreation1hInputTokens', bytes, at)
      case 'service_tier':
        // Null is none. Any other tier has another price.
        return bytes[at] === N ? this.#skip(bytes, at) : this.#plainText(bytes, at) && this.#is(BATCH, bytes)
      case 'inference_geo':
        if (bytes[at] === N) return this.#skip(bytes, at)
        if (!this.#plainText(bytes, at)) return false
        if (this.#is(NO_REGION, bytes)) return true
        answer.regionStart = this.#value.from
        answer.regionEnd = this.#value.to
        this.#leaf('region')
        return true
      case 'citations':
      case 'server_tool_use':
      case 'stop_details':
        return bytes[at] === N && this.#skip(bytes, at)
      default:
        return this.#other(place, bytes, at)
    }
  }

  /** A value that decides nothing, and may be another one in the next line. */
  #other(place: Place, bytes: Buffer, at: number): boolean {
    if (bytes[at] === OPEN && place !== 'other') return this.#object('other', bytes, at)
    if (!this.#skip(bytes, at)) return false
    if (bytes[at] === QUOTE) this.#leaf('anyText')
    else if (isWhole(bytes, at, this.#at)) this.#leaf('anyNumber')
    return true
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

  /** False: not a whole number that is surely exact. Null is none. */
  #tokens(slot: TokenSlot, bytes: Buffer, at: number): boolean {
    if (!this.#skip(bytes, at)) return false
    if (bytes[at] === N) return true
    if (!isWhole(bytes, at, this.#at)) return false
    const count = Number(bytes.toString('latin1', at, this.#at))
    this.#answer[slot] = count
    this.#leaf(slot)
    return count <= MOST_TOKENS
  }
}

type TokenSlot = Extract<Slot, `${string}Tokens`>

function isWhole(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (!isDigit(bytes[at] as number)) return false
  return true
}

function hasEscape(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (bytes[at] === BACKSLASH) return true
  return false
}
