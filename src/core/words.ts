const STEP = 8

/** Bytes that many places are compared with, or that are put into many places, eight at a time. */
export class Words {
  readonly length: number
  readonly #bytes: Buffer
  /** Eight bytes each, read as a number; the last ones may overlap those before. Empty: they have to be compared one by one. */
  readonly #numbers: Float64Array

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes)
    this.length = bytes.length
    const numbers: number[] = []
    for (let at = 0; at + STEP <= this.length; at += STEP) numbers.push(this.#bytes.readDoubleLE(at))
    if (numbers.length > 0) numbers.push(this.#bytes.readDoubleLE(this.length - STEP))
    // Any other two numbers are equal only where their bytes are, and stay what they are on their way through a register.
    const isExact = numbers.every((number) => number !== 0 && !Number.isNaN(number))
    this.#numbers = Float64Array.from(isExact ? numbers : [])
  }

  /** Whether they stand in a memory from `at` on. */
  stand(view: DataView, at: number): boolean {
    if (at + this.length > view.byteLength) return false
    const numbers = this.#numbers
    const last = numbers.length - 1
    if (last < 0) return this.#standOneByOne(view, at)
    for (let index = 0; index < last; index += 1) {
      if (view.getFloat64(at + index * STEP, true) !== numbers[index]) return false
    }
    return view.getFloat64(at + this.length - STEP, true) === numbers[last]
  }

  /** Writes them into a memory from `at` on, which has room for them, and answers where they end. */
  put(view: DataView, at: number): number {
    const numbers = this.#numbers
    const last = numbers.length - 1
    for (let index = 0; index < last; index += 1) view.setFloat64(at + index * STEP, numbers[index] as number, true)
    if (last >= 0) view.setFloat64(at + this.length - STEP, numbers[last] as number, true)
    else for (let index = 0; index < this.length; index += 1) view.setUint8(at + index, this.#bytes[index] as number)
    return at + this.length
  }

  #standOneByOne(view: DataView, at: number): boolean {
    const bytes = this.#bytes
    for (let index = 0; index < bytes.length; index += 1) if (view.getUint8(at + index) !== bytes[index]) return false
    return true
  }
}
