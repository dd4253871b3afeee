import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { compileSchema } from '../../src/core/json-schema.ts'
import { runFiles } from '../../src/core/names.ts'
import { formatRequestLine } from '../../src/core/request-line.ts'
import type { Outcome } from '../../src/core/result.ts'
import type { BatchState, RunHeader, Tally } from '../../src/core/run.ts'
import { anthropic } from '../../src/provider/anthropic/anthropic.ts'
import { ForeignResultsError, type Landed, landResults } from '../../src/run/landing.ts'
import { initialState } from '../../src/run/machine.ts'
import { outcomeBlocks } from '../../src/run/outcomes.ts'
import type { RunContext } from '../../src/run/ports.ts'
import { TornResultsError } from '../../src/run/result-line.ts'
import { settleAttempt } from '../../src/run/settle-attempt.ts'
import { rosterOf } from '../../src/run/trail.ts'
import { jobOf } from '../prompt/jobs.ts'
import { MemoryDisk } from '../sim/disk.ts'

const TAG = 'abc123'
const AT = { index: 0, attempt: 1 }
const idOf = (ordinal: number): string => `row-${ordinal}-${TAG}-${ordinal.toString(36).padStart(6, '0')}`

/** A whole run of one batch whose results are these lines, one for each row, on a disk of its own. */
class World {
  readonly disk = new MemoryDisk()
  readonly context: RunContext
  readonly size: number

  constructor(size: number, options: { schema?: object; scans?: boolean } = {}) {
    this.size = size
    const output = options.schema === undefined ? {} : { output: { mode: 'prompt', schema: options.schema, repair: 0 } }
    const job = { ...jobOf('Say {{id}}'), ...output }
    const lines = Array.from({ length: size }, (_, ordinal) =>
      formatRequestLine({
        ordinal,
        key: `row ${ordinal}`,
        about: JSON.stringify({ id: ordinal, name: 'Ünï “x”\n' }),
        shape: 0,
        bytes: 10,
        parts: ['x'],
      }),
    ).join('')
    this.disk.files.set(`run/${runFiles.requests(0, 1)}`, Buffer.from(lines))
    const digest = createHash('sha256').update(lines).digest('hex')
    const range = { fromOrdinal: 0, toOrdinal: size }
    const batch = {
      index: 0,
      requests: size,
      rejected: 0,
      bytes: 1,
      digest,
      inputTokens: 1,
      maxOutputTokens: 1,
      ...range,
    }
    const { scanner, ...others } = anthropic
    this.context = {
      header: { run: 'run', tag: TAG, job, shapes: [{ texts: ['', ''] }], batches: [batch] } as unknown as RunHeader,
      store: this.disk.store(async () => undefined),
      artifacts: this.disk.artifacts(async () => undefined),
      provider: options.scans === false ? others : anthropic,
      model: anthropic.model('claude-haiku-4-5'),
      schema: options.schema === undefined ? undefined : compileSchema(options.schema as never),
      folders: { root: '/', run: '/' },
    }
  }

  get state(): BatchState {
    return initialState(this.context.header.batches[0] as never)
  }

  async land(bytes: Buffer, piece = 1000): Promise<Landed & { committed: boolean }> {
    const roster = await rosterOf(this.context, 0, 1, this.size, new Map())
    async function* pieces(): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece)
    }
    return landResults(
      this.context,
      AT,
      roster,
      async () => pieces(),
      () => true,
    )
  }

  async settle(landed: Landed): Promise<{ tally: Tally; followUps: number }> {
    const none = new AbortController().signal
    const noTools = async (): Promise<never> => expect.unreachable()
    const { tally, followUps } = await settleAttempt(this.context, this.state, landed, true, noTools, none)
    return { tally, followUps: followUps?.requests ?? 0 }
  }

  /** What is delivered, once from the outcomes and once from what is copied together. */
  async outcomes(): Promise<{ made: Outcome[]; copied: number }> {
    const trip = { ...AT, id: 'msgbatch_1', requests: this.size, bytes: 1, createdAt: 0, endedAt: 0, collectedAt: 0 }
    const state = { ...this.state, phase: 'done', trips: [{ ...trip, failed: 0 }] } as BatchState
    const made: Outcome[] = []
    let copied = 0
    for await (const rows of outcomeBlocks(this.context, this.context.header.batches[0] as never, state)) {
      for (const { outcome, text } of rows) {
        made.push(outcome)
        if (text === undefined) continue
        copied += 1
        const into = Buffer.alloc(text.most + 20)
        const written = into.toString('utf8', 7, text.write(into, 7))
        expect(into.length - text.most).toBe(20)
        expect(JSON.parse(written)).toEqual(outcome)
        expect(Object.keys(JSON.parse(written))).toEqual(Object.keys(outcome))
      }
    }
    return { made, copied }
  }
}

