/**
 * Rows → batches. Streams: each row is rendered and checked once and written to the file of the batch it falls into.
 * Nothing here is the plan yet: the caller commits it by storing the header, so a crash while planning is planned again.
 */
import { createHash } from 'node:crypto'
import type { ArtifactStore } from '../artifact/artifact.ts'
import type { PlannedBatch, RequestShape, RunId } from '../core/batch.ts'
import { mostUsdOfBatch } from '../core/budget-share.ts'
import { customIdLength } from '../core/custom-id.ts'
import { invariant, type Problem, UserError } from '../core/errors.ts'
import type { Job } from '../core/job.ts'
import { canonicalJson, type Json } from '../core/json.ts'
import { runFiles } from '../core/names.ts'
import type { ReusedAnswer } from '../core/reused-line.ts'
import type { RowText } from '../core/row-text.ts'
import { type NewReason, PLAN_VERSION, type RunHeader } from '../core/run.ts'
import type { PlannedPart } from '../core/write-request-line.ts'
import { type Renderer, refuse } from '../prompt/render.ts'
import type { ModelSpec, Provider } from '../provider/provider.ts'
import { BatchFile } from './batch-file.ts'
import { BatchSequence } from './batch-sequence.ts'
import { tooLong } from './context-window.ts'
import type { DuplicateCheck } from './duplicates.ts'
import { createEstimator } from './estimate.ts'
import { packLimits, weightOf } from './pack.ts'
import type { PlannedRow } from './rows.ts'

/** A row that is not sent, because its check failed. */
export interface RejectedRow {
  readonly key: string
  readonly reason: string
  readonly problem: Problem
}

export interface PlanPorts {
  /** Selected and keyed, in dataset order, in blocks of which each is read before the next. */
  readonly rows: AsyncIterable<Iterable<PlannedRow>>
  readonly renderer: Renderer
  readonly provider: Provider
  readonly model: ModelSpec | undefined
  readonly artifacts: ArtifactStore
  readonly duplicates: DuplicateCheck
  /** Output tokens of one request as an earlier run of the job had them. */
  readonly usualOutputTokens?: number
  /** Absent: every row is asked. */
  readonly reuse?: ReuseLookUp
  /** Called for each rejected row; answers whether planning should go on. */
  readonly onRejected: (row: RejectedRow) => boolean
  /** Called for every row, with their number so far. */
  readonly onProgress: (rows: number) => void
  readonly signal: AbortSignal
}

/** An earlier answer to the very same question, or why there is none. */
export type Reusable = ReusedAnswer | NewReason

/** Looks for answers of earlier runs. */
export interface ReuseLookUp {
  /** @param row that stretches among the parts are of */
  find(key: string, shape: RequestShape, parts: readonly PlannedPart[], row: RowText): Reusable | Promise<Reusable>
  /** Runs whose files answers were taken from so far. */
  readonly used: readonly RunId[]
}

const TOO_LONG_HINT = 'Shorten it, send fewer pages of a PDF (pages: 1-50), or choose a model that holds more.'

/** Reused rows of one batch at most: a part of a sink should not grow without bound. */
const MAX_REUSED = 100_000
/** The same where nothing is asked among them: one file is made durable while the next is being filled. */
const MAX_REUSED_ALONE = 20_000

/** What the plan will be called. */
export interface PlanName {
  readonly run: RunId
  readonly tag: string
  readonly local: boolean
  readonly createdAt: number
}

