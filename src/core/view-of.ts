/** The memory that bytes lie in, seen so that several of them can be read in a step; made anew only where it is another. */
export class ViewOf {
  #view: DataView = new DataView(new ArrayBuffer(0))

  /** From the beginning of the memory, which is `byteOffset` before that of the bytes. */
  get(bytes: Uint8Array): DataView {
    if (this.#view.buffer !== bytes.buffer) this.#view = new DataView(bytes.buffer)
    return this.#view
  }
}