const messageOf = (text: string, more: object = {}): object => ({
  model: 'claude-haiku-4-5-20251001',
  content: [{ type: 'text', text, citations: null }],
  stop_reason: 'end_turn',
  usage: { input_tokens: 12, output_tokens: 34, cache_read_input_tokens: 5, service_tier: 'batch' },
  ...more,
})
const succeeded = (message: object): object => ({ type: 'succeeded', message })
const lineOf = (ordinal: number, result: object): string => `${JSON.stringify({ custom_id: idOf(ordinal), result })}\n`

const RESULTS: readonly object[] = [
  succeeded(messageOf('A plain answer.')),
  succeeded(messageOf('“Quotes” "and" \\ escapes\n\u0001 \u2028 漢字')),
  succeeded(messageOf('{"n": 1, "text": "fits"}')),
  succeeded(messageOf('Here it is:\n```json\n{"n": 2}\n```')),
  succeeded(messageOf('{"n": "wrong"}')),
  succeeded(messageOf(' \n ')),
  succeeded(messageOf('')),
  succeeded(messageOf('cut', { stop_reason: 'max_tokens' })),
  succeeded(
    messageOf('x', {
      content: [
        { type: 'thinking', thinking: 'Hm.' },
        { type: 'text', text: '{"n": 3}' },
      ],
    }),
  ),
  succeeded(
    messageOf('x', {
      content: [
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b', citations: [{ c: 1 }] },
      ],
    }),
  ),
  succeeded(
    messageOf('x', { stop_reason: 'tool_use', content: [{ type: 'tool_use', id: 't', name: 'n', input: {} }] }),
  ),
  succeeded(messageOf('dear', { usage: { input_tokens: 1, output_tokens: 1, service_tier: 'standard' } })),
  succeeded(messageOf('other', { model: 'other-model', stop_reason: 'stop_sequence' })),
  { message: messageOf('in another order'), type: 'succeeded' },
  { type: 'errored', error: { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } } },
  { type: 'errored', error: { type: 'error', error: { type: 'invalid_request_error', message: 'bad' } } },
  { type: 'expired' },
  // The text is the very JSON that is made of it, or nearly.
  succeeded(messageOf('{"n":4}')),
  succeeded(messageOf(JSON.stringify({ n: 5, text: '“q” "x" \\ 漢😀\n\u0001' }))),
  succeeded(messageOf('{"n":6,"n":7}')),
  succeeded(messageOf('{"b":1.50,"1":2,"n":8e2}')),
]
const SCHEMA = { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] }

/** Lines of all kinds, in an order of their own. */
function resultsFile(): Buffer {
  const lines = RESULTS.map((result, ordinal) => ({
    line: lineOf(ordinal, result),
    at: (ordinal * 8) % RESULTS.length,
  }))
  return Buffer.from(
    lines
      .sort((a, b) => a.at - b.at)
      .map(({ line }) => line)
      .join(''),
  )
}

