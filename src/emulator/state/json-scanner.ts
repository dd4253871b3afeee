// Reads JSON byte by byte without holding it: strict as JSON.parse, across any split into chunks, at any depth.

import { isNumberComplete, NUMBER_START, nextInNumber } from './json-number.ts'
import { JsonSyntaxError, type ScanListener, type ValueKind } from './scan-listener.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const COMMA = 0x2c
const COLON = 0x3a
const MINUS = 0x2d

/** Containers within containers. A stack of a byte each; more than this is an attack and not a request. */
const MAX_DEPTH = 1_000_000
/** Keys and ids that are looked at; longer ones are cut, which no name that matters survives. */
const CAPTURE = 4096

/** Where the scanner stands inside a value. */
const VALUE = 0
const VALUE_OR_END = 1
const KEY = 2
const KEY_OR_END = 3
const AFTER_KEY = 4
const AFTER_VALUE = 5
const STRING = 6
const ESCAPE = 7
const HEX = 8
const LITERAL = 9
const NUMBER = 10
const DONE = 11

export class JsonScanner {
  readonly #listener: ScanListener
  #state = VALUE
  #depth = 0
  /** 1 for an object, 0 for an array, for every open container. */
  #stack = new Uint8Array(64)
  #isKey = false
  #hexLeft = 0
  #number = NUMBER_START
  #literal = ''
  #literalAt = 0
  #capture: Buffer | undefined
  #captured = 0
  readonly #captureMemory = Buffer.alloc(CAPTURE)
  #base = 0

  constructor(listener: ScanListener) {
    this.#listener = listener
  }

