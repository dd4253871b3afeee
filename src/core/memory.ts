/** One piece of memory seen in several ways, so that more than one of its bytes can be looked at in a step. */
export class Memory {
  readonly buffer: ArrayBufferLike
  /** Four bytes each, from the memory's beginning. */
  readonly words: Int32Array
  readonly view: DataView

  constructor(buffer: ArrayBufferLike) {
    this.buffer = buffer
    this.words = new Int32Array(buffer, 0, buffer.byteLength >> 2)
    this.view = new DataView(buffer)
  }
}

/** The memory that bytes lie in; what was made for the bytes before is used again where it is the same. */
export class MemoryOf {
  #memory = new Memory(new ArrayBuffer(0))

  get(bytes: Uint8Array): Memory {
    if (this.#memory.buffer !== bytes.buffer) this.#memory = new Memory(bytes.buffer)
    return this.#memory
  }
}
