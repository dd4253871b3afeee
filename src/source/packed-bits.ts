// Numbers of a few bits each, one after the other, the lowest bit first: groups of eight fill whole bytes.

/** `count` numbers of `width` bits (0–32) from byte `at` into `values`, which takes them as 32-bit integers. */
export function unpackBits(
  bytes: Uint8Array,
  at: number,
  width: number,
  values: Int32Array,
  from: number,
  count: number,
): void {
  if (width > NARROW_BITS) {
    for (let i = 0; i < count; i++) values[from + i] = readBits(bytes, at * 8 + i * width, width) | 0
    return
  }
  const mask = (1 << width) - 1
  let held = 0
  let bits = 0
  let next = at
  for (let i = from; i < from + count; i++) {
    while (bits < width) {
      held |= (bytes[next++] ?? 0) << bits
      bits += 8
    }
    values[i] = held & mask
    held >>>= width
    bits -= width
  }
}

/** With the bits of a byte that are left over, these fit into 32. */
const NARROW_BITS = 24

/** One number of `width` bits (0–32), beginning at a bit. */
export function readBits(bytes: Uint8Array, bit: number, width: number): number {
  let value = 0
  const first = bit >>> 3
  const skipped = bit & 7
  // Up to 39 bits are held: more than a 32-bit integer, fewer than a double's 53.
  for (let i = 0; i * 8 < skipped + width; i++) value += (bytes[first + i] ?? 0) * 2 ** (8 * i)
  return Math.floor(value / 2 ** skipped) % 2 ** width
}
