/**
 * What a finished run has answered, in two sorted files that later runs look into: contents (which question was answered
 * where) and keys (which row asked it, to say why a later row is asked again).
 *
 *     contents: content (20 bytes) · run (4, filled in by a reader) · batch (4) · attempt (4; 0: itself reused) · ordinal (4)
 *     keys:     sha256 of the key (16 bytes) · documents (8) · 1 if it succeeded (1) · nothing (7)
 */
import type { ArtifactStore } from '../artifact/artifact.ts'
import type { PlannedBatch } from '../core/batch.ts'
import { runFiles } from '../core/names.ts'
import { parseReusedLine } from '../core/reused-line.ts'
import type { BatchState } from '../core/run.ts'
import { lineBlocks } from '../disk/lines.ts'
import { RecordSorter, type RecordSpill } from '../disk/record-sorter.ts'
import { CONTENT_BYTES, ContentDigester, DOCUMENTS_BYTES, documentsDigest, sha256 } from '../prompt/content-digest.ts'
import type { AnsweredRun } from './open-answers.ts'
import { batchOutcomes } from './outcomes.ts'
import { shapeOf } from './outgoing.ts'
import type { RunContext } from './ports.ts'
import { PlanDamagedError } from './request-file.ts'
import { MAX_REUSED_BYTES } from './unsent-rows.ts'

export const ANSWER_BYTES = CONTENT_BYTES + 16
export const KEY_BYTES = 16
export const KEY_RECORD_BYTES = 32

/** What the two files were made from; they are made anew when it no longer holds. */
interface AnswersAbout {
  readonly version: 1
  /** `contentScope`, hex. */
  readonly scope: string
  /** When the run finished, milliseconds since 1970: a retry finishes it anew. */
  readonly finishedAt: number
  readonly contents: number
  readonly keys: number
}

/** Where an answer lies. */
export interface AnswerPlace {
  readonly run: number
  readonly batch: number
  readonly attempt: number
  readonly ordinal: number
}

/** Makes sure that both files are there, and are of the run's latest end. */
export async function keepAnswers(run: AnsweredRun): Promise<void> {
  const { artifacts, header } = run.context
  if ((await readAbout(artifacts, header.run, run.finishedAt)) === undefined) await writeAnswers(run)
}

/** Writes both files and, last, what they were made from. */
async function writeAnswers({ context, states, scope, finishedAt }: AnsweredRun): Promise<void> {
  const { artifacts, header } = context
  const contents = new RecordSorter(ANSWER_BYTES, spill(artifacts, header.run, 'contents'))
  const keys = new RecordSorter(KEY_RECORD_BYTES, spill(artifacts, header.run, 'keys'))
  for (const batch of header.batches) {
    const state = states[batch.index]
    if (state === undefined) continue
    const add = async (row: AnsweredRow): Promise<void> => {
      const key = keys.next()
      writeKey(key instanceof Promise ? await key : key, row.key, row.documents, row.content !== undefined)
      if (row.content === undefined) return
      const place = { run: 0, batch: batch.index, attempt: row.attempt, ordinal: row.ordinal }
      const answer = contents.next()
      writeAnswer(answer instanceof Promise ? await answer : answer, row.content, place)
    }
    for await (const row of askedRows(context, batch, state, scope)) await add(row)
    for await (const row of copiedRows(context, batch)) await add(row)
  }
  const about: AnswersAbout = {
    version: 1,
    scope: scope.toString('hex'),
    finishedAt,
    contents: await finish(artifacts, header.run, 'contents', contents),
    keys: await finish(artifacts, header.run, 'keys', keys),
  }
  await write(artifacts, header.run, runFiles.answers('about'), Buffer.from(JSON.stringify(about)))
}

/** undefined: there are none yet, or they are of an earlier end of the run. */
async function readAbout(artifacts: ArtifactStore, run: string, finishedAt: number): Promise<AnswersAbout | undefined> {
  const name = runFiles.answers('about')
  if ((await artifacts.size(run, name)) === undefined) return undefined
  const pieces: Uint8Array[] = []
  for await (const piece of artifacts.read(run, name)) pieces.push(Buffer.from(piece))
  const about = JSON.parse(Buffer.concat(pieces).toString('utf8')) as AnswersAbout
  return about.version === 1 && about.finishedAt === finishedAt ? about : undefined
}

