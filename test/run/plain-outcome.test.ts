import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CustomIdWriter, customIdOf } from '../../src/core/custom-id.ts'
import { Copier, putNumber } from '../../src/core/put-bytes.ts'
import { formatRequestLine, parseRequestLine } from '../../src/core/request-line.ts'
import { NO_USAGE } from '../../src/core/result.ts'
import type { RunHeader } from '../../src/core/run.ts'
import { anthropic } from '../../src/provider/anthropic/anthropic.ts'
import { CARRIED_NOTHING } from '../../src/run/carried.ts'
import { PlainWriter } from '../../src/run/plain-outcome.ts'
import { PlainSentRow } from '../../src/run/plain-row.ts'
import type { RunContext } from '../../src/run/ports.ts'
import { ResultIndex } from '../../src/run/result-index.ts'
import { jobOf } from '../prompt/jobs.ts'

const TAG = 'abc123'
const JOB = jobOf('Say {{id}}')

function writerOf(customId: 'readable' | 'exact', model?: string): PlainWriter {
  const job = { ...JOB, batch: { ...JOB.batch, customId } }
  return new PlainWriter({
    header: { run: 'run', tag: TAG, job } as unknown as RunHeader,
    provider: anthropic,
    model: model === undefined ? undefined : anthropic.model(model),
    schema: undefined,
  } as unknown as RunContext)
}

const key = fc.oneof(
  fc.constantFrom(
    'row-1',
    '-row',
    'row-',
    '_',
    'a'.repeat(40),
    'a'.repeat(41),
    'Größe',
    '東京',
    'a"b',
    'a\\b',
    ' ',
    'a.b',
  ),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 50 }),
)
const tokens = fc.oneof(fc.constantFrom(0, 9, 10, 99, 100, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1), fc.nat(100_000))
const name = fc.constantFrom('claude-haiku-4-5', 'an "odd" model', 'モデル', 'x\u007f')

describe('an outcome that is put together from bytes', () => {
  it.each(['readable', 'exact'] as const)(
    'is what JSON.stringify makes of it, with custom_ids that are %s',
    (customId) => {
      const writers = [writerOf(customId, 'claude-haiku-4-5'), writerOf(customId)] as const
      const answers = fc.record({
        key,
        ordinal: fc.oneof(fc.nat(1000), fc.constantFrom(36 ** 6 - 1, 36 ** 6, 2 ** 40)),
        text: fc.string({ unit: 'grapheme', maxLength: 200 }),
        model: name,
        stopReason: fc.constantFrom('end_turn', 'stop_sequence'),
        batchId: fc.constantFrom('msgbatch_1', 'msgbatch_2', 'an "id"'),
        counts: fc.tuple(tokens, tokens, tokens, tokens, tokens),
        before: fc.constantFrom(
          CARRIED_NOTHING,
          { ...CARRIED_NOTHING, attempts: 3, rounds: 12, costUsd: 0.1 },
          {
            ...CARRIED_NOTHING,
            attempts: 1,
            costUsd: null,
            usage: { ...NO_USAGE, inputTokens: 7 },
          },
        ),
        which: fc.constantFrom(0, 1),
      })
      fc.assert(
        fc.property(answers, fc.nat(20), (given, start) => {
          const row = { name: given.text, n: given.ordinal }
          const line = formatRequestLine({
            ordinal: given.ordinal,
            key: given.key,
            about: JSON.stringify(row),
            shape: 0,
            bytes: 10,
            parts: ['x'],
          })
          const before = '1\t"other"\t{}\t0\t1\n'
          const memory = Buffer.from(before + line)
          const planned = parseRequestLine(memory, undefined, before.length, memory.length - 1)
          const json = JSON.stringify(given.text)
          const [model, stop] = [Buffer.from(given.model), Buffer.from(given.stopReason)]
          const bytes = Buffer.concat([Buffer.from(`xxx${json}`), model, stop])
          const textEnd = 3 + Buffer.byteLength(json) - 1
          const [
            inputTokens,
            outputTokens,
            cacheReadInputTokens,
            cacheCreationInputTokens,
            cacheCreation1hInputTokens,
          ] = given.counts
          const index = new ResultIndex(1)
          index.add(0, bytes.length)
          const answer = {
            ...{ alike: {}, idStart: 0, idEnd: 0, textStart: 4, textEnd, modelStart: textEnd + 1 },
            ...{ modelEnd: textEnd + 1 + model.length, stopStart: textEnd + 1 + model.length, stopEnd: bytes.length },
            ...{ regionStart: 0, regionEnd: 0, inputTokens, outputTokens, cacheReadInputTokens },
            ...{ cacheCreationInputTokens, cacheCreation1hInputTokens },
          }
          index.addAnswer(0, 'plain', answer, bytes, 0)
          const trip = { attempt: 1, id: given.batchId }
          const result = { index, position: 0, bytes, textStart: 4 }
          const sent = new PlainSentRow(
            writers[given.which] as PlainWriter,
            planned,
            trip,
            planned,
            given.before,
            result,
          )
          const into = Buffer.alloc(start + sent.most, 0xaa)
          const end = sent.write(into, start)
          expect(into.toString('utf8', start, end)).toBe(JSON.stringify(sent.outcome))
          expect(into.subarray(0, start).every((byte) => byte === 0xaa)).toBe(true)
          expect(sent.outcome.custom_id).toBe(
            customId === 'exact' ? given.key : customIdOf(given.key, TAG, given.ordinal),
          )
        }),
        { numRuns: 2000 },
      )
    },
  )
})