describe('landing', () => {
  it.each([
    ['texts', undefined],
    ['answers with a schema', SCHEMA],
  ])('comes to the same for %s whether lines are read in their bytes or parsed', async (_, schema) => {
    const found = []
    for (const scans of [true, false]) {
      const world = new World(RESULTS.length, { scans, ...(schema === undefined ? {} : { schema }) })
      const landed = await world.land(resultsFile())
      const settled = await world.settle(landed)
      const { made, copied } = await world.outcomes()
      found.push({ settled, made })
      expect(landed.missing).toBe(0)
      expect(copied).toBe(landed.index.plain)
      expect(copied).toBe(!scans ? 0 : schema === undefined ? 11 : 6)
    }
    expect(found[0]?.made).toHaveLength(RESULTS.length)
    expect(found[0]).toEqual(found[1])
  })

  it('parses what is no text, so that a sink receives some', async () => {
    const world = new World(1)
    const bytes = Buffer.from(lineOf(0, succeeded(messageOf('no text: ?'))))
    bytes[bytes.indexOf('?')] = 0xff
    await world.land(bytes)
    const { made, copied } = await world.outcomes()
    expect([copied, made[0]?.text]).toEqual([0, 'no text: \ufffd'])
  })

  it('needs no index beside the results, and none that is not of them', async () => {
    const world = new World(RESULTS.length)
    await world.land(resultsFile())
    const before = await world.outcomes()
    const name = `run/${runFiles.resultIndex(0, 1)}`
    const index = world.disk.files.get(name) as Uint8Array
    const other = new World(1)
    await other.land(Buffer.from(lineOf(0, RESULTS[0] as object)))
    const garbled = [Buffer.alloc(0), Buffer.alloc(100), index.subarray(8), other.disk.files.get(name) as Uint8Array]
    for (const bytes of garbled) {
      world.disk.files.set(name, bytes)
      expect(await world.outcomes()).toEqual(before)
    }
    world.disk.files.delete(name)
    expect(await world.outcomes()).toEqual(before)
  })

  it('removes the index of results that are landed anew before they are', async () => {
    const world = new World(1)
    await world.land(Buffer.from(lineOf(0, RESULTS[0] as object)))
    expect(world.disk.files.has(`run/${runFiles.resultIndex(0, 1)}`)).toBe(true)
    await expect(world.land(Buffer.from('garbled\n'))).rejects.toThrow(TornResultsError)
    expect(world.disk.files.has(`run/${runFiles.resultIndex(0, 1)}`)).toBe(false)
  })

  it('delivers in the order of the rows what came in another, however large', async () => {
    const size = 64
    const world = new World(size)
    const order = Array.from({ length: size }, (_, at) => (at * 5 + 3) % size)
    const text = (ordinal: number): string => `${ordinal} ${'é'.repeat(ordinal % 4 === 0 ? 700_000 : 400_000)}`
    const lines = order.map((ordinal) => lineOf(ordinal, succeeded(messageOf(text(ordinal)))))
    const landed = await world.land(Buffer.from(lines.join('')), 65_536)
    expect(landed.bytes).toBeGreaterThan(48_000_000)
    const { made } = await world.outcomes()
    expect(made.map((outcome) => outcome.text === text(outcome.row.id as number))).toEqual(order.map(() => true))
    expect(made.map((outcome) => outcome.row.id)).toEqual(order.map((_, at) => at))
  })

  it('keeps lines of neighbouring rows near to each other, and those apart that are parsed, whatever they came as', async () => {
    const size = 10_000
    const world = new World(size)
    const isPlain = (ordinal: number): boolean => ordinal % 50 !== 0
    const lines = Array.from({ length: size }, (_, at) => (at * 3571 + 11) % size).map((ordinal) =>
      lineOf(ordinal, isPlain(ordinal) ? succeeded(messageOf(`Answer ${ordinal}.`)) : { type: 'expired' }),
    )
    const landed = await world.land(Buffer.from(lines.join('')), 70_001)
    const stored = Buffer.from(world.disk.files.get(`run/${runFiles.results(0, 1)}`) as Uint8Array)
    const lie = stored.toString().trimEnd().split('\n')
    expect([...lie].sort()).toEqual(lines.map((line) => line.trimEnd()).sort())
    const { index } = landed
    const lineAt = (nth: number): string => {
      const position = index.arrived(nth)
      return stored.toString('utf8', index.offset(position), index.offset(position) + index.length(position))
    }
    expect(Array.from({ length: size }, (_, nth) => lineAt(nth))).toEqual(lie)
    // How often one goes on in another place, reading the rows that are near to each other.
    const places = (wanted: (ordinal: number) => boolean): number => {
      const found = Array.from({ length: size }, (_, nth) => wanted(index.arrived(nth)))
      return found.filter((isWanted, nth) => isWanted && found[nth - 1] !== true).length
    }
    expect(places((ordinal) => !isPlain(ordinal))).toBe(1)
    expect(places((ordinal) => isPlain(ordinal) && ordinal < 4096)).toBeLessThan(20)
    const { made } = await world.outcomes()
    expect(made.map(({ row, status }) => [row.id, status])).toEqual(
      made.map((_, ordinal) => [ordinal, isPlain(ordinal) ? 'succeeded' : 'expired']),
    )
    expect(made).toHaveLength(size)
  })

  it.each([
    ['cut off', `${lineOf(0, RESULTS[0] as object)}${lineOf(1, RESULTS[0] as object).slice(0, -9)}`, TornResultsError],
    ['with an id twice', `${lineOf(0, RESULTS[0] as object)}${lineOf(0, RESULTS[0] as object)}`, TornResultsError],
    ['with an id of another run', lineOf(0, RESULTS[0] as object).replace(TAG, 'zzzzzz'), ForeignResultsError],
    ['with an id that is too high', lineOf(2, RESULTS[0] as object), ForeignResultsError],
  ])('refuses results %s and leaves no file', async (_, text, error) => {
    const world = new World(2)
    await expect(world.land(Buffer.from(text))).rejects.toThrow(error)
    expect([...world.disk.files.keys()]).toEqual([`run/${runFiles.requests(0, 1)}`])
  })
})
