// The files at the provider that only runs about to be removed refer to.

import { messageOf, UserError } from '../core/errors.ts'
import type { Json } from '../core/json.ts'
import { checkpointKeys, type RunHeader, type RunIdentity } from '../core/run.ts'
import { patiently } from '../run/patiently.ts'
import { readRequests } from '../run/request-file.ts'
import { isUpload, type UploadEntry, uploadName, uploadScope } from '../run/uploads.ts'
import { type Connected, connect } from './connect.ts'
import { allRuns } from './runs.ts'
import type { Workspace } from './workspace.ts'

export interface PrunedUploads {
  /** Files deleted, or that would be. */
  readonly deleted: number
  /** Files that stay at the provider until they expire, with the reason as a full sentence. */
  readonly kept: readonly { readonly files: number; readonly why: string }[]
}

/**
 * Deletes the uploaded files of `leaving` that no other run of this store refers to. Nothing else at the provider is
 * touched, and a file that could not be deleted stays known, so that it is still used. Call it before the runs go: only
 * their requests say which files they used.
 */
export async function pruneUploads(
  workspace: Workspace,
  leaving: readonly RunHeader[],
  isDry: boolean,
): Promise<PrunedUploads> {
  const places = await placesOf(workspace, leaving)
  if (places.size === 0) return { deleted: 0, kept: [] }
  const gone = new Set(leaving.map(({ run }) => run))
  const staying = (await allRuns(workspace)).filter(({ run }) => !gone.has(run))
  for (const [scope, { names }] of await placesOf(workspace, staying)) {
    for (const name of names) places.get(scope)?.names.delete(name)
  }
  let deleted = 0
  const kept: { files: number; why: string }[] = []
  for (const [scope, place] of places) {
    const entries = await entriesOf(workspace, scope, place.names)
    const end =
      isDry || entries.length === 0 ? { deleted: entries.length } : await emptyPlace(workspace, scope, place, entries)
    deleted += end.deleted
    if (end.deleted < entries.length) kept.push({ files: entries.length - end.deleted, why: end.why ?? '' })
  }
  return { deleted, kept }
}

/** Whose files they are: one workspace of one provider. */
interface Place {
  /** A run that knows how to connect there. */
  readonly header: RunHeader
  /** Of the contents that runs refer to, as `uploadName` gives them. */
  readonly names: Set<string>
}

interface Entry {
  readonly key: string
  readonly value: UploadEntry
}

async function placesOf(workspace: Workspace, headers: readonly RunHeader[]): Promise<Map<string, Place>> {
  const places = new Map<string, Place>()
  for (const header of headers) {
    if (!header.job.documents.some(({ upload }) => upload === 'files')) continue
    const identity = (await workspace.store.read(checkpointKeys.identity(header.run))) as unknown as
      | RunIdentity
      | undefined
    // Without an identity it has never been sent, and nothing was uploaded for it.
    if (identity === undefined) continue
    const scope = uploadScope(identity)
    const place = places.get(scope) ?? { header, names: new Set<string>() }
    places.set(scope, place)
    for (const { index, requests } of header.batches) {
      if (requests === 0) continue
      for await (const { parts } of readRequests(workspace.artifacts, header.run, index, 1)) {
        for (const part of parts) if (isUpload(part)) place.names.add(uploadName(part))
      }
    }
  }
  return places
}

async function entriesOf({ store }: Workspace, scope: string, names: Iterable<string>): Promise<Entry[]> {
  const entries: Entry[] = []
  for (const name of names) {
    const key = checkpointKeys.upload(scope, name)
    const value = (await store.read(key)) as unknown as UploadEntry | undefined
    if (value !== undefined) entries.push({ key, value })
  }
  return entries
}

async function emptyPlace(
  workspace: Workspace,
  scope: string,
  { header }: Place,
  entries: readonly Entry[],
): Promise<{ deleted: number; why?: string }> {
  let connected: Connected
  try {
    connected = await connect(workspace, header.job, header.local)
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return { deleted: 0, why: error.message }
  }
  try {
    if (uploadScope(connected.identity) !== scope)
      return { deleted: 0, why: 'They were uploaded with another key, to another workspace or to another base URL.' }
    return await deleteAll(workspace, connected, entries)
  } finally {
    await connected.close()
  }
}

async function deleteAll(
  { store, surroundings }: Workspace,
  { api, pace }: Connected,
  entries: readonly Entry[],
): Promise<{ deleted: number; why?: string }> {
  const { clock, random, interrupted } = surroundings
  let deleted = 0
  for (const { key, value } of entries) {
    // Forgotten first: a run that is planned meanwhile uploads the content again and never refers to a file that goes.
    await store.delete(key)
    try {
      await patiently(async () => api.files?.delete(value.id, interrupted), { clock, random, pace }, interrupted)
      deleted += 1
    } catch (error) {
      await store.write(key, value as unknown as Json)
      return { deleted, why: `The provider did not delete them: ${messageOf(error)}` }
    }
  }
  return { deleted }
}
