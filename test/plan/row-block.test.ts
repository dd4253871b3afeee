import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../src/core/json.ts'
import type { RowPlace } from '../../src/core/row.ts'
import { RowScanner } from '../../src/core/scan-row.ts'
import { RowWriter } from '../../src/core/write-row.ts'
import { type RowBlock, RowBlockReader, RowBlockWriter } from '../../src/plan/row-block.ts'
import type { PlannedRow } from '../../src/plan/rows.ts'

/** All that is known of a row, as values that can be compared. */
function told({ ordinal, key, fields, place, text }: PlannedRow): object {
  const values = text.names.names.map((name, field) => ({
    name,
    text: text.textOf(field),
    length: text.to(field) - text.from(field),
    how: text.how(field),
    isAscii: text.isAscii(field),
    textBytes: text.textBytes(field),
  }))
  return { ordinal, key, fields, place, json: text.bytes.toString('utf8', text.start, text.end), values }
}

const scanner = new RowScanner()
const writer = new RowWriter()

/** Half of the rows lie among other bytes, as those of a file do; the others are written one by one. */
function rowOf(fields: JsonObject, key: string, ordinal: number, place: RowPlace | undefined): PlannedRow {
  const line = Buffer.from(`\n\n${JSON.stringify(fields)}\n`)
  const scanned = ordinal % 2 === 0 ? scanner.scan(line, 2, line.length - 1) : undefined
  return { ordinal, key, fields, place, text: scanned ?? writer.write(fields) }
}

function* blocksOf(rows: Iterable<PlannedRow>, to: RowBlockWriter): Generator<RowBlock> {
  for (const row of rows) {
    to.add(row)
    if (to.isFull) yield to.take()
  }
  if (!to.isEmpty) yield to.take()
}

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom('', 'plain', 'é', '東京', '\ud83d', 'a\\"b\n', '\u0000', 'x'.repeat(80)),
)
const value = fc.oneof(text, fc.integer(), fc.double(), fc.boolean(), fc.constant(null), fc.jsonValue({ maxDepth: 1 }))
const row = fc.record({
  fields: fc.dictionary(fc.constantFrom('a', 'b', 'ü', '7', 'long name'), value, { maxKeys: 5 }),
  key: text,
  place: fc.option(fc.record({ file: fc.constantFrom('a.csv', 'ü/b.csv') }), { nil: undefined }),
  line: fc.option(fc.nat(), { nil: undefined }),
})

describe('rows that are handed over in blocks', () => {
  it('are the same rows', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 40 }), (given) => {
        const to = new RowBlockWriter()
        const reader = new RowBlockReader()
        const rows = given.map(({ fields: each, key, place, line }, index) => {
          const fields = JSON.parse(JSON.stringify(each)) as JsonObject
          const at = place === undefined || line === undefined ? place : { ...place, line }
          return (): PlannedRow => rowOf(fields, key, index + 3, at)
        })
        const read = function* (): Generator<object> {
          const each = function* (): Generator<PlannedRow> {
            for (const make of rows) yield make()
          }
          for (const block of blocksOf(each(), to)) for (const planned of reader.rows(block)) yield told(planned)
        }
        expect([...read()]).toEqual(rows.map((make) => told(make())))
      }),
    )
  })

  it('fill the same memory again, and no more of it than a long row takes', () => {
    const to = new RowBlockWriter()
    const reader = new RowBlockReader()
    const sizes: number[] = []
    const names = new Set<unknown>()
    for (const length of [100, 200_000, 2_000_000, 10_000_000, 300_000, 100]) {
      const fields = { id: 1, text: 'é'.repeat(length / 2) }
      for (let left = Math.ceil(300_000 / length); left > 0; left -= 1) to.add(rowOf(fields, 'k', left, undefined))
      const block = to.take()
      for (const planned of reader.rows(block)) {
        expect(planned.fields).toEqual(fields)
        names.add(planned.text.names)
      }
      sizes.push(block.memory.byteLength)
      to.reuse(block)
    }
    expect(names.size).toBe(1)
    expect(Math.max(...sizes)).toBeLessThan(10_700_000)
    expect(sizes.at(-1)).toBeLessThan(4_000_000)
  })

  it('know their names again, however many different ones there are', () => {
    const to = new RowBlockWriter()
    const reader = new RowBlockReader()
    for (let round = 0; round < 3; round += 1) {
      for (let kind = 0; kind < 200; kind += 1) to.add(rowOf({ [`name ${kind}`]: kind }, `${kind}`, kind, undefined))
      expect([...reader.rows(to.take())].map(({ fields }) => fields)).toEqual(
        Array.from({ length: 200 }, (_, kind) => ({ [`name ${kind}`]: kind })),
      )
    }
  })
})