it('a custom_id is written as bytes as it is made as a text, or left to that', () => {
  const writer = new CustomIdWriter(TAG)
  let written = 0
  fc.assert(
    fc.property(key, fc.oneof(fc.nat(), fc.maxSafeNat()), (text, ordinal) => {
      const bytes = Buffer.from(`x${text}y`)
      const into = Buffer.alloc(100, 0xaa)
      const end = writer.write(bytes, 1, bytes.length - 1, ordinal, into, 5)
      if (end < 0) return
      written += 1
      expect(into.toString('utf8', 5, end)).toBe(customIdOf(text, TAG, ordinal))
    }),
    { numRuns: 2000 },
  )
  expect(written).toBeGreaterThan(200)
})

it('a number is written as JSON writes it', () => {
  const number = fc.oneof(
    fc.constantFrom(0, -0, 9, 10, 2 ** 31 - 1, 2 ** 31, 2 ** 32, -1, 1.5, 1e21, 1e-7, Number.MAX_SAFE_INTEGER),
    fc.nat(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
  )
  fc.assert(
    fc.property(number, (given) => {
      const into = Buffer.alloc(40)
      expect(into.toString('latin1', 2, putNumber(given, into, 2))).toBe(JSON.stringify(given))
    }),
    { numRuns: 2000 },
  )
})

it('copies of memory that is asked for again and again are of that memory, and of no other', () => {
  const copier = new Copier()
  const memories = [Buffer.alloc(4000, 'a'), Buffer.alloc(4000, 'b').subarray(100), new Uint8Array(2000).fill(99)]
  const copy = fc.record({ which: fc.nat(2), from: fc.nat(900), length: fc.nat(1000), at: fc.nat(50) })
  fc.assert(
    fc.property(fc.array(copy, { maxLength: 10 }), (copies) => {
      for (const { which, from, length, at } of copies) {
        const bytes = memories[which] as Uint8Array
        const [once, twice] = [Buffer.alloc(3000), Buffer.alloc(3000)]
        expect(copier.copy(bytes, from, from + length, once, at)).toBe(at + length)
        copier.copyTwice(bytes, from, from + length, twice, at, at + length + 7)
        expect(once.subarray(at, at + length).equals(bytes.subarray(from, from + length))).toBe(true)
        expect(once.subarray(at + length).every((byte) => byte === 0)).toBe(true)
        expect(twice.subarray(at, at + length).equals(bytes.subarray(from, from + length))).toBe(true)
        expect(twice.subarray(at + length + 7, at + 2 * length + 7).equals(bytes.subarray(from, from + length))).toBe(
          true,
        )
      }
    }),
  )
})
