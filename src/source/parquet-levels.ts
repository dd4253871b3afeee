// Parquet's run-length encoding, which holds levels and dictionary indexes. Never reads past its bytes nor gives more
// values than asked for, whatever the bytes say.

/** Takes the levels off the front of a page. */
export class LevelReader {
  at = 0
  readonly #bytes: Uint8Array
  readonly #count: number

  constructor(bytes: Uint8Array, count: number) {
    this.#bytes = bytes
    this.#count = count
  }

  /** `length`: of the levels in bytes; undefined: it stands before them. */
  read(highest: number, length: number | undefined): Int32Array | undefined {
    let start = this.at
    let end = start + (length ?? 0)
    if (length === undefined && highest > 0) {
      end = start + 4 + this.#length(start)
      start += 4
    }
    if (end > this.#bytes.length) throw new RangeError('levels are cut off')
    this.at = end
    return highest > 0 ? decodeRuns(this.#bytes, start, end, 32 - Math.clz32(highest), this.#count) : undefined
  }

  #length(at: number): number {
    const { buffer, byteOffset, byteLength } = this.#bytes
    return new DataView(buffer, byteOffset, byteLength).getUint32(at, true)
  }
}

/**
 * `count` numbers of `width` bits from bytes `at` to `end`. Throws RangeError where the bytes end too early.
 */
export function decodeRuns(bytes: Uint8Array, at: number, end: number, width: number, count: number): Int32Array {
  const values = new Int32Array(count)
  if (width === 0) return values
  if (width > 32) throw new RangeError('a run of numbers is wider than 32 bits')
  const reader = { bytes, at, end }
  let filled = 0
  while (filled < count) {
    const head = readVarInt(reader)
    const length = head >>> 1
    if (length === 0) throw new RangeError('a run of numbers is empty')
    if (head & 1) filled = unpack(reader, width, values, filled, Math.min(count, filled + length * 8))
    else {
      const to = Math.min(count, filled + length)
      values.fill(readNumber(reader, (width + 7) >> 3), filled, to)
      filled = to
    }
  }
  return values
}

interface Reader {
  readonly bytes: Uint8Array
  at: number
  readonly end: number
}

function readByte(reader: Reader): number {
  if (reader.at >= reader.end) throw new RangeError('a run of numbers is cut off')
  return reader.bytes[reader.at++] ?? 0
}

function readVarInt(reader: Reader): number {
  let value = 0
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = readByte(reader)
    value |= (byte & 0x7f) << shift
    if (byte < 0x80) return value >>> 0
  }
  throw new RangeError('a run of numbers has an impossible length')
}

/** Little-endian. */
function readNumber(reader: Reader, bytes: number): number {
  let value = 0
  for (let i = 0; i < bytes; i++) value |= readByte(reader) << (i * 8)
  return value
}

/** Numbers of `width` bits one after the other, lowest bit first; groups of eight fill whole bytes. */
function unpack(reader: Reader, width: number, values: Int32Array, from: number, to: number): number {
  const mask = width === 32 ? 0xffffffff : 2 ** width - 1
  let held = 0
  let bits = 0
  for (let i = from; i < to; i++) {
    // Up to 39 bits are held: more than a 32-bit integer, fewer than a double's 53.
    while (bits < width) {
      held += readByte(reader) * 2 ** bits
      bits += 8
    }
    values[i] = width <= 24 ? held & mask : (held % (mask + 1)) | 0
    held = Math.floor(held / 2 ** width)
    bits -= width
  }
  // A run always takes whole groups of eight.
  const used = Math.ceil(((to - from) * width) / 8)
  reader.at = Math.min(reader.end, reader.at + Math.ceil((to - from) / 8) * width - used)
  return to
}
