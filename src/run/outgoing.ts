// An attempt on its way out: checked against the plan first, then streamed from it.

import { invariant } from '../core/errors.ts'
import { runFiles } from '../core/names.ts'
import type { DocumentRef } from '../core/prompt.ts'
import type { RequestLine } from '../core/request-line.ts'
import type { BatchState } from '../core/run.ts'
import { DocumentChangedError, openDocument } from '../prompt/document-bytes.ts'
import type { OutgoingBatch } from '../provider/provider.ts'
import { type UploadedIds, withIds } from './line-body.ts'
import { OpenRequests } from './open-requests.ts'
import type { LiveContext, RunContext } from './ports.ts'
import { customIdOfLine, readRequests, verifyRequests } from './request-file.ts'
import { isUpload, uploadName } from './uploads.ts'

export { type LineBody, shapeOf, withIds } from './line-body.ts'

/** Rows that are not sent because a document is no longer what was planned: ordinal → why. */
export type Withdrawn = ReadonlyMap<number, string>

export interface Preflight {
  readonly withdrawn: Withdrawn
  readonly uploads: UploadedIds
  /** Exact bytes of the create call's body for what will travel. */
  readonly bytes: number
  readonly requests: number
}

/**
 * Reads the whole request file once before the intent is stored: the plan's digest must agree, and so must every
 * document's. Without documents, and where the whole attempt travels, that is a hash of the file's bytes; what they weigh
 * was counted when they were written. Throws PlanDamagedError.
 */
export async function preflight(context: LiveContext, state: BatchState, signal: AbortSignal): Promise<Preflight> {
  const { header, provider } = context
  if (header.job.documents.length === 0 && state.take === null) {
    await verifyRequests(context.artifacts, header.run, state, signal)
    return { withdrawn: new Map(), uploads: NO_UPLOADS, bytes: state.bytes, requests: state.requests }
  }
  const uploads = await uploadAll(context, state, signal)
  const withdrawn = new Map<number, string>()
  const checked = new Map<string, string | null>()
  let bytes = provider.limits.overhead.batch
  let requests = 0
  let seen = 0
  for await (const line of readRequests(context.artifacts, header.run, state.index, state.attempt, state.digest)) {
    seen += 1
    if (seen > (state.take ?? state.requests)) continue
    if (seen % 1000 === 0) signal.throwIfAborted()
    const reason = await changedDocument(context, line, uploads, checked)
    if (reason !== null) {
      withdrawn.set(line.ordinal, reason)
      continue
    }
    requests += 1
    bytes += provider.limits.overhead.request + customIdOfLine(header, line).length + withIds(line, uploads).bytes
  }
  return { withdrawn, uploads, bytes, requests }
}

/** Uploads what the lines refer to and the provider does not have. */
export async function resolveUploads(
  context: Pick<LiveContext, 'uploads'>,
  lines: AsyncIterable<Pick<RequestLine, 'parts'>> | Iterable<Pick<RequestLine, 'parts'>>,
  signal: AbortSignal,
): Promise<UploadedIds> {
  const refs = new Map<string, DocumentRef>()
  for await (const { parts } of lines) for (const part of parts) if (isUpload(part)) refs.set(uploadName(part), part)
  if (refs.size === 0) return NO_UPLOADS
  invariant(context.uploads !== undefined, 'The plan has documents to upload, and the provider has no Files API.')
  return context.uploads.resolve(refs, signal)
}

const NO_UPLOADS: UploadedIds = new Map()

async function uploadAll(context: LiveContext, state: BatchState, signal: AbortSignal): Promise<UploadedIds> {
  const { header, artifacts } = context
  if (!header.job.documents.some((document) => document.upload === 'files')) return NO_UPLOADS
  return resolveUploads(context, readRequests(artifacts, header.run, state.index, state.attempt), signal)
}

/** The batch as the provider takes it. Opening it again starts from the first request. */
export function outgoing(context: RunContext, state: BatchState, ready: Preflight): OutgoingBatch {
  const { header } = context
  return {
    label: `${header.run}/${state.index}/${state.attempt}`,
    requests: ready.requests,
    bytes: ready.bytes,
    open: () => new OpenRequests(context, state, ready).blocks(),
  }
}

export async function writeWithdrawn(context: RunContext, state: BatchState, withdrawn: Withdrawn): Promise<void> {
  const file = await context.artifacts.create(context.header.run, runFiles.withdrawn(state.index, state.attempt))
  try {
    await file.write(Buffer.from(JSON.stringify([...withdrawn])))
    await file.commit()
  } catch (error) {
    await file.abort()
    throw error
  }
}

export async function readWithdrawn(context: RunContext, index: number, attempt: number): Promise<Withdrawn> {
  const name = runFiles.withdrawn(index, attempt)
  if ((await context.artifacts.size(context.header.run, name)) === undefined) return new Map()
  const pieces: Uint8Array[] = []
  for await (const piece of context.artifacts.read(context.header.run, name)) pieces.push(Buffer.from(piece))
  return new Map(JSON.parse(Buffer.concat(pieces).toString('utf8')) as [number, string][])
}

/** Why a document of the line is not what was planned; null: all are. Each document is read once for a batch. */
async function changedDocument(
  context: RunContext,
  line: RequestLine,
  uploads: UploadedIds,
  checked: Map<string, string | null>,
): Promise<string | null> {
  for (const part of line.parts) {
    if (typeof part === 'string') continue
    if (isUpload(part)) {
      // The provider has the planned content, whatever became of the file since.
      const uploaded = uploads.get(uploadName(part))
      if (uploaded !== undefined && 'problem' in uploaded) return uploaded.problem
      continue
    }
    const name = `${part.base}:${part.path}:${part.digest}`
    let reason = checked.get(name)
    if (reason === undefined) {
      reason = await changeOf(context, part)
      checked.set(name, reason)
    }
    if (reason !== null) return reason
  }
  return null
}

async function changeOf(context: RunContext, ref: DocumentRef): Promise<string | null> {
  try {
    for await (const _ of openDocument(ref, context.folders)) {
      // Only the digest at the end matters.
    }
    return null
  } catch (error) {
    if (error instanceof DocumentChangedError) return error.message
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'EACCES' || code === 'EISDIR') {
      return `The document ${ref.path} cannot be read any more (${code}).`
    }
    throw error
  }
}
