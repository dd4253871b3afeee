/**
 * Outcomes → sinks. Sinks that take parts get a batch's outcomes when it is done, and the store remembers which attempt
 * they have; sinks that take the whole appear once every batch is done, and a courier may have begun to write them before.
 * All may be repeated: twice is once.
 */
import type { PlannedBatch } from '../core/batch.ts'
import type { SinkSpec } from '../core/job.ts'
import type { Json } from '../core/json.ts'
import { type BatchState, checkpointKeys, type SinkReport } from '../core/run.ts'
import type { Sink, SinkContext } from '../sink/sink.ts'
import type { Courier } from './courier.ts'
import type { LiveContext, RunContext } from './ports.ts'
import { SinkError } from './sink-error.ts'
import { type Pair, WholeDelivery } from './whole-delivery.ts'

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
  readonly #courier: Courier | undefined
  /** The last delivery of each sink that takes parts: batches are done side by side, and a sink has one part open at a time. */
  readonly #queues = new Map<BoundSink, Promise<void>>()
  /** A sink that failed is left in peace until the end: a server that is down would hold up every batch. */
  readonly #failed = new Set<BoundSink>()

  constructor(context: RunContext & Pick<LiveContext, 'notify'>, sinks: readonly BoundSink[], courier?: Courier) {
    this.#context = context
    this.#sinks = sinks
    this.#courier = courier
  }

  /** Gives a done batch to every sink that takes parts and does not have it yet, and to the courier. */
  async part(batch: PlannedBatch, state: BatchState): Promise<void> {
    this.#courier?.done(state)
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
    const served = await this.#courier?.finish()
    for (const sink of this.#sinks) {
      const report = served?.get(sink.position)
      if (report !== undefined) {
        reports.push(report)
        continue
      }
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
  const delivery = await WholeDelivery.open(context, sink)
  try {
    for (const pair of pairs) await delivery.part(pair)
    return await delivery.finish()
  } catch (error) {
    await delivery.abort()
    throw error
  }
}

function paired(context: RunContext, states: readonly BatchState[]): Pair[] {
  return context.header.batches.map((batch) => [batch, states[batch.index] as BatchState] as const)
}
