import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Words } from '../../src/core/words.ts'

/** Whether the bytes are said to stand at `at` of the text. */
function stands(bytes: Uint8Array, text: Uint8Array, at: number): boolean {
  const memory = new ArrayBuffer(text.length)
  new Uint8Array(memory).set(text)
  return new Words(bytes).stand(new DataView(memory), at)
}

describe('bytes compared by words', () => {
  it('stand where each of them stands, whatever they are', () => {
    // Few different bytes, so that much is nearly the same; some make numbers that equal no number, or zero.
    const bytes = fc
      .uint8Array({ maxLength: 40 })
      .map((all) => all.map((byte) => [0, 0x7f, 0xf0, 0xff, 0x80][byte % 5] ?? 0))
    fc.assert(
      fc.property(bytes, bytes, fc.nat(44), (part, text, at) => {
        const isThere = Buffer.compare(Buffer.from(part), Buffer.from(text).subarray(at, at + part.length)) === 0
        expect(stands(part, text, at)).toBe(isThere && at + part.length <= text.length)
      }),
      { numRuns: 3000 },
    )
  })

  it('stand where they were put, and what is around them stays', () => {
    const bytes = fc.oneof(
      fc.string({ maxLength: 40 }).map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 40 }).map((all) => Buffer.from(all)),
    )
    fc.assert(
      fc.property(bytes, fc.nat(9), (part, at) => {
        const memory = Buffer.alloc(60, 0xaa)
        const view = new DataView(memory.buffer)
        const end = new Words(part).put(view, memory.byteOffset + at)
        expect(end).toBe(memory.byteOffset + at + part.length)
        const around = [Buffer.alloc(at, 0xaa), Buffer.alloc(60 - at - part.length, 0xaa)]
        expect(memory).toEqual(Buffer.concat([around[0] as Buffer, part, around[1] as Buffer]))
      }),
      { numRuns: 2000 },
    )
  })

  it('differ in a single byte, the last one too', () => {
    const word = Buffer.from('","type":"message","role":"assistant"')
    for (let at = 0; at < word.length; at += 1) {
      const other = Buffer.from(`xx${word}yy`)
      expect(stands(word, other, 2)).toBe(true)
      other[2 + at] = (other[2 + at] as number) ^ 1
      expect(stands(word, other, 2)).toBe(false)
    }
  })
})
