/**
 * Outcomes → sinks. Sinks that take parts get a batch's outcomes when it is done, and the store remembers which attempt
 * they have; sinks that take the whole are written once every batch is done. Both may be repeated: twice is once.
 */
import type { PlannedBatch } from '../core/batch.ts'
import type { SinkSpec } from '../core/job.ts'
import type { Json } from '../core/json.ts'
import { isSelected } from '../core/result.ts'
import { type BatchState, checkpointKeys, type SinkReport } from '../core/run.ts'
import type { Sink, SinkContext, SinkPart, SinkWriter } from '../sink/sink.ts'
import { outcomeBlocks } from './outcomes.ts'
import type { LiveContext, RunContext } from './ports.ts'
import type { SettledRow } from './settled-row.ts'
import { inSink, SinkError } from './sink-error.ts'

/** The position of a sink that no job names, as an export's. */
export const NO_POSITION = -1

/** A sink of the job, ready to be opened. */
export interface BoundSink {
  /** Its place in the job's list, from 0. */
  readonly position: number
  readonly spec: SinkSpec
  readonly sink: Sink
  readonly context: SinkContext
}

/** What the sinks hold, and those that could not take what they were given; the outcomes stay landed. */
export interface Delivered {
  readonly reports: readonly SinkReport[]
  readonly failures: readonly SinkError[]
}

/** The deliveries of one run by one process. A sink's trouble never stops the run or another sink. */
export class Delivery {
  readonly #context: RunContext & Pick<LiveContext, 'notify'>
  readonly #sinks: readonly BoundSink[]
  /** The last delivery of each sink that takes parts: batches are done side by side, and a sink has one part open at a time. */
  readonly #queues = new Map<BoundSink, Promise<void>>()
  /** A sink that failed is left in peace until the end: a server that is down would hold up every batch. */
  readonly #failed = new Set<BoundSink>()

  constructor(context: RunContext & Pick<LiveContext, 'notify'>, sinks: readonly BoundSink[]) {
    this.#context = context
    this.#sinks = sinks
  }

