// Digests of 16 bytes and a number for each, without an object per entry: a million take 40 MB, where a Map takes 150.

const START = 1024

export class DigestTable {
  #keys = new Uint32Array(START * 4)
  /** The number plus one; 0 marks a free place. */
  #values = new Uint32Array(START)
  #mask = START - 1
  #size = 0

  get size(): number {
    return this.#size
  }

  /** `at` is where the 16 bytes begin. Undefined: not in the table. */
  get(bytes: Buffer, at = 0): number | undefined {
    const value = this.#values[this.#placeOf(bytes, at)] as number
    return value === 0 ? undefined : value - 1
  }

  /** Puts or replaces; numbers are whole and below 2^32 - 1. */
  set(bytes: Buffer, at: number, value: number): void {
    if ((this.#size + 1) * 4 > this.#values.length * 3) this.#grow()
    const place = this.#placeOf(bytes, at)
    if (this.#values[place] === 0) {
      this.#size++
      for (let word = 0; word < 4; word++) this.#keys[place * 4 + word] = bytes.readUInt32LE(at + word * 4)
    }
    this.#values[place] = value + 1
  }

  #placeOf(bytes: Buffer, at: number): number {
    const first = bytes.readUInt32LE(at)
    const second = bytes.readUInt32LE(at + 4)
    const third = bytes.readUInt32LE(at + 8)
    const fourth = bytes.readUInt32LE(at + 12)
    const keys = this.#keys
    let place = first & this.#mask
    while (this.#values[place] !== 0) {
      const key = place * 4
      if (keys[key] === first && keys[key + 1] === second && keys[key + 2] === third && keys[key + 3] === fourth) break
      place = (place + 1) & this.#mask
    }
    return place
  }

  #grow(): void {
    const keys = this.#keys
    const values = this.#values
    this.#values = new Uint32Array(values.length * 2)
    this.#keys = new Uint32Array(keys.length * 2)
    this.#mask = this.#values.length - 1
    for (let old = 0; old < values.length; old++) {
      if (values[old] === 0) continue
      let place = (keys[old * 4] as number) & this.#mask
      while (this.#values[place] !== 0) place = (place + 1) & this.#mask
      this.#keys.set(keys.subarray(old * 4, old * 4 + 4), place * 4)
      this.#values[place] = values[old] as number
    }
  }
}
