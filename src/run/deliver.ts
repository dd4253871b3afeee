/**
 * Outcomes → sinks. Sinks that take parts get a batch's outcomes when it is done, and the store remembers which attempt
 * they have; sinks that take the whole are written once every batch is done. Both may be repeated: twice is once.
 */
import type { PlannedBatch } from '../core/batch.ts'
import type { SinkSpec } from '../core/job.ts'
import type { Json } from '../core/json.ts'
import { isSelected } from '../core/result.ts'
import { type BatchState, checkpointKeys, type SinkReport } from '../core/run.ts'
import type { Sink, SinkContext, SinkWriter } from '../sink/sink.ts'
import { batchOutcomes } from './outcomes.ts'
import type { RunContext } from './ports.ts'

/** A sink of the job, ready to be opened. */
export interface BoundSink {
  /** Its place in the job's list. */
  readonly position: number
  readonly spec: SinkSpec
  readonly sink: Sink
  readonly context: SinkContext
}

/** A sink that could not take what it was given; the outcomes stay landed and the other sinks are served. */
export interface DeliveryFailure {
  readonly sink: BoundSink
  readonly error: unknown
}

export interface Delivery {
  readonly reports: readonly SinkReport[]
  readonly failures: readonly DeliveryFailure[]
}

interface Mark {
  readonly attempt: number
  readonly rows: number
  readonly location: string
}

/** Gives a done batch to every sink that takes parts and does not have it yet. */
export async function deliverPart(
  context: RunContext,
  sinks: readonly BoundSink[],
  batch: PlannedBatch,
  state: BatchState,
): Promise<DeliveryFailure[]> {
  const failures: DeliveryFailure[] = []
  for (const sink of sinks) {
    if (sink.sink.delivery !== 'parts') continue
    try {
      await deliverPartTo(context, sink, batch, state)
    } catch (error) {
      sink.context.signal.throwIfAborted()
      failures.push({ sink, error })
    }
  }
  return failures
}

/** Serves every sink of a finished run: missing parts, and the whole files. */
export async function deliverAll(
  context: RunContext,
  sinks: readonly BoundSink[],
  states: readonly BatchState[],
): Promise<Delivery> {
  const reports: SinkReport[] = []
  const failures: DeliveryFailure[] = []
  for (const sink of sinks) {
    try {
      const report =
        sink.sink.delivery === 'whole'
          ? await deliverWhole(context, sink, states)
          : await deliverParts(context, sink, states)
      reports.push(report)
    } catch (error) {
      sink.context.signal.throwIfAborted()
      failures.push({ sink, error })
    }
  }
  return { reports, failures }
}

/** Writes everything that is settled so far into a sink of its own, for `export`. */
export async function deliverWhole(
  context: RunContext,
  sink: BoundSink,
  states: readonly BatchState[],
): Promise<SinkReport> {
  const writer = await sink.sink.open(sink.spec.options, sink.context)
  let rows = 0
  try {
    for (const [batch, state] of paired(context, states)) rows += await writePart(context, sink, writer, batch, state)
    await writer.finish()
  } catch (error) {
    await writer.abort()
    throw error
  }
  return { type: sink.spec.type, path: writer.location, rows }
}

async function deliverParts(context: RunContext, sink: BoundSink, states: readonly BatchState[]): Promise<SinkReport> {
  let rows = 0
  let location: string | undefined
  for (const [batch, state] of paired(context, states)) {
    const mark = await deliverPartTo(context, sink, batch, state)
    rows += mark.rows
    location = mark.location
  }
  return { type: sink.spec.type, path: location ?? sink.spec.type, rows }
}

async function deliverPartTo(
  context: RunContext,
  sink: BoundSink,
  batch: PlannedBatch,
  state: BatchState,
): Promise<Mark> {
  const key = checkpointKeys.delivery(context.header.run, sink.position, batch.index)
  const known = (await context.store.read(key)) as unknown as Mark | undefined
  if (known?.attempt === state.attempt) return known
  const writer = await sink.sink.open(sink.spec.options, sink.context)
  try {
    const rows = await writePart(context, sink, writer, batch, state)
    await writer.finish()
    const mark: Mark = { attempt: state.attempt, rows, location: writer.location }
    await context.store.write(key, mark as unknown as Json)
    return mark
  } catch (error) {
    await writer.abort()
    throw error
  }
}

async function writePart(
  context: RunContext,
  sink: BoundSink,
  writer: SinkWriter,
  batch: PlannedBatch,
  state: BatchState,
): Promise<number> {
  const part = await writer.openPart({ index: batch.index, attempt: state.attempt })
  let rows = 0
  try {
    for await (const { outcome } of batchOutcomes(context, batch, state)) {
      if (!isSelected(sink.spec.select, outcome.status)) continue
      const full = part.write(outcome)
      if (full !== undefined) await full
      rows += 1
      if (rows % 1000 === 0) sink.context.signal.throwIfAborted()
    }
    await part.commit()
  } catch (error) {
    await part.abort()
    throw error
  }
  return rows
}

function paired(context: RunContext, states: readonly BatchState[]): (readonly [PlannedBatch, BatchState])[] {
  return context.header.batches.map((batch) => [batch, states[batch.index] as BatchState] as const)
}