  /** Gives a done batch to every sink that takes parts and does not have it yet. */
  async part(batch: PlannedBatch, state: BatchState): Promise<void> {
    const sinks = this.#sinks.filter(({ sink }) => sink.delivery === 'parts')
    const ends = await Promise.allSettled(sinks.map((sink) => this.#enqueue(sink, batch, state)))
    for (const end of ends) if (end.status === 'rejected') throw end.reason
  }

  /** Serves every sink of a run whose batches are all done: missing parts, and the whole files. */
  async all(states: readonly BatchState[]): Promise<Delivered> {
    await Promise.allSettled(this.#queues.values())
    const reports: SinkReport[] = []
    const failures: SinkError[] = []
    const count = this.#sinks.length
    if (count > 0) this.#context.notify({ type: 'note', text: `Delivering to ${count} sink${count === 1 ? '' : 's'}.` })
    for (const sink of this.#sinks) {
      try {
        const deliver = sink.sink.delivery === 'whole' ? deliverWhole : deliverParts
        reports.push(await deliver(this.#context, sink, states))
      } catch (error) {
        sink.context.signal.throwIfAborted()
        if (!(error instanceof SinkError)) throw error
        failures.push(error)
      }
    }
    return { reports, failures }
  }

  #enqueue(sink: BoundSink, batch: PlannedBatch, state: BatchState): Promise<void> {
    const before = this.#queues.get(sink) ?? Promise.resolve()
    const delivery = before.then(() => this.#deliver(sink, batch, state))
    this.#queues.set(
      sink,
      delivery.catch(() => undefined),
    )
    return delivery
  }

  async #deliver(sink: BoundSink, batch: PlannedBatch, state: BatchState): Promise<void> {
    if (this.#failed.has(sink)) return
    try {
      await deliverPart(this.#context, sink, [batch, state])
    } catch (error) {
      sink.context.signal.throwIfAborted()
      if (!(error instanceof SinkError)) throw error
      this.#failed.add(sink)
      const text = `${error.message} The run goes on, and the sink is tried again at its end.`
      this.#context.notify({ type: 'warning', index: batch.index, text })
    }
  }
}

/** Writes everything that is settled so far into a sink. Throws SinkError where it is the sink that fails. */
export function deliverWhole(context: RunContext, sink: BoundSink, states: readonly BatchState[]): Promise<SinkReport> {
  return writeParts(context, sink, paired(context, states))
}

async function deliverParts(context: RunContext, sink: BoundSink, states: readonly BatchState[]): Promise<SinkReport> {
  let rows = 0
  let location: string | undefined
  for (const pair of paired(context, states)) {
    const mark = await deliverPart(context, sink, pair)
    rows += mark.rows
    location = mark.location
  }
  // A run without a batch has no part, and its table is to be there all the same.
  if (location === undefined) return writeParts(context, sink, [])
  return { type: sink.spec.type, path: location, rows }
}

/** What the store knows of a part that a sink has. */
interface Mark {
  readonly attempt: number
  readonly rows: number
  readonly location: string
}

type Pair = readonly [PlannedBatch, BatchState]

async function deliverPart(context: RunContext, sink: BoundSink, pair: Pair): Promise<Mark> {
  const [batch, { attempt }] = pair
  const key = checkpointKeys.delivery(context.header.run, sink.position, batch.index)
  const known = (await context.store.read(key)) as unknown as Mark | undefined
  if (known?.attempt === attempt) return known
  const { rows, path } = await writeParts(context, sink, [pair])
  const mark: Mark = { attempt, rows, location: path }
  await context.store.write(key, mark as unknown as Json)
  return mark
}

async function writeParts(context: RunContext, sink: BoundSink, pairs: readonly Pair[]): Promise<SinkReport> {
  const writer = await inSink(sink, () => sink.sink.open(sink.spec.options, sink.context))
  let rows = 0
  try {
    for (const pair of pairs) rows += await writePart(context, sink, writer, pair)
    await inSink(sink, () => writer.finish())
  } catch (error) {
    await quietly(() => writer.abort())
    throw error
  }
  return { type: sink.spec.type, path: writer.location, rows }
}

async function writePart(context: RunContext, sink: BoundSink, writer: SinkWriter, pair: Pair): Promise<number> {
  const [batch, state] = pair
  // What an export wrote of a batch that was half finished counts as older than the batch when it is done.
  const attempt = state.phase === 'done' ? state.attempt : state.attempt - 1
  const part = await inSink(sink, () => writer.openPart({ index: batch.index, attempt }))
  let rows = 0
  try {
    const which = sink.spec.select === 'failed' ? 'failed' : 'all'
    for await (const block of outcomeBlocks(context, batch, state, which)) {
      sink.context.signal.throwIfAborted()
      for (const row of block) {
        if (!isSelected(sink.spec.select, row.status)) continue
        const full = inSink(sink, () => writeRow(part, row))
        if (full !== undefined) await full
        rows += 1
      }
    }
    await inSink(sink, () => part.commit())
  } catch (error) {
    await quietly(() => part.abort())
    throw error
  }
  return rows
}

/** A row that is JSON already stays it, where the sink takes it so. */
function writeRow(part: SinkPart, row: SettledRow): Promise<void> | void {
  return part.writeText === undefined || row.text === undefined ? part.write(row.outcome) : part.writeText(row.text)
}

/** A sink promises that giving up never throws; should one do it all the same, the error before is the one to tell. */
async function quietly(doing: () => Promise<void>): Promise<void> {
  try {
    await doing()
  } catch {
    // Said above.
  }
}

function paired(context: RunContext, states: readonly BatchState[]): Pair[] {
  return context.header.batches.map((batch) => [batch, states[batch.index] as BatchState] as const)
}
