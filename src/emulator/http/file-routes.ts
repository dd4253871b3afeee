// /v1/files: documents that are uploaded once and referred to by their id.

import type { JsonObject } from '../../core/json.ts'
import { ApiError, invalidRequest, notFound } from '../api-error.ts'
import { timestamp } from '../state/batch.ts'
import type { Clock } from '../state/clock.ts'
import type { FileStore, StoredFile } from '../state/file-store.ts'
import { seededId } from '../state/seeded.ts'
import type { Call, Reply, Route } from './call.ts'
import { pageOf, readLimit, readPageQuery } from './page.ts'
import { receiveFile } from './receive-file.ts'

/** With this beta header the shapes are those from before the Files API became generally available. */
const OLD_BETA = 'files-api-2025-04-14'
const MAX_IDS = 100

export interface FileWorld {
  readonly files: FileStore
  readonly clock: Clock
  readonly seed: number
}

export function fileRoutes(world: FileWorld): Route[] {
  const all = '/v1/files'
  const one = '/v1/files/:id'
  return [
    { method: 'POST', path: all, name: 'files', answer: (call) => upload(world, call) },
    { method: 'GET', path: all, name: 'files_read', answer: async (call) => list(world, call) },
    { method: 'GET', path: one, name: 'files_read', answer: async (call) => retrieve(world, call) },
    { method: 'DELETE', path: one, name: 'files', answer: (call) => remove(world, call) },
    { method: 'GET', path: `${one}/content`, name: 'files', answer: async (call) => download(world, call) },
  ]
}

async function upload({ files, clock, seed }: FileWorld, call: Call): Promise<Reply> {
  const received = await receiveFile(call.incoming, await files.newIncoming())
  const nowMs = clock.now()
  const file = await files.accept(received.folder, (sequence) => ({
    id: seededId('file', seed, sequence, received.digest, received.filename),
    sequence,
    filename: received.filename,
    mediaType: received.mediaType,
    bytes: received.bytes,
    createdAtMs: nowMs,
    expiresAtMs: received.expiresInSeconds === undefined ? null : nowMs + received.expiresInSeconds * 1000,
  }))
  return { body: { json: metadata(file, call) } }
}

function list({ files }: FileWorld, call: Call): Reply {
  const isListed = (file: StoredFile) => file.isDeleted === undefined
  if (isOld(call)) {
    const page = pageOf(files.newestFirst, readPageQuery(call.query), isListed)
    return { body: { json: { ...page, data: page.data.map((file) => metadata(file, call)) } } }
  }
  const ids = new Set([...call.query.getAll('ids'), ...call.query.getAll('ids[]')])
  if (ids.size > MAX_IDS) throw invalidRequest(`ids: List should have at most ${MAX_IDS} items`)
  const page = call.query.get('page')
  if (ids.size > 0) {
    if (page !== null || call.query.has('limit'))
      throw invalidRequest('ids: cannot be given together with page or limit')
    const found = files.newestFirst.filter((file) => isListed(file) && ids.has(file.id))
    return { body: { json: { data: found.map((file) => metadata(file, call)), next_page: null } } }
  }
  const limit = readLimit(call.query.get('limit'))
  const found = pageOf(files.newestFirst, page ? { limit, afterId: page } : { limit }, isListed)
  const next = found.has_more ? found.last_id : null
  return { body: { json: { data: found.data.map((file) => metadata(file, call)), next_page: next } } }
}

function retrieve(world: FileWorld, call: Call): Reply {
  return { body: { json: metadata(fileOf(world, call), call) } }
}

async function remove(world: FileWorld, call: Call): Promise<Reply> {
  const file = fileOf(world, call)
  await world.files.remove(file)
  return { body: { json: { id: file.id, type: 'file_deleted' } } }
}

function download(world: FileWorld, call: Call): Reply {
  const file = fileOf(world, call)
  throw new ApiError(400, 'invalid_request_error', `File ${file.id} is not downloadable.`, {
    details: { error_code: 'file_not_downloadable' },
  })
}

function fileOf({ files }: FileWorld, call: Call): StoredFile {
  const id = call.params.id ?? ''
  const file = files.find(id)
  if (file === undefined) throw notFound(`File not found: ${id}`)
  return file
}

function isOld(call: Call): boolean {
  return call.betas.includes(OLD_BETA)
}

function metadata(file: StoredFile, call: Call): JsonObject {
  const expiresAt = file.expiresAtMs === null ? null : timestamp(file.expiresAtMs, file.sequence)
  return {
    id: file.id,
    type: 'file',
    filename: file.filename,
    mime_type: file.mediaType,
    size_bytes: file.bytes,
    created_at: timestamp(file.createdAtMs, file.sequence),
    downloadable: false,
    ...(isOld(call) ? {} : { expires_at: expiresAt }),
  }
}
