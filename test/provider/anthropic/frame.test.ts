import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { takeLine } from '../../../src/core/line-frame.ts'
import { PIECE_BYTES } from '../../../src/core/text-machine.ts'
import { Found } from '../../../src/provider/anthropic/found.ts'
import { Frame, type Leaf, type Slot } from '../../../src/provider/anthropic/frame.ts'

/** A line as one piece after the other: constant texts, and values by what they are. */
type Piece = string | { readonly slot: Slot; readonly value: string }

const id = (value: string): Piece => ({ slot: 'id', value })
const text = (value: string): Piece => ({ slot: 'text', value })
const tokens = (value: string): Piece => ({ slot: 'inputTokens', value })

function lineOf(pieces: readonly Piece[]): string {
  return pieces.map((piece) => (typeof piece === 'string' ? piece : piece.value)).join('')
}

function frameOf(pieces: readonly Piece[]): Frame {
  const leaves: Leaf[] = []
  let at = 0
  for (const piece of pieces) {
    const bytes = Buffer.byteLength(typeof piece === 'string' ? piece : piece.value)
    if (typeof piece !== 'string') leaves.push({ slot: piece.slot, from: at, to: at + bytes })
    at += bytes
  }
  return new Frame(Buffer.from(lineOf(pieces)), 0, at, leaves)
}

/** What a frame says of a line by either way; undefined: it is none of its lines. Other bytes stand around it. */
function bothWays(frame: Frame, line: string, before = 'x'): { eachByte: unknown; taken: unknown } {
  const bytes = Buffer.concat([Buffer.from(before), Buffer.from(line), Buffer.from('","more":"')])
  const [start, end] = [before.length, before.length + Buffer.byteLength(line)]
  const view = new DataView(bytes.buffer)
  const [a, b] = [new Found(), new Found()]
  const eachByte = frame.read(bytes, view, start, end, a) ? valuesOf(a) : undefined
  if (!takeLine(bytes, start, end)) return { eachByte, taken: null }
  const isKnown = frame.readTaken(start, end, b)
  return { eachByte, taken: isKnown === undefined ? null : isKnown ? valuesOf(b) : undefined }
}

function valuesOf({ alike: _, ...values }: Found): object {
  return values
}

const PIECES: readonly Piece[] = [
  '{"custom_id":"',
  id('row-1'),
  '","text":"',
  text('Grüße, \\"東京\\"\\n'),
  '","id":"',
  { slot: 'anyText', value: 'msg_1' },
  '","model":"',
  { slot: 'model', value: 'claude' },
  '","stop":"',
  { slot: 'stop', value: 'end_turn' },
  '","tokens":',
  tokens('812'),
  ',"n":',
  { slot: 'anyNumber', value: '0' },
  '}',
]

describe('a frame, whether its line is compared word by word or sixteen bytes at a time', () => {
  it('says the same of a line of its own, wherever it begins', () => {
    const frame = frameOf(PIECES)
    const line = lineOf(PIECES)
    for (let before = 0; before < 20; before += 1) {
      const { eachByte, taken } = bothWays(frame, line, 'x'.repeat(before))
      expect(eachByte).toMatchObject({ inputTokens: 812 })
      expect(taken).toEqual(eachByte)
    }
  })

  it('says the same of lines that were changed in any way', () => {
    const frame = frameOf(PIECES)
    const usual = lineOf(PIECES)
    const values = fc.record({
      row: fc.string({ maxLength: 70 }),
      said: fc.string({ unit: 'binary', maxLength: 200 }).map((said) => JSON.stringify(said).slice(1, -1)),
      count: fc.oneof(
        fc.nat().map(String),
        fc.constantFrom('', '0', '00', '01', '999999999', '1000000000', '-1', '1.5'),
      ),
    })
    const change = fc.record({ at: fc.nat(usual.length), out: fc.nat(3), put: fc.string({ maxLength: 2 }) })
    let known = 0
    let unknown = 0
    fc.assert(
      fc.property(values, fc.array(change, { maxLength: 1 }), ({ row, said, count }, changes) => {
        let line = lineOf([
          ...PIECES.slice(0, 1),
          row,
          '","text":"',
          said,
          ...PIECES.slice(4, 11),
          count,
          ...PIECES.slice(12),
        ])
        for (const { at, out, put } of changes) line = line.slice(0, at) + put + line.slice(at + out)
        const { eachByte, taken } = bothWays(frame, line)
        expect(taken).toEqual(eachByte)
        if (taken === undefined) unknown += 1
        else known += 1
      }),
      { numRuns: 3000 },
    )
    expect(known).toBeGreaterThan(200)
    expect(unknown).toBeGreaterThan(200)
  })

  it('sees each byte that differs, and a line that ends before or behind its own end', () => {
    const frame = frameOf(PIECES)
    const usual = lineOf(PIECES)
    for (let at = 0; at < usual.length; at += 1) {
      for (const other of ['"', '\\', '0', '\u0000', '']) {
        const { eachByte, taken } = bothWays(frame, usual.slice(0, at) + other + usual.slice(at + 1))
        expect(taken).toEqual(eachByte)
      }
      expect(bothWays(frame, usual.slice(0, at)).taken).toBeUndefined()
    }
    expect(bothWays(frame, `${usual}}`).taken).toBeUndefined()
  })

  it('is not taken for another one, however many there are in turn', () => {
    const all = Array.from({ length: 30 }, (_, nth): readonly Piece[] => [
      '{"nth":',
      String(nth),
      ',"id":"',
      id('a'),
      '"}',
    ])
    const frames = all.map(frameOf)
    for (let round = 0; round < 3; round += 1) {
      for (const [nth, pieces] of all.entries()) {
        const line = lineOf(pieces)
        const frame = frames[nth] as Frame
        const other = frames[(nth + 1) % frames.length] as Frame
        expect(bothWays(frame, line).taken).toMatchObject({ idStart: expect.any(Number) })
        expect(bothWays(other, line).taken).toBeUndefined()
      }
    }
  })

  it('is compared word by word where it is too large, or its line is', () => {
    const wide: Piece[] = ['{"more":"', 'x'.repeat(9000), '","id":"', id('a'), '"}']
    expect(bothWays(frameOf(wide), lineOf(wide))).toEqual({ eachByte: expect.anything(), taken: null })
    const many = Array.from({ length: 65 }, (): Piece[] => [',"n":', { slot: 'anyNumber', value: '7' }]).flat()
    expect(bothWays(frameOf(many), lineOf(many))).toEqual({ eachByte: expect.anything(), taken: null })
    const long = [...PIECES.slice(0, 3), text('y'.repeat(PIECE_BYTES)), ...PIECES.slice(4)]
    expect(bothWays(frameOf(PIECES), lineOf(long))).toEqual({ eachByte: expect.anything(), taken: null })
  })
})
