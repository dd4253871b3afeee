import { describe, expect, it } from 'vitest'
import { writtenPieces } from '../../src/disk/written-pieces.ts'

async function* streamOf(bytes: Buffer, piece: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece)
}

const bytes = Buffer.from(Array.from({ length: 2_500_000 }, (_, at) => (at * 31) % 251))

describe('writtenPieces', () => {
  it.each([1, 65_536, 1_048_576, 3_000_000])('hands on and writes every byte once, in pieces of %i', async (piece) => {
    const content = piece === 1 ? bytes.subarray(0, 2000) : bytes
    const written: Buffer[] = []
    const seen: Buffer[] = []
    const write = async (part: Uint8Array): Promise<void> => {
      await new Promise((resolve) => setImmediate(resolve))
      written.push(Buffer.from(part))
    }
    for await (const part of writtenPieces(streamOf(content, piece), { write })) seen.push(Buffer.from(part))
    expect(Buffer.concat(seen).equals(content)).toBe(true)
    expect(Buffer.concat(written).equals(content)).toBe(true)
  })

  it('fails when a write fails, and never writes after it has ended', async () => {
    let writing = 0
    const write = async (): Promise<void> => {
      writing += 1
      await new Promise((resolve) => setImmediate(resolve))
      writing -= 1
      throw new Error('disk full')
    }
    const read = async (): Promise<void> => {
      for await (const _ of writtenPieces(streamOf(bytes, 65_536), { write })) expect(writing).toBe(1)
    }
    await expect(read()).rejects.toThrow('disk full')
    expect(writing).toBe(0)
  })

  it('waits for its write when whoever reads gives up', async () => {
    let writing = 0
    const write = async (): Promise<void> => {
      writing += 1
      await new Promise((resolve) => setTimeout(resolve, 5))
      writing -= 1
    }
    for await (const _ of writtenPieces(streamOf(bytes, 65_536), { write })) break
    expect(writing).toBe(0)
  })
})
