import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { wholeLines } from '../../src/disk/lines.ts'

const tooLong = (): Error => new Error('too long')

/** The blocks, each copied before the next is asked for; the pieces lie in one memory after the other. */
async function blocksOf(text: Buffer, cuts: readonly number[], options?: { reuse: boolean }): Promise<string[]> {
  async function* pieces(): AsyncGenerator<Uint8Array> {
    const memory = Buffer.alloc(text.length)
    let from = 0
    for (const cut of [...cuts.map((cut) => Math.min(cut, text.length)), text.length]) {
      if (cut <= from) continue
      memory.fill(0)
      text.copy(memory, 0, from, cut)
      yield memory.subarray(0, cut - from)
      from = cut
    }
  }
  const blocks: string[] = []
  for await (const block of wholeLines(pieces(), 1e9, tooLong, options)) blocks.push(block.toString('latin1'))
  return blocks
}

describe('whole lines', () => {
  it('are the same bytes however the stream is cut, and end where a line does', async () => {
    const lines = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '\n'), maxLength: 30 }), { maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(lines, fc.array(fc.nat(200), { maxLength: 20 }), fc.boolean(), async (parts, cuts, reuse) => {
        const text = Buffer.from(parts.join('\n'))
        const blocks = await blocksOf(
          text,
          cuts.sort((a, b) => a - b),
          { reuse },
        )
        expect(blocks.join('')).toBe(text.toString())
        for (const block of blocks.slice(0, -1)) expect(block.endsWith('\n')).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('may be longer than what is kept in one piece, one after the other', async () => {
    const long = (letter: string, bytes: number): string => `${letter.repeat(bytes)}\n`
    const text = Buffer.from(long('a', 20_000_000) + long('b', 3) + long('c', 17_000_000) + long('d', 5_000_000))
    const cuts = Array.from({ length: text.length / 1_000_000 }, (_, at) => at * 1_000_003)
    for (const reuse of [false, true]) {
      const blocks = await blocksOf(text, cuts, { reuse })
      expect(blocks.join('') === text.toString('latin1')).toBe(true)
    }
  })

  it('keep what was given before, unless the reader has said that it is done with it', async () => {
    const text = Buffer.from('first line\nsecond line\nthird line\n')
    async function* pieces(): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < text.length; at += 4) yield Buffer.from(text.subarray(at, at + 4))
    }
    const blocks: Buffer[] = []
    for await (const block of wholeLines(pieces(), 1e9, tooLong)) blocks.push(block)
    expect(Buffer.concat(blocks).toString()).toBe(text.toString())
  })
})
