import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type LineQuery, lineMatcher, linesWith, rowLine } from '../../src/app/row-lines.ts'
import type { Outcome } from '../../src/core/result.ts'
import { HOSTILE, outcomeWith } from '../report/run.ts'

/** The line as a file gives it. */
function lineOf(over: Partial<Outcome>, ordinal = 5): Buffer {
  const text = rowLine({ ordinal, outcome: outcomeWith(over) }, 3)
  expect(text.indexOf('\n')).toBe(text.length - 1)
  return Buffer.from(text).subarray(0, -1)
}

function finds(line: Buffer, query: Partial<LineQuery>): boolean {
  return lineMatcher({ from: 0, ...query })(line) !== undefined
}

describe('a line of an outcome', () => {
  it('gives its row back, whatever stands in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), fc.nat(), (key, text, ordinal) => {
        const row = lineMatcher({ from: 0 })(lineOf({ key, text }, ordinal))
        expect(row).toMatchObject({ key, ordinal, batch: 3, status: 'succeeded', excerpt: text.slice(0, 240) })
      }),
    )
    expect(lineMatcher({ from: 0 })(lineOf({ key: HOSTILE }))?.key).toBe(HOSTILE)
  })

  it('is found by any part of its key, answer or error, upper and lower case alike', () => {
    const error = { type: 'invalid_output', message: 'Field "lamp"\tis missing.' }
    const line = lineOf({ key: 'Ünïcode-7', text: 'A "quoted"\nAnswer', status: 'invalid', error })
    for (const text of ['ünïCODE', '"QUOTED"\na', 'INVALID_output', 'field "lamp"\tis', '-7'])
      expect(finds(line, { text }), text).toBe(true)
  })

  it('is not found by what only our own notation says', () => {
    const line = lineOf({ key: 'k', text: 'x' })
    for (const text of ['excerpt', 'ordinal', 'costUsd', '\\n', '\t', 'succeeded'])
      expect(finds(line, { text }), text).toBe(false)
  })

  it('is found by its status and its place', () => {
    const line = lineOf({ status: 'refused' }, 41)
    expect(finds(line, { status: 'refused' })).toBe(true)
    expect(finds(line, { status: 'succeeded' })).toBe(false)
    expect([41, 42].map((from) => finds(line, { from }))).toEqual([true, false])
  })

  it('is picked out of many, wherever the pieces that are read are cut', async () => {
    const texts = Array.from({ length: 40 }, (_, at) => `line ${at} ${at % 3 === 0 ? 'lamp lamp' : 'x'.repeat(at)}`)
    const whole = Buffer.from(texts.map((text) => `${text}\n`).join(''))
    for (const size of [1, 7, 64, 10_000]) {
      async function* pieces(): AsyncGenerator<Uint8Array> {
        for (let at = 0; at < whole.length; at += size) yield whole.subarray(at, at + size)
      }
      const found: string[] = []
      for await (const lines of linesWith(Buffer.from('lamp'), pieces())) found.push(...lines.map(String))
      expect(found).toEqual(texts.filter((text) => text.includes('lamp')))
    }
  })

  it('stays small for an answer of a megabyte', () => {
    const error = { type: 'e'.repeat(1e6), message: 'm'.repeat(1e6) }
    expect(lineOf({ text: 'x'.repeat(1e6), error }).length).toBeLessThan(10_000)
  })
})
