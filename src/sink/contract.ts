// What every sink promises, as cases that any test runner can run: ours run over all our sinks, users' over their own.

import assert from 'node:assert/strict'
import { UserError } from '../core/errors.ts'
import type { Json, JsonObject } from '../core/json.ts'
import type { Outcome } from '../core/result.ts'
import { HARD_VALUES, longOutcomesOf, outcomeOf, outcomesOf } from './contract-data.ts'
import type { PartId, Sink, SinkContext, SinkWriter } from './sink.ts'

/** A place of its own for one case, and how to look at it. */
export interface SinkPlace {
  readonly options: JsonObject
  readonly context: SinkContext
  /** What the sink holds: its rows in order, each as `expect` says it should be; undefined where there is nothing to read. */
  read(): Promise<readonly Json[] | undefined>
  /** The names of all that exists at the place (files below a folder, tables), to see what was left behind. */
  list(): Promise<readonly string[]>
  /** The place as a crash at this moment would leave it; `read` and `context` of the answer look at that. */
  crash?(): Promise<SinkPlace>
}

/** A sink to be tried, and how to look at what it did. */
export interface SinkSubject {
  readonly sink: Sink
  /** A fresh, empty place. */
  place(): Promise<SinkPlace>
  /** What `read` should answer for an outcome. */
  expect(outcome: Outcome): Json
  /** True where a row that was delivered once may be there twice after a crash, as the component says. */
  readonly atLeastOnce?: boolean
  /** True where what was written cannot be taken back (a stream, a network). */
  readonly noUndo?: boolean
}

/** One case for a test runner: `run` throws what is wrong. */
export interface ContractCase {
  readonly name: string
  run(): Promise<void>
}

/** The contract over one sink. Each case takes a place of its own. */
export function sinkContract(subject: SinkSubject): readonly ContractCase[] {
  const { sink } = subject
  const cases: ContractCase[] = [
    { name: 'says what it is', run: async () => declares(sink) },
    { name: 'is probed without leaving a trace', run: () => probesWithoutTrace(subject) },
    { name: 'holds nothing, validly, after an empty run', run: () => emptyRun(subject) },
    { name: 'holds every outcome once, in dataset order', run: () => everyOutcome(subject) },
    { name: 'holds one set of rows when everything is delivered again', run: () => twiceIsOnce(subject) },
    { name: 'drops a part that comes again in the same delivery', run: () => partTwice(subject) },
    { name: 'shows the later attempt of a part', run: () => laterAttempt(subject) },
    { name: 'keeps two sinks of its kind apart', run: () => sideBySide(subject) },
    ...HARD_VALUES.map(([name, value]) => ({
      name: `keeps ${name} or refuses it by name`,
      run: () => hardValue(subject, value),
    })),
  ]
  if (!subject.noUndo) {
    cases.push(
      {
        name: 'shows no trace of an aborted part, which may be tried again',
        run: () => abortedPart(subject, outcomesOf('aborted', 100, 3)),
      },
      {
        name: 'shows no trace of a long part that is aborted',
        run: () => abortedPart(subject, longOutcomesOf('aborted', 100, 300)),
      },
      { name: 'keeps what it held when a delivery is aborted', run: () => abortedWriter(subject) },
      { name: 'keeps what it held when the process dies, and delivers afterwards', run: () => crashed(subject) },
    )
  }
  return cases
}

function declares(sink: Sink): void {
  assert.match(sink.type, /^[a-z]+$/)
  assert.match(sink.about, /^[A-Z].*\.$/s)
  assert.equal(sink.options.type, 'object')
  for (const [name, option] of Object.entries((sink.options.properties ?? {}) as JsonObject)) {
    assert.ok((option as JsonObject).description, `option ${name} has no description`)
  }
}

async function probesWithoutTrace({ sink, place }: SinkSubject): Promise<void> {
  const { options, context, list } = await place()
  const before = await list()
  await sink.probe(options, context)
  assert.deepEqual(await list(), before)
}

async function emptyRun({ sink, place }: SinkSubject): Promise<void> {
  const at = await place()
  await deliver(await sink.open(at.options, at.context), [])
  assert.deepEqual(await at.read(), [])
}

async function everyOutcome({ sink, place, expect }: SinkSubject): Promise<void> {
  const at = await place()
  const parts = threeParts()
  await deliver(await sink.open(at.options, at.context), parts)
  assert.deepEqual(await at.read(), parts.flatMap((part) => part.outcomes).map(expect))
}

async function twiceIsOnce({ sink, place, expect, atLeastOnce }: SinkSubject): Promise<void> {
  const at = await place()
  const parts = threeParts()
  await deliver(await sink.open(at.options, at.context), parts)
  await deliver(await sink.open(at.options, at.context), parts)
  const rows = parts.flatMap((part) => part.outcomes).map(expect)
  assert.deepEqual(await at.read(), atLeastOnce ? [...rows, ...rows] : rows)
}

async function partTwice({ sink, place, expect, atLeastOnce }: SinkSubject): Promise<void> {
  const at = await place()
  const [part] = threeParts()
  assert.ok(part)
  await deliver(await sink.open(at.options, at.context), [part, part])
  const rows = part.outcomes.map(expect)
  assert.deepEqual(await at.read(), atLeastOnce ? [...rows, ...rows] : rows)
}