  /** Throws JsonSyntaxError. */
  push(chunk: Uint8Array): void {
    const length = chunk.length
    let at = 0
    while (at < length) {
      if (this.#state === STRING) at = this.#scanString(chunk, at)
      else if (this.#state === NUMBER) at = this.#scanNumber(chunk, at)
      else {
        const byte = chunk[at] as number
        // Space between tokens.
        if (this.#state < STRING && isSpace(byte)) at++
        else {
          this.#step(byte, this.#base + at)
          // A number's first byte is looked at again as part of it.
          if (this.#state !== NUMBER) at++
        }
      }
    }
    this.#base += length
  }

  /** Throws JsonSyntaxError when the text is not complete. */
  end(): void {
    if (this.#state === NUMBER && this.#depth === 0 && isNumberComplete(this.#number))
      this.#endValue('number', this.#base)
    if (this.#state !== DONE) throw new JsonSyntaxError('unexpected end of data', this.#base)
  }

  #step(byte: number, at: number): void {
    switch (this.#state) {
      case VALUE:
        this.#beginValue(byte, at)
        break
      case VALUE_OR_END:
        if (byte === CLOSE_ARRAY) this.#close(0, at)
        else this.#beginValue(byte, at)
        break
      case KEY_OR_END:
        if (byte === CLOSE_OBJECT) this.#close(1, at)
        else this.#beginKey(byte, at)
        break
      case KEY:
        this.#beginKey(byte, at)
        break
      case AFTER_KEY:
        if (byte !== COLON) throw new JsonSyntaxError('expected ":"', at)
        this.#state = VALUE
        break
      case AFTER_VALUE:
        this.#afterValue(byte, at)
        break
      case ESCAPE:
        this.#escape(byte, at)
        break
      case HEX:
        this.#hex(byte, at)
        break
      case LITERAL:
        this.#literalByte(byte, at)
        break
      default:
        if (!isSpace(byte)) throw new JsonSyntaxError('extra data', at)
    }
  }

  #beginValue(byte: number, at: number): void {
    if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) this.#open(byte === OPEN_OBJECT ? 1 : 0, at)
    else if (byte === QUOTE) this.#beginString(false, this.#listener.begin('string', this.#depth, at))
    else if (byte === MINUS || (byte >= 0x30 && byte <= 0x39)) {
      this.#listener.begin('number', this.#depth, at)
      this.#state = NUMBER
      this.#number = NUMBER_START
    } else this.#beginLiteral(byte, at)
  }

  #beginLiteral(byte: number, at: number): void {
    const literal = byte === 0x74 ? 'true' : byte === 0x66 ? 'false' : byte === 0x6e ? 'null' : ''
    if (literal === '') throw new JsonSyntaxError('expected a value', at)
    this.#listener.begin('literal', this.#depth, at)
    this.#literal = literal
    this.#literalAt = 1
    this.#state = LITERAL
  }

  #open(kind: 0 | 1, at: number): void {
    this.#listener.begin(kind === 1 ? 'object' : 'array', this.#depth, at)
    if (this.#depth >= MAX_DEPTH) throw new JsonSyntaxError('recursion limit exceeded', at)
    if (this.#depth === this.#stack.length) {
      const larger = new Uint8Array(this.#stack.length * 2)
      larger.set(this.#stack)
      this.#stack = larger
    }
    this.#stack[this.#depth++] = kind
    this.#state = kind === 1 ? KEY_OR_END : VALUE_OR_END
  }

  #close(kind: 0 | 1, at: number): void {
    this.#depth--
    this.#endValue(kind === 1 ? 'object' : 'array', at + 1)
  }

  #beginKey(byte: number, at: number): void {
    if (byte !== QUOTE) throw new JsonSyntaxError('expected a property name in double quotes', at)
    this.#beginString(true, this.#listener.wantsKeys(this.#depth - 1))
  }

  #beginString(isKey: boolean, wanted: boolean): void {
    this.#isKey = isKey
    this.#captured = 0
    this.#capture = wanted ? this.#captureMemory : undefined
    this.#state = STRING
  }

  /** The hot loop: documents are long strings. Returns where to go on. */
  #scanString(chunk: Uint8Array, from: number): number {
    const length = chunk.length
    let at = from
    let byte = 0
    while (at < length) {
      byte = chunk[at] as number
      if (byte === QUOTE || byte === BACKSLASH || byte < 0x20) break
      at++
    }
    if (this.#capture !== undefined) this.#keep(chunk, from, at)
    if (at === length) return at
    if (byte < 0x20) throw new JsonSyntaxError('control character in a string', this.#base + at)
    if (byte === BACKSLASH) {
      if (this.#capture !== undefined) this.#keep(chunk, at, at + 1)
      this.#state = ESCAPE
    } else this.#endString(this.#base + at + 1)
    return at + 1
  }

  #keep(chunk: Uint8Array, from: number, to: number): void {
    const room = Math.min(to - from, CAPTURE - this.#captured)
    if (room <= 0) return
    this.#captureMemory.set(chunk.subarray(from, from + room), this.#captured)
    this.#captured += room
  }

  #escape(byte: number, at: number): void {
    if (byte === 0x75) {
      this.#hexLeft = 4
      this.#state = HEX
    } else if ('"\\/bfnrt'.includes(String.fromCharCode(byte))) this.#state = STRING
    else throw new JsonSyntaxError('invalid escape', at)
    this.#keepByte(byte)
  }

  #hex(byte: number, at: number): void {
    const isHex = (byte >= 0x30 && byte <= 0x39) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66)
    if (!isHex) throw new JsonSyntaxError('invalid \\u escape', at)
    this.#keepByte(byte)
    this.#hexLeft--
    if (this.#hexLeft === 0) this.#state = STRING
  }

  #keepByte(byte: number): void {
    if (this.#capture !== undefined && this.#captured < CAPTURE) this.#captureMemory[this.#captured++] = byte
  }

  #endString(at: number): void {
    const text = this.#capture?.toString('utf8', 0, this.#captured)
    this.#capture = undefined
    if (this.#isKey) {
      if (text !== undefined) this.#listener.key(this.#depth - 1, text)
      this.#state = AFTER_KEY
    } else this.#endValue('string', at, text)
  }

  #scanNumber(chunk: Uint8Array, from: number): number {
    let at = from
    for (; at < chunk.length; at++) {
      const next = nextInNumber(this.#number, chunk[at] as number)
      if (next < 0) break
      this.#number = next
    }
    if (at === chunk.length) return at
    if (!isNumberComplete(this.#number)) throw new JsonSyntaxError('invalid number', this.#base + at)
    this.#endValue('number', this.#base + at)
    return at
  }

  #literalByte(byte: number, at: number): void {
    if (byte !== this.#literal.charCodeAt(this.#literalAt)) throw new JsonSyntaxError('expected a value', at)
    this.#literalAt++
    if (this.#literalAt === this.#literal.length) this.#endValue('literal', at + 1)
  }

  #endValue(kind: ValueKind, at: number, text?: string): void {
    this.#state = this.#depth === 0 ? DONE : AFTER_VALUE
    this.#listener.end(kind, this.#depth, at, text)
  }

  #afterValue(byte: number, at: number): void {
    const inObject = this.#stack[this.#depth - 1] === 1
    if (byte === COMMA) this.#state = inObject ? KEY : VALUE
    else if (byte === (inObject ? CLOSE_OBJECT : CLOSE_ARRAY)) this.#close(inObject ? 1 : 0, at)
    else throw new JsonSyntaxError(`expected "," or "${inObject ? '}' : ']'}"`, at)
  }
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}