export function readPlace(record: Buffer): AnswerPlace {
  return {
    run: record.readUInt32BE(CONTENT_BYTES),
    batch: record.readUInt32BE(CONTENT_BYTES + 4),
    attempt: record.readUInt32BE(CONTENT_BYTES + 8),
    ordinal: record.readUInt32BE(CONTENT_BYTES + 12),
  }
}

export function setRun(record: Buffer, run: number): void {
  record.writeUInt32BE(run, CONTENT_BYTES)
}

export function keyDigest(key: string): Buffer {
  return sha256(key).subarray(0, KEY_BYTES)
}

export function readKeyRecord(record: Buffer): { documents: Buffer; hasSucceeded: boolean } {
  const end = KEY_BYTES + DOCUMENTS_BYTES
  return { documents: record.subarray(KEY_BYTES, end), hasSucceeded: record[end] === 1 }
}

interface AnsweredRow {
  readonly ordinal: number
  readonly key: string
  readonly attempt: number
  readonly documents: Buffer
  /** undefined: it did not succeed. */
  readonly content: Buffer | undefined
}

/** The rows that were sent. */
async function* askedRows(
  context: RunContext,
  batch: PlannedBatch,
  state: BatchState,
  scope: Buffer,
): AsyncGenerator<AnsweredRow> {
  if (batch.requests === 0) return
  const contents = new ContentDigester(scope)
  for await (const { ordinal, status, planned, last } of batchOutcomes(context, batch, state)) {
    if (planned === undefined) continue
    const hasSucceeded = status === 'succeeded'
    const content = hasSucceeded ? contents.digest(shapeOf(context, planned), planned.parts) : undefined
    const { key, parts } = planned
    yield { ordinal, key, attempt: last?.attempt ?? 1, documents: documentsDigest(parts), content }
  }
}

/** The rows that were themselves reused. Their answers succeeded, and need not be read for that. */
async function* copiedRows(context: RunContext, batch: PlannedBatch): AsyncGenerator<AnsweredRow> {
  if (batch.reused === undefined) return
  const { artifacts, header } = context
  const name = runFiles.reused(batch.index)
  const damaged = (): Error => new PlanDamagedError(header.run, name)
  for await (const lines of lineBlocks(artifacts.read(header.run, name), MAX_REUSED_BYTES, damaged)) {
    for (const line of lines) {
      const { ordinal, key, documents, content } = parseReusedLine(line, damaged)
      const digests = { documents: Buffer.from(documents, 'base64'), content: Buffer.from(content, 'base64') }
      yield { ordinal, key, attempt: 0, ...digests }
    }
  }
}

function writeKey(record: Buffer, key: string, documents: Buffer, hasSucceeded: boolean): void {
  record.fill(0)
  keyDigest(key).copy(record)
  documents.copy(record, KEY_BYTES)
  record[KEY_BYTES + DOCUMENTS_BYTES] = hasSucceeded ? 1 : 0
}

function writeAnswer(record: Buffer, content: Buffer, { run, batch, attempt, ordinal }: AnswerPlace): void {
  content.copy(record)
  record.writeUInt32BE(run, CONTENT_BYTES)
  record.writeUInt32BE(batch, CONTENT_BYTES + 4)
  record.writeUInt32BE(attempt, CONTENT_BYTES + 8)
  record.writeUInt32BE(ordinal, CONTENT_BYTES + 12)
}

function spill(artifacts: ArtifactStore, run: string, kind: 'contents' | 'keys'): RecordSpill {
  const name = (part: number): string => runFiles.answers(kind, part)
  return {
    create: (part) => artifacts.create(run, name(part)),
    read: (part) => artifacts.read(run, name(part)),
    remove: (part) => artifacts.remove(run, name(part)),
  }
}

async function finish(
  artifacts: ArtifactStore,
  run: string,
  kind: 'contents' | 'keys',
  sorter: RecordSorter,
): Promise<number> {
  const file = await artifacts.create(run, runFiles.answers(kind))
  try {
    const count = await sorter.finish(file)
    await file.commit()
    return count
  } catch (error) {
    await file.abort()
    throw error
  }
}

async function write(artifacts: ArtifactStore, run: string, name: string, bytes: Uint8Array): Promise<void> {
  const file = await artifacts.create(run, name)
  try {
    await file.write(bytes)
    await file.commit()
  } catch (error) {
    await file.abort()
    throw error
  }
}