/** After a retry: the same rows with other outcomes, and one row fewer (a sink of failed rows loses those that succeeded). */
async function laterAttempt({ sink, place, expect, atLeastOnce }: SinkSubject): Promise<void> {
  const at = await place()
  const [first, second, third] = threeParts()
  assert.ok(first && second && third)
  await deliver(await sink.open(at.options, at.context), [first, second, third])
  const outcomes = second.outcomes.slice(1).map((outcome) => ({ ...outcome, output: 'another answer', attempts: 2 }))
  const again = { part: { index: second.part.index, attempt: 2 }, outcomes }
  const parts = sink.delivery === 'whole' ? [first, again, third] : [again]
  await deliver(await sink.open(at.options, at.context), parts)
  if (sink.delivery === 'parts' && !atLeastOnce) await deliver(await sink.open(at.options, at.context), [second])
  const rows = byKey((await at.read()) ?? [])
  const expected = byKey([...first.outcomes, ...outcomes, ...third.outcomes].map(expect))
  if (!atLeastOnce) assert.deepEqual(rows, expected)
  else for (const row of expected) assert.ok(rows.some((other) => JSON.stringify(other) === JSON.stringify(row)))
}

async function sideBySide({ sink, place, expect }: SinkSubject): Promise<void> {
  const places = [await place(), await place()]
  const all = [outcomesOf('left', 0, 50), outcomesOf('right', 0, 50)]
  const writers = await Promise.all(places.map((at) => sink.open(at.options, at.context)))
  const parts = await Promise.all(writers.map((writer) => writer.openPart({ index: 0, attempt: 1 })))
  for (let row = 0; row < 50; row++) {
    for (const [which, part] of parts.entries()) await part.write(all[which]?.[row] as Outcome)
  }
  await Promise.all(parts.map((part) => part.commit()))
  await Promise.all(writers.map((writer) => writer.finish()))
  for (const [which, at] of places.entries()) assert.deepEqual(await at.read(), all[which]?.map(expect))
}

async function hardValue({ sink, place, expect }: SinkSubject, value: Json): Promise<void> {
  const at = await place()
  const outcome = {
    ...outcomeOf('hard key é', 0),
    output: value,
    text: typeof value === 'string' ? value : JSON.stringify(value),
  }
  const writer = await sink.open(at.options, at.context)
  try {
    await deliver(writer, [{ part: { index: 0, attempt: 1 }, outcomes: [outcome] }])
  } catch (error) {
    await writer.abort()
    assert.ok(error instanceof UserError, `refused with ${error}`)
    assert.match(error.message, /hard key é/)
    assert.deepEqual((await at.read()) ?? [], [], 'the refused row is there')
    return
  }
  assert.deepEqual(await at.read(), [expect(outcome)])
}

async function abortedPart({ sink, place, expect }: SinkSubject, outcomes: readonly Outcome[]): Promise<void> {
  const at = await place()
  const writer = await sink.open(at.options, at.context)
  const parts = threeParts()
  const [first, second, third] = parts
  assert.ok(first && second && third)
  await writePart(writer, first)
  const aborted = await writer.openPart(second.part)
  for (const outcome of [...second.outcomes, ...outcomes]) await aborted.write(outcome)
  await aborted.abort()
  await writePart(writer, second)
  await writePart(writer, third)
  await writer.finish()
  assert.deepEqual(await at.read(), parts.flatMap((part) => part.outcomes).map(expect))
}

async function abortedWriter({ sink, place, expect }: SinkSubject): Promise<void> {
  const at = await place()
  const [first, second] = threeParts()
  assert.ok(first && second)
  await deliver(await sink.open(at.options, at.context), [first])
  const before = await at.list()
  const writer = await sink.open(at.options, at.context)
  const part = await writer.openPart(second.part)
  for (const outcome of second.outcomes) await part.write(outcome)
  await part.abort()
  await writer.abort()
  await writer.abort()
  assert.deepEqual(await at.read(), first.outcomes.map(expect))
  assert.deepEqual(await at.list(), before)
}

async function crashed({ sink, place, expect }: SinkSubject): Promise<void> {
  const at = await place()
  if (at.crash === undefined) return
  const parts = threeParts()
  const [first, second, third] = parts
  assert.ok(first && second && third)
  await deliver(await sink.open(at.options, at.context), [first])
  const before = await at.list()
  const writer = await sink.open(at.options, at.context)
  if (sink.delivery === 'whole') await writePart(writer, first)
  const part = await writer.openPart(second.part)
  for (const outcome of longOutcomesOf('lost', 100, 300)) await part.write(outcome)
  const after = await at.crash()
  await part.abort()
  await writer.abort()
  assert.deepEqual(await after.read(), first.outcomes.map(expect))
  await deliver(await sink.open(after.options, after.context), parts)
  assert.deepEqual(await after.read(), parts.flatMap((each) => each.outcomes).map(expect))
  const left = (await after.list()).filter((name) => !before.includes(name) && name.includes('batchwright'))
  assert.deepEqual(left, [])
}

interface WholePart {
  readonly part: PartId
  readonly outcomes: readonly Outcome[]
}

function threeParts(): readonly WholePart[] {
  return [0, 1, 2].map((index) => ({ part: { index, attempt: 1 }, outcomes: outcomesOf('row', index * 4, 4) }))
}

async function deliver(writer: SinkWriter, parts: readonly WholePart[]): Promise<void> {
  for (const part of parts) await writePart(writer, part)
  await writer.finish()
}

async function writePart(writer: SinkWriter, { part, outcomes }: WholePart): Promise<void> {
  const open = await writer.openPart(part)
  for (const outcome of outcomes) await open.write(outcome)
  await open.commit()
}

function byKey(rows: readonly Json[]): readonly Json[] {
  return [...rows].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}
