/**
 * What lines have in common: everything but a few values. A line is copied once into the memory of text-bytes.wat and
 * compared there, sixteen bytes at a time, with the frames of the lines before it.
 */
import { Copier } from './put-bytes.ts'
import { FRAMES, GIVEN, PIECE_BYTES, textMachine } from './text-machine.ts'

/**
 * What a value is. `known`: it is the same in all lines of the frame, and begins what is to stand before the next value;
 * `plain`: a text without escapes; `number`: a whole one of at most nine digits. Of texts, what stands between the quotes.
 */
export type LineValue = 'known' | 'plain' | 'text' | 'number'

export interface LineStep {
  /** What stands before the value in every line. */
  readonly before: Uint8Array
  readonly value: LineValue
}

/** As text-bytes.wat numbers them. */
const NUMBERS: Readonly<Record<LineValue, number>> = { known: 0, plain: 1, text: 2, number: 3 }
const WORD = 4
const FRAME_BYTES = 8192
const PLACES = 8
const MAX_VALUES = 64
/** Where in the memory the machine tells of each value, in numbers of 32 bits. */
const TOLD = 1040 / WORD
export const TOLD_EACH = 3
export const LINE_START = GIVEN
let toldValues: Int32Array | undefined

const lines = new Copier()

/** The frames that lie in the memory, and which place the next one takes. */
const frames: (LineFrame | undefined)[] = new Array(PLACES).fill(undefined)
let nextPlace = 0

/** Takes a line to compare frames with. False: there is no machine for it here, or the line is too long. */
export function takeLine(bytes: Buffer, start: number, end: number): boolean {
  const machine = textMachine()
  const size = end - start
  if (machine === null || size > PIECE_BYTES) return false
  lines.copy(bytes, start, end, machine.memory, GIVEN)
  return true
}

export class LineFrame {
  readonly #program: Buffer
  #place = 0

  private constructor(program: Buffer) {
    this.#program = program
  }

  /** undefined: it is too large to be kept. */
  static of(steps: readonly LineStep[], end: Uint8Array): LineFrame | undefined {
    if (steps.length > MAX_VALUES) return undefined
    const pieces = [words(steps.length)]
    for (const { before, value } of steps) pieces.push(words(NUMBERS[value], before.length), whole(before))
    const program = Buffer.concat([...pieces, words(end.length), whole(end)])
    return program.length > FRAME_BYTES ? undefined : new LineFrame(program)
  }

  /**
   * What the line that was taken last says; undefined: it is none of this frame. Of each value `TOLD_EACH` numbers: where it
   * begins and where it ends, counted from `LINE_START`, and the number that it is. They are good until the next line is read.
   *
   * @param size bytes of the line
   */
  read(size: number): Int32Array | undefined {
    const machine = textMachine()
    if (machine === null) return undefined
    if (frames[this.#place] !== this) this.#keep(machine.memory)
    const isKnown = machine.exports.readFrame(GIVEN, GIVEN + size, FRAMES + this.#place * FRAME_BYTES) === 1
    toldValues ??= machine.told.subarray(TOLD)
    return isKnown ? toldValues : undefined
  }

  #keep(memory: Buffer): void {
    this.#place = nextPlace
    nextPlace = (nextPlace + 1) % PLACES
    frames[this.#place] = this
    memory.set(this.#program, FRAMES + this.#place * FRAME_BYTES)
  }
}

function words(...numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(numbers.length * WORD)
  for (const [nth, number] of numbers.entries()) bytes.writeUInt32LE(number, nth * WORD)
  return bytes
}

/** Bytes to whole words, as the next number has to begin with one. */
function whole(bytes: Uint8Array): Buffer {
  const padded = Buffer.alloc(Math.ceil(bytes.length / WORD) * WORD)
  padded.set(bytes)
  return padded
}
