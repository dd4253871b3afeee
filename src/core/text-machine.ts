// The machine that text-bytes.wat describes: its memory, and how it is started.

import { TEXT_BYTES_WASM } from './text-bytes-wasm.ts'

/** As text-bytes.wat lays out its memory: what is given, what is made of it, and that in UTF-16. */
export const GIVEN = 4096
export const PIECE_BYTES = 131_072
/** What is read or written sixteen bytes at a time may go that far beyond its end. */
const SLACK = 64
export const MADE = GIVEN + PIECE_BYTES + SLACK
export const WIDE = MADE + PIECE_BYTES + SLACK
/** From here on to the end of the memory lie the frames of lines. */
export const FRAMES = WIDE + 2 * PIECE_BYTES + SLACK

/** What text-bytes.wat exports. */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer }
  textEnd(at: number, end: number): number
  unquote(at: number, end: number, to: number): number
  widen(at: number, end: number, to: number): number
  isWritten(at: number, end: number): number
  readFrame(at: number, end: number, frame: number): number
}

export interface TextMachine {
  readonly exports: Exports
  readonly memory: Buffer
  readonly told: Int32Array
}

/** What the types of Node.js do not name. */
const { WebAssembly } = globalThis as unknown as {
  readonly WebAssembly: {
    readonly Module: new (bytes: Uint8Array) => object
    readonly Instance: new (module: object) => { readonly exports: unknown }
  }
}

let machine: TextMachine | null | undefined

/** null: this processor, or this Node.js, has none. */
export function textMachine(): TextMachine | null {
  if (machine === undefined) machine = start()
  return machine
}

function start(): TextMachine | null {
  try {
    const module = new WebAssembly.Module(Buffer.from(TEXT_BYTES_WASM, 'base64'))
    const exports = new WebAssembly.Instance(module).exports as Exports
    return { exports, memory: Buffer.from(exports.memory.buffer), told: new Int32Array(exports.memory.buffer) }
  } catch {
    return null
  }
}