/** Writes every batch's files and answers with the header that makes them a plan. Throws UserError for bad input. */
export async function planBatches(name: PlanName, job: Job, ports: PlanPorts): Promise<RunHeader> {
  const limits = packLimits(ports.provider.limits, job.batch)
  const estimator = createEstimator(ports.provider, ports.model, job, ports.usualOutputTokens)
  const sequence = new BatchSequence(limits, mostUsdOfBatch(job), (index, from) => newFile(name, index, from, ports))
  let batches: readonly PlannedBatch[]
  let rows = 0
  let fallbackRows = 0
  const newBecause: Partial<Record<NewReason, number>> = {}
  try {
    reading: for await (const block of ports.rows) {
      ports.signal.throwIfAborted()
      for (const row of block) {
        rows += 1
        ports.onProgress(rows)
        ports.duplicates.add(row.key, row.ordinal, row.place)
        const rendering = ports.renderer.render(row)
        const rendered = rendering instanceof Promise ? await rendering : rendering
        if (rendered.type !== 'copied') fallbackRows += 1
        if (rendered.type === 'rejected') {
          await sequence.file.reject(row, rendered.reason)
          if (!ports.onRejected(rejectedRow(row, rendered))) break reading
          continue
        }
        if (ports.reuse !== undefined) {
          const shape = ports.renderer.shapes()[rendered.shape]
          invariant(shape !== undefined, `The renderer has no shape ${rendered.shape}.`)
          const looked = ports.reuse.find(row.key, shape, rendered.parts, row.text)
          const found = looked instanceof Promise ? await looked : looked
          if (typeof found === 'object') {
            if (isFullOfReused(sequence.file)) await sequence.next(row.ordinal)
            const { ordinal, key, text } = row
            const full = sequence.file.reuse(found, { ordinal, key, row: text })
            if (full !== undefined) await full
            continue
          }
          newBecause[found] = (newBecause[found] ?? 0) + 1
        }
        const reason = tooLong(rendered, ports.model)
        if (reason !== undefined) {
          await sequence.file.reject(row, reason)
          if (!ports.onRejected(rejectedRow(row, refuse(row, reason, TOO_LONG_HINT)))) break reading
          continue
        }
        const { inputTokens, boundUsd } = estimator.add(rendered)
        const weight = weightOf(limits, customIdLengthOf(job, name.tag, row, ports.provider), rendered.bytes)
        const making = sequence.makeRoom(weight, boundUsd, row.ordinal)
        if (making !== undefined) await making
        const { shape, bytes, parts } = rendered
        const full = sequence.file.add(
          { ordinal: row.ordinal, key: row.key, about: row.text, shape, bytes, parts },
          { inputTokens, maxOutputTokens: estimator.maxOutputTokens, boundUsd },
        )
        if (full !== undefined) await full
      }
    }
    // Keys are compared while the last files become durable.
    const [compared, finished] = await Promise.allSettled([ports.duplicates.finish(), sequence.finish(rows)])
    if (compared.status === 'rejected') throw compared.reason
    if (finished.status === 'rejected') throw finished.reason
    batches = finished.value
  } catch (error) {
    await sequence.abort()
    await ports.duplicates.discard()
    throw error
  }
  const rejected = batches.reduce((sum, batch) => sum + batch.rejected, 0)
  const requests = batches.reduce((sum, batch) => sum + batch.requests, 0)
  const reusedFrom = ports.reuse?.used ?? []
  return {
    version: PLAN_VERSION,
    ...name,
    job,
    shapes: ports.renderer.shapes(),
    batches,
    rows,
    requests,
    rejected,
    reused: batches.reduce((sum, batch) => sum + (batch.reused ?? 0), 0),
    ...(reusedFrom.length === 0 ? {} : { reusedFrom }),
    fallbackRows,
    ...(ports.reuse === undefined ? {} : { newBecause }),
    digest: planDigest(job, batches),
    estimate: estimator.total(),
  }
}

function rejectedRow({ key }: PlannedRow, { reason, problem }: Omit<RejectedRow, 'key'>): RejectedRow {
  return { key: detached(key), reason, problem }
}

/**
 * The same text in memory of its own. Rejected rows are kept by the thousand, and V8 makes a text that was cut out of a long
 * one as a view of it: each key would keep a whole line alive, or all keys of a block. Cutting a joined text makes a new one.
 */
function detached(key: string): string {
  return key.length < SHORTEST_VIEW ? key : ` ${key}`.slice(1)
}

/** Shorter texts are always copied. Characters. */
const SHORTEST_VIEW = 13

function isFullOfReused({ requests, reused }: BatchFile): boolean {
  return reused >= (requests === 0 ? MAX_REUSED_ALONE : MAX_REUSED)
}

/** Equal for equal plans, whatever run and folder they belong to: request files do not contain the run's tag. */
export function planDigest(job: Job, batches: readonly PlannedBatch[]): string {
  const { root: _, ...portable } = job
  const content = canonicalJson({ job: portable as unknown as Json, batches: batches.map(digestsOf) })
  return createHash('sha256').update(content).digest('hex')
}

function digestsOf({ digest, reusedDigest }: PlannedBatch): Json {
  return reusedDigest === undefined ? digest : [digest, reusedDigest]
}

function newFile(name: PlanName, index: number, fromOrdinal: number, ports: PlanPorts): BatchFile {
  return new BatchFile(index, fromOrdinal, {
    requests: () => ports.artifacts.create(name.run, runFiles.requests(index, 1)),
    rejected: () => ports.artifacts.create(name.run, runFiles.rejected(index)),
    reused: () => ports.artifacts.create(name.run, runFiles.reused(index)),
  })
}

function customIdLengthOf(job: Job, tag: string, row: PlannedRow, provider: Provider): number {
  if (job.batch.customId === 'readable') return customIdLength(row.key, tag, row.ordinal)
  const { pattern, maxLength } = provider.limits.customId
  if (row.key.length > maxLength || !pattern.test(row.key)) {
    throw new UserError({
      message: `With batch.custom_id: exact every key is sent as it is, and "${row.key}" does not fit ${provider.type}: at most ${maxLength} characters that match ${pattern.source}.`,
      hint: 'Change dataset.key so that it renders such keys, or leave out batch.custom_id.',
      path: '/batch/custom_id',
      ...(row.place === undefined ? {} : row.place),
    })
  }
  return row.key.length
}
