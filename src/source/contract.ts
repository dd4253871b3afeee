// What every source promises, as cases that any test runner can run: ours run over all our sources, users' over their own.

import assert from 'node:assert/strict'
import type { JsonObject } from '../core/json.ts'
import type { SourceRow } from '../core/row.ts'
import { type SourceDefinition, sourceOf } from './define.ts'
import type { Source } from './source.ts'

/** A dataset that a case may read. */
export interface SourcePlace {
  /** Absolute path of the project root. */
  readonly root: string
  readonly options: JsonObject
}

/** A source to be tried. */
export interface SourceSubject {
  /** A component, or what `defineSource` answered. */
  readonly source: Source | SourceDefinition
  /** A dataset of at least three rows. */
  place(): Promise<SourcePlace>
}

/** One case for a test runner: `run` throws what is wrong. */
export interface SourceCase {
  readonly name: string
  run(): Promise<void>
}

/** The contract over one source. Each case takes a place of its own. */
export function sourceContract(subject: SourceSubject): readonly SourceCase[] {
  const source = isSource(subject.source) ? subject.source : sourceOf(subject.source)
  const cases: readonly (readonly [name: string, run: (source: Source, place: SourcePlace) => Promise<void>])[] = [
    ['gives the same rows in the same order each time', sameEachTime],
    ['gives rows that nobody can confuse: fields are objects, keys are texts', plainRows],
    ['says where a row comes from', rowPlaces],
    ['can be left after any row, and read again', leftAndReadAgain],
    ['stops with the reason of its signal', stops],
  ]
  return cases.map(([name, run]) => ({ name, run: async () => run(source, await subject.place()) }))
}

async function sameEachTime(source: Source, place: SourcePlace): Promise<void> {
  const first = await read(source, place)
  assert.ok(first.length >= 3, `a contract needs three rows to look at, and there are ${first.length}`)
  assert.deepEqual(await read(source, place), first)
}

async function plainRows(source: Source, place: SourcePlace): Promise<void> {
  for (const { fields, key } of await read(source, place)) {
    assert.equal(typeof fields, 'object')
    assert.deepEqual(JSON.parse(JSON.stringify(fields)), fields)
    if (key !== undefined) assert.equal(typeof key, 'string')
  }
}

async function rowPlaces(source: Source, place: SourcePlace): Promise<void> {
  for (const row of await read(source, place)) {
    assert.match(row.place?.file ?? '', /^[^/].*/)
    if (row.place?.line !== undefined) assert.ok(row.place.line > 0)
  }
}

async function leftAndReadAgain(source: Source, place: SourcePlace): Promise<void> {
  const all = await read(source, place)
  let seen = 0
  for await (const _ of rowsOf(source, place)) if (++seen === 2) break
  assert.equal((await read(source, place)).length, all.length)
}

async function stops(source: Source, place: SourcePlace): Promise<void> {
  const total = (await read(source, place)).length
  const reason = new Error('stopped by the test')
  const stop = new AbortController()
  let seen = 0
  try {
    for await (const _ of rowsOf(source, place, stop.signal)) if (++seen === 2) stop.abort(reason)
    // A source may have read a piece ahead; what it may not do is to end early as if that were all.
    assert.equal(seen, total)
  } catch (error) {
    if (error !== reason) throw error
  }
  const stopped = new AbortController()
  stopped.abort(reason)
  await assert.rejects(
    async () => {
      for await (const _ of rowsOf(source, place, stopped.signal)) assert.fail('a row came after the stop')
    },
    (error) => error === reason,
  )
}

async function read(source: Source, place: SourcePlace): Promise<SourceRow[]> {
  const rows: SourceRow[] = []
  for await (const row of rowsOf(source, place)) rows.push(row)
  return rows
}

function rowsOf(source: Source, { root, options }: SourcePlace, signal?: AbortSignal): AsyncIterable<SourceRow> {
  return source.rows(options, { root, jobFile: 'jobs/contract.yaml', signal: signal ?? new AbortController().signal })
}

function isSource(value: Source | SourceDefinition): value is Source {
  return typeof value === 'object' && 'rows' in value && typeof value.rows === 'function'
}
